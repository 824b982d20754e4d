/**
 * The process that runs a session: started by `mosh-server` in a process session of its own, it exits when the session
 * has ended (spec 1.8, 1.9).
 */
import { type Answer, inheritance } from "./receiveHandover.ts"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"
import * as Fs from "node:fs"
import * as ShellWords from "../../domain/arguments/ShellWords.ts"
import * as Detached from "../../domain/registry/Detached.ts"
import * as Ending from "../../domain/session/Ending.ts"
import type { SessionRecord } from "../../domain/registry/SessionRecord.ts"
import * as SessionKey from "../../domain/crypto/SessionKey.ts"
import type * as ControlMessage from "../../domain/registry/ControlMessage.ts"
import * as PortRange from "../../domain/arguments/PortRange.ts"
import type { Attachments } from "../../services/server/Attachments.ts"
import { MoshServer } from "../../services/server/MoshServer.ts"
import type { TransportStatus } from "../../services/transport/Transport.ts"
import type { Session } from "../../services/server/Session.ts"
import * as ServerForwarding from "../../services/forwarding/ServerForwarding.ts"
import * as NodeSockets from "../../services/node/forwarding/NodeSockets.ts"
import * as NodeDatagrams from "../../services/node/udp/NodeDatagrams.ts"
import * as EventLog from "../../services/node/files/EventLog.ts"
import * as Foreground from "../../services/node/pty/Foreground.ts"
import * as NodeLogin from "../../services/node/pty/NodeLogin.ts"
import * as NodeMoshServer from "../../services/node/NodeMoshServer.ts"
import * as NodePacketCipher from "../../services/node/wire/NodePacketCipher.ts"
import * as NodeTimer from "../../services/node/NodeTimer.ts"
import * as NodePty from "../../services/node/pty/NodePty.ts"
import * as SessionLog from "../../services/node/sessions/SessionLog.ts"
import * as SessionRegistry from "../../services/node/sessions/SessionRegistry.ts"
import * as XtermEmulator from "../../services/node/xterm/XtermEmulator.ts"
import * as AttachmentLog from "./attachmentLog.ts"
import * as AgentClients from "../../services/agent/AgentClients.ts"
import * as AgentSocket from "./agentSocket.ts"
import * as CommandSession from "./commandSession.ts"
import type { Handover } from "./sendHandover.ts"
import { run } from "../shared/run.ts"
import * as V8Tuning from "../shared/v8Tuning.ts"

// `pgrep -f` and `ps` show this.
process.title = ["mosh-server", ...process.argv.slice(2)].join(" ")

/** Handles SIGTERM. Before the session is open, it makes the session end as soon as it is. */
let early = false
let terminate = (): void => {
  early = true
}
for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => terminate())

// The session survives the end of the ssh connection and of the process that started this one. SIGUSR1 is handled as early
// as possible, because Node's default is to listen for debuggers.
for (const signal of ["SIGHUP", "SIGPIPE", "SIGUSR1"]) process.on(signal, () => undefined)

process.on("uncaughtException", (error) => {
  process.exit(fail(error.message))
})

const Handover: Schema.Codec<Handover> = Schema.Struct({
  key: Schema.String,
  colors: Schema.Finite,
  command: Schema.Array(Schema.String),
  withoutTerminal: Schema.Boolean,
  agent: Schema.Boolean,
  size: Schema.Struct({ columns: Schema.Int, rows: Schema.Int }),
  networkTimeout: Schema.NullOr(Schema.Finite),
  signalTimeout: Schema.NullOr(Schema.Finite),
  scrollback: Schema.Int,
  forwarding: Schema.Struct({ connects: Schema.Boolean, listens: Schema.Boolean }),
  everywhere: Schema.Boolean,
  name: Schema.NullOr(Schema.String),
  persistent: Schema.Boolean,
  verbosity: Schema.Int,
  coreLimit: Schema.NullOr(Schema.String),
  own: Schema.Array(Schema.String)
})

