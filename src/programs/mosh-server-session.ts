/**
 * The process that keeps a session: started by `mosh-server`, alone in its own session of processes, until the session
 * is over (spec 1.8, 1.9).
 */
import * as Data from "effect/Data"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Fs from "node:fs"
import * as ShellWords from "../domain/bootstrap/ShellWords.ts"
import * as Detached from "../domain/server/Detached.ts"
import * as Ending from "../domain/server/Ending.ts"
import type { SessionRecord } from "../domain/server/SessionRecord.ts"
import { MoshServer, type Served } from "../services/MoshServer.ts"
import * as NodeEventLog from "../services/node/NodeEventLog.ts"
import * as NodeLogin from "../services/node/NodeLogin.ts"
import * as NodeMoshServer from "../services/node/NodeMoshServer.ts"
import * as NodeSessionLog from "../services/node/NodeSessionLog.ts"
import * as NodeSessionRegistry from "../services/node/NodeSessionRegistry.ts"
import * as Handover from "./mosh-server-handover.ts"
import { run } from "./run.ts"
import * as Thrift from "./thrift.ts"

// `pgrep -f` and `ps` know the process by this; `ss -p` and `killall` by its short name, which Linux keeps apart.
process.title = ["mosh-server", ...process.argv.slice(2)].join(" ")
try {
  Fs.writeFileSync("/proc/self/comm", "mosh-server")
} catch {
  // Another system: the title has to do.
}

// The end of the ssh connection, or of whatever started us, is not the end of the session. SIGUSR1 is ours as soon as can
// be: until somebody takes it, it makes Node listen for debuggers.
for (const signal of ["SIGHUP", "SIGPIPE", "SIGUSR1"]) process.on(signal, () => undefined)

process.on("uncaughtException", (error) => {
  process.exit(fail(error.message))
})

const Request: Schema.Codec<Handover.Request, string> = Schema.fromJsonString(
  Schema.Struct({
    address: Schema.NullOr(Schema.String),
    ports: Schema.Struct({ low: Schema.Int, high: Schema.Int }),
    colors: Schema.Finite,
    command: Schema.Array(Schema.String),
    size: Schema.Struct({ columns: Schema.Int, rows: Schema.Int }),
    networkTimeout: Schema.NullOr(Schema.Finite),
    signalTimeout: Schema.NullOr(Schema.Finite),
    verbosity: Schema.Int,
    coreLimit: Schema.NullOr(Schema.String),
    own: Schema.Array(Schema.String)
  })
)

/** This program was started by something else than `mosh-server`. */
class NotHandedOver extends Data.TaggedError("NotHandedOver") {}

const readRequest = Effect.try(() => Fs.readFileSync(Handover.DESCRIPTOR, "utf8")).pipe(
  Effect.andThen(Schema.decodeEffect(Request)),
  Effect.mapError(() => new NotHandedOver())
)

const report = (message: Handover.Report): Effect.Effect<void> =>
  Effect.sync(() => {
    try {
      Fs.writeSync(Handover.DESCRIPTOR, Handover.encode(message))
    } catch {
      // Nobody listens any more; the session goes on without them.
    }
  })

const closeHandover = Effect.sync(() => Fs.closeSync(Handover.DESCRIPTOR))

/** What nobody foresaw: told with `-v`, and in the log. The exit status is 1. */
const fail = (message: string): number => {
  say(`mosh-server: internal error: ${message}`)
  Effect.runSync(log("Fatal", "session ended", { why: "InternalError", message }))
  NodeSessionLog.write(process.env, process.pid, `the session ended: internal error: ${message}`)
  return 1
}

const eventLog = NodeEventLog.layer(process.env["MOSH_LOG"], "mosh-server")

/** For `MOSH_LOG`. */
const log = (level: "Info" | "Fatal", event: string, fields: Readonly<Record<string, unknown>>): Effect.Effect<void> =>
  Effect.logWithLevel(level)(event).pipe(Effect.annotateLogs(fields), Effect.provide(eventLog))

