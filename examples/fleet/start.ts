/**
 * A whole fleet on this machine: Postgres, three workers, a gateway, and an sshd with two users, ada and grace.
 *
 *     npm run fleet
 *
 * It needs `ssh`, `sshd` and Postgres (Debian: `apt install openssh-server postgresql`), and no rights. `FLEET_DATABASE` is the URL of a
 * database to use instead. Everything is in a temporary directory, which is removed at the end; Ctrl-C ends the fleet.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Effect } from "effect"
import * as Crypto from "node:crypto"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import * as Postgres from "./postgres.ts"
import { freePort, spawned } from "./processes.ts"
import * as Sshd from "./sshd.ts"

const WORKERS = ["worker-1", "worker-2", "worker-3"]
const USERS = ["ada", "grace"]

/** V8's young generation for hundreds of sessions, which saves memory and keeps V8 from marking while users type (docs/operating.md). */
const MANY_SESSIONS = ["--min-semi-space-size=32", "--max-semi-space-size=64", "--no-allocation-site-pretenuring"]

/** Starts a program of this directory with this process' Node, options and environment. */
const start = (
  directory: string,
  program: string,
  name: string,
  environment: Readonly<Record<string, string>>,
  options: ReadonlyArray<string> = []
) =>
  spawned({
    words: [process.execPath, ...process.execArgv, ...options, Path.join(import.meta.dirname, program)],
    environment,
    log: Path.join(directory, `${name}.log`),
    ready: /^ready/m
  })

/** Starts the fleet, until the scope closes. Returns ssh's configuration for its users. */
const fleet = Effect.gen(function* () {
  const directory = yield* Effect.acquireRelease(
    Effect.sync(() => Fs.mkdtempSync(Path.join(Os.tmpdir(), "mosh-fleet-"))),
    (path) => Effect.sync(() => Fs.rmSync(path, { recursive: true, force: true, maxRetries: 5 }))
  )
  const given = process.env["FLEET_DATABASE"]
  const database = given ?? (yield* Postgres.start(directory, yield* freePort))
  const common = { FLEET_DATABASE: database, FLEET_SECRET: Crypto.randomBytes(32).toString("base64") }
  const socket = Path.join(directory, "gateway")

  const worker = Effect.fnUntraced(function* (name: string) {
    const port = String(yield* freePort)
    const environment = {
      ...common,
      FLEET_MACHINE: name,
      FLEET_ADDRESS: "127.0.0.1",
      FLEET_RUNNER: "127.0.0.1",
      FLEET_RUNNER_PORT: port,
      // A port that the kernel chooses: in earnest, each worker has port 60001 of its own machine.
      FLEET_UDP: "0",
      FLEET_DRAIN: "0"
    }
    return yield* start(directory, "worker.ts", name, environment, MANY_SESSIONS)
  })
  yield* Effect.forEach(WORKERS, worker, { concurrency: "unbounded" })
  yield* start(directory, "gateway.ts", "gateway", { ...common, FLEET_SOCKET: socket })
  return yield* Sshd.start({ directory, port: yield* freePort, socket, users: USERS })
})

const main = Effect.gen(function* () {
  const config = yield* fleet
  yield* Console.log(`The fleet runs. As ada, from another terminal, with any mosh:

    mosh --ssh="ssh -F ${config}" --server="mosh-fleet session work" ada
    ssh -F ${config} ada mosh-fleet --list
    ssh -F ${config} ada web

The logs are in ${Path.dirname(config)}. Ctrl-C ends the fleet.`)
  return yield* Effect.never
})

NodeRuntime.runMain(Effect.scoped(main))