type Settings = Omit<Handover, "key">

/** `mosh-server` passed no session to this process. `reason` holds nothing of the key. */
class HandoverFailed extends Data.TaggedError("HandoverFailed")<{ readonly reason: string }> {}

/** The settings from `mosh-server`, and a server on the socket and the key that it passed. */
const handedOver = Effect.gen(function* () {
  const inherited = yield* Effect.promise(() => inheritance)
  if (inherited === undefined) return yield* new HandoverFailed({ reason: "mosh-server handed nothing over" })
  // The settings are passed around; the key is not.
  const { key: text, ...settings } = yield* Schema.decodeUnknownEffect(Handover)(inherited.message, {
    errors: "all"
  }).pipe(Effect.mapError(({ issue }) => new HandoverFailed({ reason: malformed(issue) })))
  const key = yield* Effect.fromResult(SessionKey.parse(text)).pipe(
    Effect.mapError(() => new HandoverFailed({ reason: malformedAt(["key"]) }))
  )
  // The first listener has the socket and the key of the starter, each later one its own.
  let first: NodeMoshServer.Network | undefined = () =>
    NodeDatagrams.adopted(inherited.socket, { everywhere: settings.everywhere })
  let firstKey: typeof key | undefined = key
  const network: NodeMoshServer.Network = (options) => {
    const own = first
    first = undefined
    return own === undefined
      ? NodeDatagrams.server({ ...options, ports: options.ports ?? PortRange.DEFAULT })
      : own(options)
  }
  const keys = Effect.suspend(() => {
    const own = firstKey
    firstKey = undefined
    return own === undefined ? NodePacketCipher.newKey : Effect.succeed(own)
  })
  const layer = NodeMoshServer.layerOver(network, keys).pipe(Layer.provide(programs))
  // The starter waits for the registration of a name only.
  if (settings.name === null) inherited.close()
  return { settings, layer, close: inherited.close }
})

const issuesOf = SchemaIssue.makeFormatterStandardSchemaV1()

/** Names the fields, not their values: one of them is the key. */
const malformed = (issue: SchemaIssue.Issue): string =>
  malformedAt(issuesOf(issue).issues.map(({ path = [] }) => path.map(String).join(".")))

const malformedAt = (fields: ReadonlyArray<string>): string =>
  `mosh-server's handover is malformed${fields.join("") === "" ? "" : ` at ${fields.join(", ")}`}`

/**
 * Sets the short name, which `ss -p` and `killall` use, and which Linux stores apart from the title. `--list` finds sessions by it,
 * also those that cannot register. So a session has it only after it tried to, and is not listed while it starts.
 */
const showName = (): void => {
  try {
    Fs.writeFileSync("/proc/self/comm", "mosh-server")
  } catch {
    // Other systems have only the title.
  }
}

const programs = Layer.mergeAll(NodePty.layer, XtermEmulator.layer, NodeTimer.layer)

/** Reports an internal error, with `-v` on stderr, and in the log. Returns the exit status, 1. */
const fail = (message: string): number => {
  print(`mosh-server: internal error: ${message}`)
  Effect.runSync(log("Fatal", "session ended", { why: "InternalError", message }))
  SessionLog.write(process.env, process.pid, `the session ended: internal error: ${message}`)
  return 1
}

const eventLog = EventLog.configured("mosh-server")

/** For `MOSH_LOG`. */
const log = (level: "Info" | "Fatal", event: string, fields: Readonly<Record<string, unknown>>): Effect.Effect<void> =>
  Effect.logWithLevel(level)(event).pipe(Effect.annotateLogs(fields), Effect.provide(eventLog))

const print = (text: string): void => {
  try {
    process.stderr.write(text + "\n")
  } catch {
    // With `-v`, stderr is a terminal, which may have been closed.
  }
}

/** The age of this process, ms. */
const age = (): number => Math.round(process.uptime() * 1000)

