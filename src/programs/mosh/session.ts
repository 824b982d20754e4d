/**
 * `mosh [user@]host`: starts a server there, then runs its client in this process (spec 1.2).
 */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Result from "effect/Result"
import * as Net from "node:net"
import * as Os from "node:os"
import * as Tty from "node:tty"
import type { Environment } from "../../domain/environment/Locale.ts"
import * as ShellWords from "../../domain/arguments/ShellWords.ts"
import * as AttachCommand from "../../domain/bootstrap/AttachCommand.ts"
import * as RemoteAddress from "../../domain/bootstrap/RemoteAddress.ts"
import * as SshCommand from "../../domain/bootstrap/SshCommand.ts"
import * as AgentChoice from "../../domain/forwarding/AgentChoice.ts"
import * as SshForwards from "../../domain/forwarding/SshForwards.ts"
import type { ServerEndpoint } from "../../domain/bootstrap/BootstrapTranscript.ts"
import * as Stage from "../../domain/bootstrap/Stage.ts"
import type { SessionRequest } from "../../domain/arguments/WrapperArguments.ts"
import { obstacles } from "../../domain/client/Requirements.ts"
import type { Listed } from "../../domain/registry/SessionRecord.ts"
import * as SessionTable from "../../domain/registry/SessionTable.ts"
import * as SessionKey from "../../domain/crypto/SessionKey.ts"
import { GIVE_UP } from "../../domain/client/Notification.ts"
import type { RelayOptions } from "../mosh-client/relayClient.ts"
import * as AskpassArgument from "./askpassArgument.ts"
import * as NodeKeptLogin from "../../services/node/ssh/NodeKeptLogin.ts"
import * as NodeSshBootstrap from "../../services/node/ssh/NodeSshBootstrap.ts"
import * as SshBootstrap from "../../services/bootstrap/SshBootstrap.ts"
import { lookup } from "../../services/node/udp/HostAddresses.ts"
import * as BootstrapContext from "./bootstrapContext.ts"
import * as ExternalClient from "./externalClient.ts"
import * as Progress from "./progress.ts"
import * as ProgramPaths from "../shared/programPaths.ts"
import * as Program from "../shared/run.ts"
import * as SessionsReport from "../shared/sessionsReport.ts"
import * as Verbose from "../shared/verbose.ts"

/** The exit status if no session was opened, as ssh's. */
const NO_SESSION = 255

/**
 * How long to wait for an answer by UDP, ms, with `--fallback`, and before asking the user: 8 s and 15 s, less the 1.5 s
 * that the shutdown and the search for the cause take.
 */
export const PATIENCE = 8000 - 1500
const PATIENCE_TO_ASK = GIVE_UP - 1500

/** The same through ssh, which may ask for a password: a server ends if no client connects within a minute. */
export const PATIENCE_SSH = 60_000

/** The session cannot be opened from here. `message` holds lines for the user. */
class NotReady extends Data.TaggedError("NotReady")<{ readonly message: string }> {}

/**
 * Opens the session, and ends this process when the session has ended. `settings` is the output of `ssh -G`, if that was
 * started.
 */
export const run = (request: SessionRequest, settings?: Promise<string>): void => {
  const status = session({ request, settings, environment: BootstrapContext.environment() }).pipe(
    Effect.catchTag("Signalled", ({ signal }) => Effect.succeed(128 + Os.constants.signals[signal])),
    Effect.catch((error) => Effect.as(print(error.message), NO_SESSION)),
    Effect.provide(NodeSshBootstrap.layer)
  )
  Program.run(status, (message) => {
    process.stderr.write(`mosh: internal error: ${message}\n`)
    return NO_SESSION
  })
}

export interface Call {
  readonly request: SessionRequest
  readonly settings: Promise<string> | undefined
  readonly environment: Environment
  /** Whether the login may be kept for a relay. Default: no. */
  readonly keepsLogin?: boolean
  readonly verbose?: Verbose.Verbose | undefined
  /** Shows a line of ssh or the server to the user. Default: on stdout. */
  readonly show?: ((line: string) => void) | undefined
}

const session = Effect.fnUntraced(function* (asked: Call) {
  const { client, verbose } = asked.request
  const call = verbose === undefined ? asked : { ...asked, verbose: yield* Verbose.open(verbose.file) }
  return client === undefined ? yield* withOwnClient(call) : yield* withClient(client, call)
})

