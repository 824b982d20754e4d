/**
 * A worker: a machine that holds sessions.
 *
 *     FLEET_MACHINE=worker-1 FLEET_ADDRESS=192.0.2.11 FLEET_RUNNER=10.0.0.11 node examples/fleet/worker.ts
 *
 * SIGTERM drains it: it gets no new sessions, and ends when the last one has ended, at most `FLEET_DRAIN` seconds later.
 *
 * All sessions run as the user who started the worker, and so can reach each other's files. Where users must be kept apart, start
 * the worker as root, and let `program` run `runuser --login OWNER`, or a container.
 */
import { Config, Console, Effect, Layer } from "effect"
import { NodeMoshCluster, SessionHost, type SessionMessages } from "effect-mosh/cluster"
import { NodeLogin, NodeMoshServer } from "effect-mosh/node"
import { database, secrets, telemetry } from "./settings.ts"

/** What sessions inherit from the worker: nothing that starts with `FLEET_`. */
const inherited = Object.fromEntries(["HOME", "PATH", "SHELL", "USER"].map((name) => [name, process.env[name]]))

/** A login shell, or the command that the user gave to `mosh`. */
const program = ({ request: { command, environment } }: { readonly request: SessionMessages.Request }) =>
  NodeLogin.program(
    { command, colors: environment["TERM"] === "xterm-256color" ? 256 : 8 },
    { ...inherited, ...environment }
  )

const worker = Layer.unwrap(
  Effect.gen(function* () {
    const machine = yield* Config.String("FLEET_MACHINE")
    const port = yield* Config.Int("FLEET_UDP").pipe(Config.withDefault(60_001))
    return NodeMoshCluster.layerWorker({
      machine,
      address: yield* Config.String("FLEET_ADDRESS"),
      ports: { low: port, high: port },
      runner: {
        host: yield* Config.String("FLEET_RUNNER"),
        port: yield* Config.Port("FLEET_RUNNER_PORT").pipe(Config.withDefault(34_431))
      },
      secrets: yield* secrets,
      sessionsPerUser: 16,
      program
    })
  })
)

const work = Effect.gen(function* () {
  const host = yield* SessionHost
  const within = 1000 * (yield* Config.Int("FLEET_DRAIN").pipe(Config.withDefault(3600)))
  const run = Effect.runForkWith(yield* Effect.context<never>())
  process.once("SIGTERM", () => run(host.drain({ within })))
  yield* Console.log(`ready, UDP port ${host.port}`)
  yield* host.drained
}).pipe(
  Effect.provide(
    worker.pipe(Layer.provide([NodeMoshServer.layer, database]), Layer.provideMerge(telemetry("mosh-worker")))
  )
)

Effect.runPromise(work).then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(`worker: ${error instanceof Error ? error.message : String(error)}`)
    process.exit(1)
  }
)