const record = (settings: Settings, { attachments, session }: Served): SessionRecord => {
  const contact = attachments.contact()
  const list = attachments.list()
  return {
    pid: process.pid,
    age: age(),
    told: {
      port: list.findLast(({ phase }) => phase !== "Closing")?.port ?? 0,
      ...(settings.name !== null && { name: settings.name }),
      since: attachments.attached(),
      program: settings.command.length === 0 ? "login shell" : ShellWords.display(settings.command),
      ...foreground(session),
      attached: list.some(({ phase, status }) => phase === "Attached" && status.attached),
      contact: contact === undefined ? null : { age: contact.age, from: hostOf(contact.from) }
    }
  }
}

/** What distinguishes a session from the user's others, as far as the system shows it. */
const foreground = (session: Session): Pick<SessionRecord["told"], "foreground" | "directory" | "title"> => {
  const { title } = session.frame()
  const found = Foreground.of(session.pid(), process.env["HOME"])
  return {
    ...(found !== undefined && { foreground: cut(found.program), directory: cut(found.directory) }),
    ...(title !== undefined && { title: cut(title) })
  }
}

/** Limits a text, because the reply is limited, and the list shows no more. */
const cut = (text: string): string => text.slice(0, 200)

/** The sessions of which a login shell warns. Does not wait for sessions that are stopped. */
const detachedSessions = (settings: Settings) =>
  settings.command.length > 0
    ? Effect.succeed([])
    : SessionRegistry.list(process.env, SessionLog.lost(process.env)).pipe(
        Effect.map((found) => Detached.names(found.flatMap(({ record }) => record ?? []))),
        Effect.timeoutOrElse({ duration: PATIENCE, orElse: () => Effect.succeed([]) })
      )

const PATIENCE = 300

/** An address without its port. */
const hostOf = (address: string): string => address.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1")

/** The session of this process. */
interface Served {
  readonly session: Session
  readonly attachments: Attachments
}

/** Admits one more client. */
const admit = (
  { attachments }: Served,
  { address, by, everywhere, mode, ports }: ControlMessage.Request
): Effect.Effect<ControlMessage.Reply> =>
  attachments.admit({ address: address ?? undefined, everywhere, ports, mode }).pipe(
    Effect.map((admitted) => ({ admitted, warning: undefined })),
    Effect.catchTag("BindError", (error) =>
      address === null
        ? Effect.fail(error)
        : Effect.map(attachments.admit({ everywhere, ports, mode }), (admitted) => ({
            admitted,
            warning: error.message
          }))
    ),
    Effect.tap(({ admitted }) =>
      log("Info", "attachment admitted", { id: admitted.id, port: admitted.port, mode, by })
    ),
    Effect.map(({ admitted: { key, port }, warning }): ControlMessage.Reply => ({
      _tag: "Attached",
      port,
      key,
      ...(warning !== undefined && { warning: cut(warning) })
    })),
    Effect.catch(({ message }) => Effect.succeed<ControlMessage.Reply>({ _tag: "Refused", reason: cut(message) }))
  )

/** Serves commands without a terminal, to the end of the session. */
const runCommands = Effect.fnUntraced(function* (server: MoshServer["Service"], settings: Settings) {
  let status: (() => TransportStatus) | undefined
  const run = Effect.runSyncWith(yield* Effect.context<never>())
  const why = yield* CommandSession.run(server, settings, (listening) => {
    status = listening.status
    terminate = listening.terminate
    if (early) terminate()
    run(log("Info", "session opened", { port: listening.port, commands: true }))
  })
  const text = Ending.line(why, { age: age(), end: undefined })
  if (why !== "ClientLeft") SessionLog.write(process.env, process.pid, text)
  yield* log("Info", "session ended", { why, text, ...(status && counts(status())) })
  if (settings.verbosity > 0) print(`mosh-server: ${text}`)
})

