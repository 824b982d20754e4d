/**
 * The client of `mosh -T`: a command at a server that was started for it. Loaded while ssh logs in.
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { SshCommandLine } from "../../domain/arguments/SshCommandLine.ts"
import type { SessionRequest } from "../../domain/arguments/WrapperArguments.ts"
import type { ServerEndpoint } from "../../domain/bootstrap/BootstrapTranscript.ts"
import * as ExitMessage from "../../domain/client/ExitMessage.ts"
import type * as AgentChoice from "../../domain/forwarding/AgentChoice.ts"
import * as CommandOutcome from "../../domain/command/CommandOutcome.ts"
import * as CommandSignal from "../../domain/command/CommandSignal.ts"
import * as ServerAbsence from "../../domain/command/ServerAbsence.ts"
import { Features } from "../../domain/ssp/SyncObject.ts"
import * as AgentOffer from "../../services/agent/AgentOffer.ts"
import * as NodeSockets from "../../services/node/forwarding/NodeSockets.ts"
import * as CommandClient from "../../services/command/CommandClient.ts"
import { type ClientSession, MoshClient } from "../../services/client/MoshClient.ts"
import * as EventLog from "../../services/node/files/EventLog.ts"
import * as BytePipe from "../../services/node/command/BytePipe.ts"
import * as Actor from "../../services/runtime/Actor.ts"
import type { StreamError } from "../../services/transport/Transport.ts"
import type * as CommandForwarding from "./commandForwarding.ts"
import * as RelayClient from "../mosh-client/relayClient.ts"
import * as Session from "./session.ts"

/** A command, the server that was started for it, and what it needs of this end. */
export interface CommandRun {
  readonly server: ServerEndpoint
  readonly request: SessionRequest
  readonly line: SshCommandLine
  /** The ssh that may carry the session; `undefined` if only UDP may. */
  readonly relay: RelayClient.RelayOptions | undefined
  readonly variables: ReadonlyArray<readonly [string, string]>
  readonly agent: AgentChoice.AgentChoice
  readonly forwarding: CommandForwarding.Options
  /** Where the server may be besides, and how to find out. */
  readonly addresses: ReadonlyArray<string>
  readonly resolve: Effect.Effect<ReadonlyArray<string>> | undefined
}

/** Runs the command, to its end or that of the session. */
export const runCommand = Effect.fnUntraced(function* (run: CommandRun) {
  const link = RelayClient.makeLink()
  link.report = (text) => show(`mosh: ${text}`)
  return yield* converse(run).pipe(
    Effect.raceFirst(Effect.map(Deferred.await(link.finished), (text) => failed(`no session through ssh: ${text}`))),
    Effect.scoped,
    // The command reads this terminal, so ssh may not ask here.
    Effect.provide([
      RelayClient.layer(run.relay && { ...run.relay, askpass: undefined }, link),
      EventLog.configured("mosh-client")
    ]),
    Effect.catchTag("ForwardingError", ({ message }) =>
      Effect.succeed<CommandOutcome.CommandOutcome>({ status: CommandOutcome.FAILED, lines: [message] })
    )
  )
})

const converse = Effect.fnUntraced(function* ({
  addresses,
  agent,
  forwarding,
  line,
  request,
  resolve,
  server,
  variables
}: CommandRun) {
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
    silentFor: undefined,
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
