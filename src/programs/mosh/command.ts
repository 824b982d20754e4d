/**
 * `mosh -T [user@]host command`: runs a command without a terminal, in place of ssh.
 *
 * Standard input and output belong to the command, so lines for the user go to stderr.
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import * as Os from "node:os"
import type { SshCommandLine } from "../../domain/arguments/SshCommandLine.ts"
import type { SessionRequest } from "../../domain/arguments/WrapperArguments.ts"
import * as ShellWords from "../../domain/arguments/ShellWords.ts"
import type { ServerEndpoint } from "../../domain/bootstrap/BootstrapTranscript.ts"
import * as SshCommand from "../../domain/bootstrap/SshCommand.ts"
import * as ExitMessage from "../../domain/client/ExitMessage.ts"
import type * as AgentChoice from "../../domain/forwarding/AgentChoice.ts"
import * as SshForwards from "../../domain/forwarding/SshForwards.ts"
import * as CommandOutcome from "../../domain/command/CommandOutcome.ts"
import * as CommandSignal from "../../domain/command/CommandSignal.ts"
import * as ServerAbsence from "../../domain/command/ServerAbsence.ts"
import * as SentVariables from "../../domain/command/SentVariables.ts"
import { Features } from "../../domain/ssp/SyncObject.ts"
import * as AgentOffer from "../../services/agent/AgentOffer.ts"
import * as NodeSockets from "../../services/node/forwarding/NodeSockets.ts"
import * as CommandClient from "../../services/command/CommandClient.ts"
import { type ClientSession, MoshClient } from "../../services/client/MoshClient.ts"
import * as EventLog from "../../services/node/files/EventLog.ts"
import * as BytePipe from "../../services/node/command/BytePipe.ts"
import * as NodeSshBootstrap from "../../services/node/ssh/NodeSshBootstrap.ts"
import * as Actor from "../../services/runtime/Actor.ts"
import type { StreamError } from "../../services/transport/Transport.ts"
import * as BootstrapContext from "./bootstrapContext.ts"
import type * as CommandForwarding from "./commandForwarding.ts"
import * as ExecProgram from "./execProgram.ts"
import * as RelayClient from "../mosh-client/relayClient.ts"
import * as Program from "../shared/run.ts"
import * as Session from "./session.ts"

/** Runs the command, and ends this process with its exit status. `settings` is the output of `ssh -G`, if that was started. */
export const run = (request: SessionRequest, line: SshCommandLine, settings?: Promise<string>): void => {
  const program = line.isSettingsQuery ? printSettings(request) : command(request, line, settings)
  const status = program.pipe(
    Effect.catchTag("Signalled", ({ signal }) => Effect.succeed(128 + Os.constants.signals[signal])),
    Effect.catch((error) => Effect.as(say(error.message), CommandOutcome.FAILED)),
    Effect.provide([NodeSshBootstrap.layer, EventLog.configured("mosh-client")])
  )
  Program.run(status, (message) => {
    process.stderr.write(`mosh: internal error: ${message}\n`)
    return CommandOutcome.FAILED
  })
}

const printSettings = ({ place }: SessionRequest) =>
  place._tag === "Local" ? Effect.succeed(0) : ExecProgram.run(SshCommand.settingsCommand(place), process.env)