const session = Effect.gen(function* () {
  const { close, layer, settings } = yield* handedOver
  for (const name of settings.own) delete process.env[name]
  const server = Context.get(yield* Layer.build(layer), MoshServer)
  if (settings.withoutTerminal) return yield* runCommands(server, settings)
  const detached = yield* Deferred.make<ReadonlyArray<string>>()
  const program = NodeLogin.program(settings, process.env, Deferred.await(detached))
  const agents = settings.agent ? AgentClients.make({ leader: () => leader() }) : undefined
  let leader = (): string | undefined => undefined
  const agentSocket = agents && (yield* Effect.provide(AgentSocket.open(agents), NodeSockets.layer))
  if (settings.agent && agentSocket === undefined)
    yield* log("Info", "agent not forwarded", { why: "there is no private directory for its socket" })
  const session = yield* server.open({
    program: {
      ...program,
      environment: {
        ...program.environment,
        MOSH_SESSION: settings.name ?? String(process.pid),
        ...(agentSocket !== undefined && { SSH_AUTH_SOCK: agentSocket })
      },
      coreLimit: settings.coreLimit ?? undefined
    },
    size: settings.size,
    scrollback: settings.scrollback
  })
  const attachments = yield* server.attachments(session, {
    persistent: settings.persistent,
    name: settings.name ?? String(process.pid),
    streamHandlers: [
      yield* Effect.provide(ServerForwarding.make(settings.forwarding), NodeSockets.layer),
      ...(agents === undefined || agentSocket === undefined ? [] : [agents.handler])
    ],
    limits: { network: settings.networkTimeout ?? Infinity, signal: settings.signalTimeout ?? 0 }
  })
  leader = () => attachments.list().find(({ leads }) => leads)?.status.peer
  const { port } = yield* attachments.admit()
  const served: Served = { session, attachments }

  terminate = attachments.terminate
  if (early) terminate()
  process.on("SIGUSR1", attachments.hangUpIfIdle)

  const register = SessionRegistry.register(process.env, {
    record: () => record(settings, served),
    control: (request) => admit(served, request),
    name: settings.name ?? undefined
  }).pipe(Effect.tap(() => Effect.sync(showName)))
  if (settings.name === null) yield* Effect.forkScoped(register)
  else {
    const answer: Answer = yield* register
    close(answer)
    if (answer._tag !== "Registered") return
  }

  yield* log("Info", "session opened", { port, ...settings.size })
  // It is needed in any case, and the client has usually not connected yet.
  yield* Effect.promise(() => import("node-pty").catch(() => undefined))
  V8Tuning.server()

  yield* Effect.forkScoped(AttachmentLog.run(attachments, (event, fields) => log("Info", event, fields)))
  yield* Effect.forkScoped(Effect.flatMap(detachedSessions(settings), (names) => Deferred.succeed(detached, names)))
  const why = yield* attachments.ended
  const end = why === "ProgramEnded" ? yield* session.ended : undefined
  const text = Ending.line(why, { age: age(), end })
  SessionLog.write(process.env, process.pid, text)
  const status = attachments.status()
  yield* log("Info", "session ended", { why, text, ...(status && counts(status)) })
  if (settings.verbosity > 0) {
    print(`mosh-server: ${text}`)
    print("[mosh-server is exiting.]")
  }
}).pipe(
  Effect.scoped,
  Effect.as(0),
  Effect.catchTags({
    HandoverFailed: ({ reason }) =>
      Effect.sync(() => {
        SessionLog.write(process.env, process.pid, `the session never began: ${reason}`)
        print(`mosh-server-session: ${reason}. mosh-server starts this program; please run that.`)
        return 1
      }),
    // The socket is bound, and the starter has checked the limits.
    BindError: Effect.die,
    OptionError: Effect.die
  })
)

/** Counters of the connection, for `MOSH_LOG`. */
const counts = ({ counters, srtt }: TransportStatus) => ({
  ...counters,
  roundTripMilliseconds: srtt === undefined ? undefined : Math.round(srtt)
})

run(Effect.provide(session, eventLog), fail)