const withOwnClient = Effect.fnUntraced(function* (call: Call) {
  const { environment, request, settings, verbose } = call
  const missing = obstacles(environment, Tty.isatty(1))
  if (missing.length > 0) return yield* new NotReady({ message: missing.join("\n") })
  const agent = yield* agentOf(call)
  const resolve = yield* resolver(call)
  const addresses = yield* lookUpMeanwhile(resolve)
  const server = yield* startServer(
    withAgent({ ...call, keepsLogin: true }, agent),
    undefined,
    () => void import("../mosh-client/client.ts")
  )
  const key = yield* Effect.fromResult(SessionKey.parse(server.key))
  const { runClient } = yield* Effect.promise(() => import("../mosh-client/client.ts"))
  const { gaveUp, status } = yield* runClient({
    host: server.address,
    port: server.port,
    addresses: addresses(),
    resolve,
    key,
    prediction: request.prediction,
    predictOverwrite: request.predictOverwrite,
    environment: {
      ...environment,
      ...(request.initTerminal ? {} : { MOSH_NO_TERM_INIT: "1" }),
      ...(request.scrollback === undefined ? {} : { MOSH_SCROLLBACK: request.scrollback })
    },
    agent,
    relay: yield* relayOf(call, server),
    forwarding: forwardingOf(request, SshForwards.parse(yield* Effect.promise(async () => (await settings) ?? ""))),
    verbose,
    viewOnly: request.attach !== undefined && request.mode === "View",
    attachCommand: (which) => AttachCommand.attachCommand(request, which),
    ...patience(request)
  })
  const { place } = request
  if (!gaveUp || place._tag === "Local" || request.transport === "ssh") return status
  const hostname = SshCommand.setting(yield* Effect.promise(async () => (await settings) ?? ""), "hostname")
  const { goOn } = yield* Effect.promise(() => import("./fallback.ts"))
  return yield* goOn({ request, place, server, hostname, environment, status })
})

/** Resolves the host's name, as ssh's configuration has it; `undefined` for a place without a name. */
export const resolver = ({ request: { family, place }, settings }: Call) =>
  Effect.map(
    Effect.promise(async () => (await settings) ?? ""),
    (text) => {
      if (place._tag === "Local") return undefined
      const { host } = RemoteAddress.splitDestination(place.destination)
      const name = SshCommand.setting(text, "hostname") ?? host
      // Behind a proxy, a host may call itself otherwise than its user does.
      return Net.isIP(name) !== 0
        ? Effect.succeed<ReadonlyArray<string>>([name])
        : Effect.map(
            Effect.promise(() => lookup(name)),
            Result.match({
              onFailure: (): ReadonlyArray<string> => [],
              onSuccess: (found) => RemoteAddress.usable(family, found)
            })
          )
    }
  )

/** Starts to resolve a name. Returns the addresses, none until they are known: the session does not wait for them. */
export const lookUpMeanwhile = Effect.fnUntraced(function* (resolve: Effect.Effect<ReadonlyArray<string>> | undefined) {
  let addresses: ReadonlyArray<string> = []
  if (resolve !== undefined)
    yield* Effect.forkChild(
      Effect.map(resolve, (found) => {
        addresses = found
      })
    )
  return () => addresses
})

/** The agent to offer to the server. */
export const agentOf = ({ environment, request, settings }: Call) =>
  Effect.map(
    Effect.promise(async () => (await settings) ?? ""),
    (text) =>
      AgentChoice.choose({
        asked: request.agent,
        forwardAgent: SshCommand.setting(text, "forwardagent"),
        environment
      })
  )

/** The call, whose server is to use the agent. */
export const withAgent = (call: Call, agent: AgentChoice.AgentChoice): Call => ({
  ...call,
  request: { ...call.request, agent: agent._tag === "Offer" }
})

/** The ssh that may carry the session; `undefined` if only UDP may. */
export const relayOf = Effect.fnUntraced(function* (
  { environment, request, settings }: Call,
  { kept, loginMs, port, startMs }: StartedServer
): Effect.fn.Return<RelayOptions | undefined> {
  const { family, place, transport } = request
  if (transport === "udp" || place._tag === "Local") return undefined
  const server = request.server ?? SshBootstrap.DEFAULT_SERVER
  const words = (connection?: SshCommand.Connection) => SshCommand.relayCommand(place, family, server, port, connection)
  // A connection that the user's own settings keep may save the login, too.
  const isShared =
    kept === undefined && SshCommand.sharesConnection(yield* Effect.promise(async () => (await settings) ?? ""))
  const first: RelayOptions["first"] =
    kept !== undefined
      ? {
          words: words({ socket: kept.socket }),
          isUsable: () => kept.openSince() !== undefined,
          release: kept.end
        }
      : isShared
        ? configuredRelay(words("Configured"))
        : undefined
  return {
    use: transport === "ssh" ? "Only" : "Fallback",
    login: kept === undefined ? { _tag: "Needed", ms: loginMs } : { _tag: "Kept", ms: startMs },
    first,
    words: words(),
    environment,
    askpass: [...ProgramPaths.words("mosh"), AskpassArgument.ASKPASS]
  }
})

/** Until it is released, because the user's connection fails together with the network, too. */
const configuredRelay = (words: ReadonlyArray<string>): NonNullable<RelayOptions["first"]> => {
  let isUsable = true
  return {
    words,
    isUsable: () => isUsable,
    release: () => {
      isUsable = false
    }
  }
}