const command = Effect.fnUntraced(function* (
  request: SessionRequest,
  line: SshCommandLine,
  settings: Promise<string> | undefined
) {
  const { place } = request
  const environment = BootstrapContext.environment()
  const call: Session.Call = { request, settings, environment, show }
  const configured = yield* Effect.promise(async () => (await settings) ?? "")
  const forwarding = Session.forwardingOf(request, SshForwards.parse(configured))
  const agent = yield* Session.agentOf(call)
  if (agent._tag === "Missing") yield* say("no agent is forwarded: SSH_AUTH_SOCK names none here")
  const resolve = yield* Session.resolver(call)
  const addresses = yield* Session.lookUpMeanwhile(resolve)
  const server = yield* Session.startServer(
    Session.withAgent({ ...call, keepsLogin: true }, agent),
    NO_COLORS,
    () => undefined
  )
  const relay = yield* Session.relayOf(call, server)
  const link = RelayClient.makeLink()
  link.report = (text) => show(`mosh: ${text}`)
  const variables = SentVariables.of(configured, environment)
  const around = { variables, agent, forwarding, addresses: addresses(), resolve }
  const outcome = yield* runAt(server, request, line, around).pipe(
    Effect.raceFirst(Effect.map(Deferred.await(link.finished), (text) => failed(`no session through ssh: ${text}`))),
    Effect.scoped,
    // The command reads this terminal, so ssh may not ask here.
    Effect.provide(RelayClient.layer(relay && { ...relay, askpass: undefined }, link)),
    Effect.catchTag("ForwardingError", ({ message }) =>
      Effect.succeed<CommandOutcome.CommandOutcome>({ status: CommandOutcome.FAILED, lines: [message] })
    )
  )
  if (typeof outcome !== "string") {
    for (const text of outcome.lines) yield* say(text)
    return outcome.status
  }
  const ssh = place._tag === "Local" ? undefined : SshCommand.plainRun(place, line)
  if (ssh !== undefined && request.fallback === "ssh" && CommandOutcome.isUntouched(outcome)) {
    return yield* ExecProgram.run(ssh, environment)
  }
  const { lines, status } = CommandOutcome.ofTrouble(
    outcome,
    place._tag === "Local" ? "this machine" : place.destination,
    ssh === undefined ? "a shell" : ShellWords.display(ssh.slice(0, 1))
  )
  for (const text of lines) yield* say(text)
  return status
})

/** Runs the command at a server that was started for it. */
const runAt = Effect.fnUntraced(function* (
  server: ServerEndpoint,
  request: SessionRequest,
  line: SshCommandLine,
  { addresses, agent, forwarding, resolve, variables }: Around
) {
  const mosh = yield* MoshClient
  const now = yield* Actor.millis
  const gone = yield* Deferred.make<CommandOutcome.CommandTrouble>()
  let opened: ClientSession | undefined
  const forwards = yield* forwardingFor(forwarding)
  const session = yield* mosh.connect({
    host: server.address,
    port: server.port,
    addresses,
    resolve,
    key: server.key,
    notifications: false,
    onStatus: () => {
      if (opened !== undefined && ServerAbsence.isGone(opened.status(), now()))
        Deferred.doneUnsafe(gone, Effect.succeed("Gone"))
    },
    scrollback: 0,
    streamHandlers: [
      ...(forwards === undefined ? [] : [forwards.handler]),
      ...(agent._tag === "Offer"
        ? [yield* Effect.provide(AgentOffer.handler({ path: agent.path }), NodeSockets.layer)]
        : [])
    ],
    ...(request.fallback === undefined ? {} : { giveUpAfter: Session.PATIENCE }),
    ...(request.transport === "ssh" ? { giveUpAfter: Session.PATIENCE_SSH } : {})
  })
  opened = session
  const signals = yield* takeSignals(session)
  const commands = yield* CommandClient.make(session.streams)
  const command = commands.run({
    ...(line.forwardsOnly ? WAITING : { what: line.what, text: line.text, input: inputOf(line) }),
    variables,
    onOutput: (bytes) => BytePipe.write(process.stdout, bytes),
    onErrors: (bytes) => BytePipe.write(process.stderr, bytes),
    signals: Stream.fromQueue(signals.forwarded)
  })
  const outcome = yield* Effect.andThen(forwards?.listenThere ?? Effect.void, command).pipe(
    Effect.map(CommandOutcome.ofEnding),
    // As ssh does: connections that are forwarded last longer than the command.
    Effect.tap(() => {
      signals.commandEnded()
      return Effect.raceFirst(forwards?.idle ?? Effect.void, session.ended)
    }),
    Effect.catchTag(["InvalidCommand", "MalformedCommandFrame"], ({ message }) => Effect.succeed(failed(message))),
    Effect.catchTag("StreamError", (error) => Effect.sync(() => troubleOf(session, error))),
    Effect.raceFirst(Effect.as(signals.left, { status: CommandOutcome.FAILED, lines: [] })),
    Effect.raceFirst(Deferred.await(gone))
  )
  if (outcome === "NoAnswer") reportSilence(server, session)
  else yield* Effect.timeoutOption(session.shutdown(), FAREWELL)
  return outcome
})