const say = (text: string): void => {
  try {
    process.stderr.write(text + "\n")
  } catch {
    // With `-v`, stderr is somebody's terminal, and may be gone.
  }
}

/** How long this process has lived, ms. */
const age = (): number => Math.round(process.uptime() * 1000)

const record = (request: Handover.Request, served: Served): SessionRecord => {
  const contact = served.contact()
  return {
    pid: process.pid,
    age: age(),
    told: {
      port: served.port,
      program: request.command.length === 0 ? "login shell" : ShellWords.display(request.command),
      attached: served.status().attached,
      contact: contact === undefined ? null : { age: contact.age, from: hostOf(contact.from) }
    }
  }
}

/** Whom a login shell warns of. Not worth waiting for a session that is stopped. */
const detachedSessions = (request: Handover.Request) =>
  request.command.length > 0
    ? Effect.succeed([])
    : NodeSessionRegistry.list(process.env, NodeSessionLog.lost(process.env)).pipe(
        Effect.map((found) => Detached.names(found.flatMap(({ record }) => record ?? []))),
        Effect.timeoutOrElse({ duration: PATIENCE, orElse: () => Effect.succeed([]) })
      )

const PATIENCE = 300

/** An address without its port. */
const hostOf = (address: string): string => address.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1")

const session = Effect.gen(function* () {
  const server = yield* MoshServer
  const request = yield* readRequest
  const warnings: Array<string> = []
  for (const name of request.own) delete process.env[name]
  const detached = yield* Deferred.make<ReadonlyArray<string>>()
  const served = yield* server.serve({
    program: {
      ...NodeLogin.program(request, process.env, Deferred.await(detached)),
      coreLimit: request.coreLimit ?? undefined
    },
    address: request.address ?? undefined,
    ports: request.ports,
    size: request.size,
    limits: { network: request.networkTimeout ?? Infinity, signal: request.signalTimeout ?? 0 },
    onAddressRefused: (error) => warnings.push(`mosh-server: ${error.message}; binding to any interface.`)
  })

  process.on("SIGTERM", served.terminate)
  process.on("SIGINT", served.terminate)
  process.on("SIGUSR1", served.hangUpIfIdle)

  const obstacle = NodeEventLog.obstacle(process.env["MOSH_LOG"])
  if (obstacle !== undefined) warnings.push(`mosh-server: MOSH_LOG cannot be written: ${obstacle}.`)
  yield* log("Info", "session opened", { port: served.port, ...request.size })
  for (const text of warnings) yield* report({ _tag: "Warning", text })
  yield* report({ _tag: "Listening", port: served.port, key: served.key })
  yield* closeHandover
  // The client is a round trip away: time enough to load what it will need.
  yield* Effect.promise(() => import("node-pty").catch(() => undefined))
  Thrift.server()

  yield* Effect.forkScoped(Effect.flatMap(detachedSessions(request), (names) => Deferred.succeed(detached, names)))
  yield* Effect.forkScoped(NodeSessionRegistry.register(process.env, () => record(request, served)))

  const why = yield* served.ended
  const end = why === "ProgramEnded" ? yield* served.session.ended : undefined
  const text = Ending.line(why, { age: age(), end })
  NodeSessionLog.write(process.env, process.pid, text)
  yield* log("Info", "session ended", { why, text, ...counts(served.status()) })
  if (request.verbosity > 0) {
    say(`mosh-server: ${text}`)
    say("[mosh-server is exiting.]")
  }
}).pipe(
  Effect.scoped,
  Effect.catchTags({
    BindError: (error) => report({ _tag: "Failed", text: `mosh-server: ${error.message}.` }),
    NotHandedOver: () => Effect.sync(() => say("mosh-server-session: this is started by mosh-server; please run that."))
  })
)

/** How the network was, for `MOSH_LOG`. */
const counts = ({ counters, srtt }: ReturnType<Served["status"]>) => ({
  ...counters,
  roundTripMilliseconds: srtt === undefined ? undefined : Math.round(srtt)
})

const runtime = Layer.mergeAll(NodeMoshServer.layer, eventLog)

run(Effect.as(Effect.provide(session, runtime), 0), fail)