/** What to forward: the options' forwardings first. */
export const forwardingOf = ({ forwards }: SessionRequest, configured: SshForwards.SshForwards) => ({
  ...configured,
  specs: forwards === undefined || configured.clearAll ? [] : [...forwards, ...configured.specs]
})

/** When to give up, and what the bar announces for that time. */
const patience = ({ attach, fallback, place, session, transport }: SessionRequest) => {
  if (transport === "ssh") return { giveUpAfter: PATIENCE_SSH }
  // Plain ssh reaches no session that runs already.
  if (place._tag === "Local" || attach !== undefined || session !== undefined) return {}
  if (fallback === "ssh") return { giveUpAfter: PATIENCE, unanswered: "plain ssh" }
  return Tty.isatty(0) && Tty.isatty(2) ? { giveUpAfter: PATIENCE_TO_ASK, unanswered: "asking about ssh" } : {}
}

const withClient = Effect.fnUntraced(function* (client: string, call: Call) {
  const { environment, request } = call
  if ((request.forwards ?? []).length > 0)
    yield* print("nothing is forwarded: only the built-in client can, without --client.")
  const colors = yield* ExternalClient.colors(client)
  const server = yield* startServer(withAgent(call, { _tag: "Off" }), colors, () => undefined)
  return yield* ExternalClient.run(client, { request, server, environment })
})

export interface StartedServer extends ServerEndpoint {
  /** How long the login and the start of the server took together, and the start alone if that is known, ms. */
  readonly loginMs: number
  readonly startMs: number
  /** The login, if it was kept for a relay. */
  readonly kept: NodeKeptLogin.NodeKeptLogin | undefined
}

/** Starts a server, or attaches to a session. Lets the user choose one, if there are several. */
export const startServer = (call: Call, colors: number | undefined, meanwhile: () => void) =>
  bootstrap(call, colors, meanwhile).pipe(
    Effect.catchTag("SessionsOffered", ({ sessions }) =>
      Effect.flatMap(chooseSession(call, sessions), ({ pid }) =>
        bootstrap({ ...call, request: { ...call.request, attach: { which: pid } } }, colors, meanwhile)
      )
    )
  )

const chooseSession = Effect.fnUntraced(function* ({ request }: Call, sessions: ReadonlyArray<Listed>) {
  const place = request.place._tag === "Local" ? "this machine" : request.place.destination
  if (!Tty.isatty(0) || !Tty.isatty(2)) {
    const table = SessionTable.lines(sessions, SessionsReport.startedAt)
    const lines = [`several sessions run on ${place}; choose one with --attach=WHICH.`, ...table]
    return yield* new NotReady({ message: lines.join("\n") })
  }
  const { choose } = yield* Effect.promise(() => import("./choose.ts"))
  const chosen = yield* choose(sessions)
  return chosen ?? (yield* new NotReady({ message: "no session was chosen." }))
})

/** `colors` is the number of colours according to an external client. `meanwhile` runs while ssh is working. */
const bootstrap = Effect.fnUntraced(function* (call: Call, colors: number | undefined, meanwhile: () => void) {
  const { environment, keepsLogin = false, request, settings, verbose } = call
  const progress = Progress.make(environment)
  const caller = BootstrapContext.caller(environment, call.show ?? progress.show)
  const login =
    keepsLogin && request.transport !== "udp" && request.place._tag === "Ssh" ? NodeKeptLogin.make() : undefined
  const startedAt = performance.now()
  const server = yield* SshBootstrap.start(request, {
    ...caller,
    login,
    colors: colors ?? caller.colors,
    // An external client expects the terminal in its original modes.
    keepsTypeAhead: colors === undefined,
    onStage: (stage, command) => {
      if (verbose === undefined) progress.stage(stage)
      else verbose.print(Stage.words(stage) + (command === undefined ? "" : ` ${ShellWords.display(command)}`))
      setImmediate(meanwhile)
    },
    ...(settings === undefined ? {} : { settings: Effect.promise(() => settings) })
  }).pipe(
    Effect.raceFirst(BootstrapContext.signalled),
    Effect.onExit((exit) =>
      Effect.sync(() => {
        progress.end()
        if (Exit.isFailure(exit) || login?.openSince() === undefined) login?.end()
      })
    )
  )
  const endedAt = performance.now()
  verbose?.print(`mosh-server listens on UDP port ${server.port} of ${server.address}`)
  if (server.addressUncertain) {
    yield* print(`the session goes to ${server.address}: that is how the server's own ssh calls it.`)
  }
  const openSince = login?.openSince()
  return {
    ...server,
    loginMs: endedAt - startedAt,
    startMs: endedAt - (openSince ?? startedAt),
    kept: openSince === undefined ? undefined : login
  } satisfies StartedServer
})

const print = (text: string) => Effect.sync(() => process.stderr.write(`mosh: ${text}\n`))