/** What a command needs of this end. */
interface Around {
  /** Where the server may be besides, and how to find out. */
  readonly addresses: ReadonlyArray<string>
  readonly resolve: Effect.Effect<ReadonlyArray<string>> | undefined
  readonly variables: ReadonlyArray<readonly [string, string]>
  readonly agent: AgentChoice.AgentChoice
  readonly forwarding: CommandForwarding.Options
}

/** Opens the listeners of this end; `undefined` if nothing is to be forwarded. */
const forwardingFor = Effect.fnUntraced(function* (forwarding: CommandForwarding.Options) {
  if (forwarding.specs.length === 0) return undefined
  // Loaded here only: most commands forward nothing.
  const { make } = yield* Effect.promise(() => import("./commandForwarding.ts"))
  return yield* make(forwarding, (text) => show(`mosh: ${text}`))
})

const inputOf = (line: SshCommandLine) => (line.readsInput ? BytePipe.source(() => process.stdin) : Stream.empty)

/** With `-N`: a command that waits, so that the server waits for a client that sleeps as long as for one with a command. */
const WAITING = { what: "command", text: "exec cat > /dev/null", input: Stream.never } as const

/** As of a terminal that shows none: a command without one has no use for their number. */
const NO_COLORS = 0

/** How long the server has to confirm the end, ms. Everything has arrived, or is given up. */
const FAREWELL = 2000

const failed = (text: string): CommandOutcome.CommandOutcome => ({ status: CommandOutcome.FAILED, lines: [`${text}.`] })

/** Why the command's streams failed. */
const troubleOf = (session: ClientSession, { reason }: StreamError): CommandOutcome.CommandTrouble => {
  const { lastHeard, peerFeatures } = session.status()
  if (lastHeard === -Infinity) return "NoAnswer"
  // The program of a stock server may end before its features were looked at.
  if ((peerFeatures & Features.streams) === 0) return "Unsupported"
  if (reason === "Refused" || reason === "SessionEnded") return reason
  return "Broken"
}

const reportSilence = ({ address, port }: ServerEndpoint, session: ClientSession): void => {
  const { refused, trouble } = session.status()
  const lines = ExitMessage.lines({
    host: address,
    port,
    how: "TimedOut",
    heard: undefined,
    unsent: trouble?.from === "sending" ? trouble.text : undefined,
    refused: refused > 0,
    reported: undefined,
    signal: undefined,
    typing: false,
    undelivered: false,
    detaching: false
  })
  lines.forEach(show)
}

interface Signals {
  /** Signals for the command. */
  readonly forwarded: Queue.Dequeue<CommandSignal.CommandSignal>
  /** Resumes when this process is to end without waiting for the command. */
  readonly left: Effect.Effect<void>
  /** From now on, the first signal that ends programs ends this one. */
  readonly commandEnded: () => void
}

/**
 * Forwards this process's signals to the command. The second one that ends programs does not wait for the command, nor does
 * the first while the server is silent. SIGHUP leaves at once: the server hangs up on a command without a client.
 */
const takeSignals = Effect.fnUntraced(function* (
  session: ClientSession
): Effect.fn.Return<Signals, never, Scope.Scope> {
  const forwarded = yield* Queue.sliding<CommandSignal.CommandSignal>(MOST_SIGNALS)
  const left = yield* Deferred.make<void>()
  const now = yield* Actor.millis
  let isEnding = false
  const onSignal = (signal: NodeJS.Signals): void => {
    const name = signal.slice("SIG".length)
    if (CommandSignal.isForwarded(name)) Queue.offerUnsafe(forwarded, name)
    if (name.startsWith("USR")) return
    if (isEnding || name === "HUP" || ServerAbsence.isSilent(session.status(), now())) {
      Deferred.doneUnsafe(left, Effect.void)
    }
    isEnding = true
  }
  const signals = CommandSignal.FORWARDED.map((name) => `SIG${name}` as const)
  yield* Effect.acquireRelease(
    Effect.sync(() => signals.forEach((signal) => process.on(signal, onSignal))),
    () => Effect.sync(() => signals.forEach((signal) => process.removeListener(signal, onSignal)))
  )
  return {
    forwarded,
    left: Deferred.await(left),
    commandEnded: () => {
      isEnding = true
    }
  }
})

/** Signals that wait for the server; older ones are forgotten. */
const MOST_SIGNALS = 16

const show = (line: string): void => void process.stderr.write(`${line}\n`)

const say = (text: string) => Effect.sync(() => show(`mosh: ${text}`))
