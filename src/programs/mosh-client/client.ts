/**
 * Runs a session at the terminal of this process: for `mosh-client`, and for `mosh` after its bootstrap (spec 10).
 *
 * If input is a keyboard and output a screen, the session's picture fills the screen. If either is something else (a pipe,
 * a file, a terminal that can only print), the session is printed as plain text, and the end of piped input ends the
 * program's input.
 */
import * as ConfigProvider from "effect/ConfigProvider"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as Terminfo from "../../domain/environment/Terminfo.ts"
import type { AgentChoice } from "../../domain/forwarding/AgentChoice.ts"
import * as EscapeKey from "../../domain/client/EscapeKey.ts"
import * as ExitMessage from "../../domain/client/ExitMessage.ts"
import * as TerminalSetup from "../../domain/client/terminal/TerminalSetup.ts"
import type * as SessionKey from "../../domain/crypto/SessionKey.ts"
import type { DisplayPreference } from "../../domain/prediction/trust/DisplayPreference.ts"
import * as ImagePreference from "../../domain/client/ImagePreference.ts"
import * as Capabilities from "../../domain/display/Capabilities.ts"
import * as Frame from "../../domain/terminal/Frame.ts"
import * as Actor from "../../services/runtime/Actor.ts"
import type { OptionError } from "../../services/runtime/OptionError.ts"
import { type BindError, formatAddress } from "../../services/transport/Datagrams.ts"
import { LocalTerminal } from "../../services/client/LocalTerminal.ts"
import { type ClientSession, MoshClient } from "../../services/client/MoshClient.ts"
import type { Sockets } from "../../services/forwarding/Sockets.ts"
import * as EventLog from "../../services/node/files/EventLog.ts"
import * as NodeSockets from "../../services/node/forwarding/NodeSockets.ts"
import * as NodeLocalTerminal from "../../services/node/terminal/NodeLocalTerminal.ts"
import * as TerminfoDatabase from "../../services/node/terminal/TerminfoDatabase.ts"
import * as VerboseLog from "./verboseLog.ts"
import * as TerminalModes from "./localModes.ts"
import * as ImagePainter from "./imagePainter.ts"
import { picture, transcript } from "./renderer.ts"
import * as Forwardings from "./forwardings.ts"
import * as Keyboard from "./keyboard.ts"
import * as Leaving from "./leaving.ts"
import * as Outcome from "./outcome.ts"
import * as Settings from "./settings.ts"
import * as RelayClient from "./relayClient.ts"
import * as V8Tuning from "../shared/v8Tuning.ts"
import type { Verbose } from "../shared/verbose.ts"

export interface ClientOptions {
  /** The server's numeric IP address, and its UDP port. */
  readonly host: string
  readonly port: number
  /** Further numeric addresses of the server. Default: none. */
  readonly addresses?: ReadonlyArray<string> | undefined
  /** Resolves the server's name again. Default: it has none. */
  readonly resolve?: Effect.Effect<ReadonlyArray<string>> | undefined
  readonly key: SessionKey.SessionKey
  readonly prediction: DisplayPreference
  readonly predictOverwrite: boolean
  /** The environment variables from which `Settings` and the place of terminfo are read. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** The agent that programs on the server may use. Default: none. */
  readonly agent?: AgentChoice | undefined
  /** What to forward. Default: nothing, until the user asks for it. */
  readonly forwarding?: Forwardings.ForwardingOptions | undefined
  /** How ssh carries the session. Default: it does not, and UDP does. */
  readonly relay?: RelayClient.RelayOptions | undefined
  /** The output for the verbose log. Default: none. */
  readonly verbose?: Verbose | undefined
  /** How long to wait for the server's first answer, ms. Default: 15 s. */
  readonly giveUpAfter?: number | undefined
  /** What the caller does after that, for the bar, such as `plain ssh`. Default: `giving up`. */
  readonly unanswered?: string | undefined
  /** Whether to send nothing that is typed. */
  readonly viewOnly?: boolean | undefined
  /** The command that attaches to a session on the same host, for the last lines. Default: one without the host. */
  readonly attachCommand?: ExitMessage.AttachCommand | undefined
}

/** Runs a session to its end. Prints how it ended, if that needs an explanation. */
export const runClient = (
  options: ClientOptions
): Effect.Effect<Outcome.ClientResult, BindError | OptionError | SessionKey.SessionKeyError> =>
  Effect.suspend(() => start(options, RelayClient.makeLink()))

const start = (
  options: ClientOptions,
  link: RelayClient.RelayLink
): Effect.Effect<Outcome.ClientResult, BindError | OptionError | SessionKey.SessionKeyError> =>
  attend(options, link).pipe(
    Effect.scoped,
    Effect.tap((outcome) => Effect.sync(() => Outcome.report(outcome, options.verbose))),
    Effect.map(Outcome.resultOf),
    Effect.provide(
      Layer.mergeAll(
        RelayClient.layer(options.relay, link),
        NodeLocalTerminal.layer,
        NodeSockets.layer,
        EventLog.configured("mosh-client")
      )
    ),
    Effect.provideService(ConfigProvider.ConfigProvider, Settings.provider(options.environment))
  )

const attend = Effect.fnUntraced(function* (
  options: ClientOptions,
  link: RelayClient.RelayLink
): Effect.fn.Return<
  Outcome.Outcome,
  BindError | OptionError | SessionKey.SessionKeyError,
  LocalTerminal | MoshClient | Scope.Scope | Sockets
> {
  const { environment, viewOnly = false } = options
  const { finished, question } = link
  const settings = yield* Effect.orDie(Settings.settings)
  const obstacle = EventLog.obstacle(settings.logFile)
  if (obstacle !== undefined) process.stderr.write(`mosh: MOSH_LOG cannot be written: ${obstacle}.\n`)
  const local = yield* LocalTerminal
  const client = yield* MoshClient

  // What shows the session.
  const escapeKey = local.keyboard ? settings.escapeKey : undefined
  const full = local.keyboard && local.screen && settings.term !== "dumb"
  const style = TerminalSetup.styleOf({
    full,
    colors: TerminfoDatabase.colors(environment) ?? Terminfo.colorsByName(settings.term),
    noColor: settings.noColor
  })
  const images = ImagePainter.make(settings.images)
  const surface = yield* full ? picture(environment, settings, local.size, images) : transcript
  const journal = yield* VerboseLog.make(options.verbose)
  journal.log({
    _tag: "Started",
    server: formatAddress(options),
    size: local.size(),
    prediction: full ? options.prediction : "never",
    terminal: full ? `a screen of TERM=${settings.term}` : "plain text"
  })
  if (full) options.verbose?.hold()
  /** The session; `undefined` until it is open. */
  let joined: ClientSession | undefined
  /** Whether the server has answered. */
  let isHeard = false

  // What informs the user.
  let hasTerminal = false
  const notice = (text: string): void => {
    if (full && joined !== undefined) joined.notify(text)
    if (!full || !hasTerminal) process.stderr.write(`mosh: ${text}\n`)
  }
  link.report = (text, isFirst) => {
    // The attempt was shown while there was no screen yet. Now the bar would hide the prompt.
    if (full && isFirst) joined?.notify(undefined)
    else notice(text)
  }
  if (full) link.attempt = notice

  // What the user and others can request.
  const forwardings = yield* Forwardings.make({
    asked: options.forwarding,
    agent: options.agent,
    agentQuiet: settings.agentQuiet,
    viewOnly,
    notice,
    onFailure: (why) => leaving.leave(why)
  })
  const leaving = yield* Leaving.make({
    session: () => joined,
    journal,
    hasConnections: () => options.relay !== undefined || forwardings.hasConnections(),
    onUndetachable: (session) => {
      session.notify(CANNOT_DETACH)
      surface.note()
    }
  })
  let suspending = false
  const suspend = (): void => {
    journal.log({ _tag: "Suspended" })
    suspending = true
    terminal.suspend(TerminalSetup.suspended(style))
    suspending = false
  }
  const keyboard = yield* Keyboard.make({
    escapeKey,
    viewOnly,
    surface,
    leaving,
    forwardings,
    pause: () => terminal.pauseKeys(),
    resume: () => terminal.resumeKeys(),
    suspend
  })

  // Listeners of this end are opened while lines can still be printed.
  yield* forwardings.openLocal

  const termProgram = environment["TERM_PROGRAM"]
  const isModern = full && Capabilities.fromTerm({ term: settings.term, termProgram }).modernModes
  const modes = yield* TerminalModes.make({
    isAsked: isModern,
    isDrawn: surface.isDrawn,
    onTyped: (bytes) => keyboard.typed(question.take(surface.keys(bytes))),
    onReport: (report) => TerminalModes.apply(report, joined, surface, images),
    size: ImagePreference.asks(settings.images, environment) ? local.size : undefined
  })
  const terminal = yield* local.open({
    get opening() {
      return surface.opening()
    },
    closing: () => modes.closing(() => surface.closing(joined?.picture() ?? Frame.blank(local.size()), !suspending)),
    onKeys: modes.received,
    onKeysEnd: () => {
      if (local.keyboard) leaving.leave("Exiting...")
      else surface.endInput()
    },
    onResize: (size) => {
      journal.log({ _tag: "Resized", size })
      surface.resized(size)
      joined?.resize(size)
    },
    onStop: suspend,
    onDrain: () => {
      surface.drained()
      if (joined !== undefined) modes.follow(joined.picture())
    },
    onContinue: () => {
      journal.log({ _tag: "Continued" })
      surface.resumed()
      modes.resumed()
    },
    onGone: () => leaving.leave("Exiting...")
  })
  // Only now, because the terminal is raw: keys typed while the session opens are neither echoed nor edited.
  const session = yield* client.connect({
    host: options.host,
    port: options.port,
    addresses: options.addresses,
    resolve: options.resolve,
    key: options.key,
    size: local.size(),
    // A prediction that was printed as text cannot be removed.
    prediction: full && !viewOnly ? options.prediction : "never",
    predictOverwrite: options.predictOverwrite,
    notifications: full,
    coloredBar: style === "colored",
    titlePrefix: full && settings.titlePrefix,
    quitHint: escapeKey === undefined ? undefined : EscapeKey.quitHint(escapeKey),
    help: escapeKey === undefined ? undefined : EscapeKey.help(escapeKey),
    giveUpAfter: options.giveUpAfter,
    unanswered: options.unanswered,
    // Rows are kept by the terminal.
    scrollback: surface.keepsHistory ? 1 : 0,
    reportsTerminal: isModern && !viewOnly,
    onPicture: (frame) => {
      surface.show(frame)
      modes.follow(frame)
    },
    onHistory: surface.received,
    streamHandlers: [images.handler, ...forwardings.handlers],
    onStatus: () => {
      // Called for each datagram, and a status is not free.
      if (!isHeard && joined !== undefined && joined.status().lastHeard > -Infinity) {
        isHeard = true
        modes.ask()
      }
      surface.progressed()
      if (joined !== undefined) journal.statusChanged(joined)
    }
  })

  joined = session
  question.show((text) => {
    session.showQuestion(text)
    surface.note()
  })
  hasTerminal = true
  yield* forwardings.openRemote
  yield* Effect.annotateLogs(Effect.logInfo("session opened"), { server: formatAddress(options), ...local.size() })
  surface.start(modes.of(terminal), session)
  if (session.status().lastHeard > -Infinity) modes.ask()
  keyboard.opened(session)
  leaving.opened()
  V8Tuning.client()

  let unreached: string | undefined
  const ended = yield* Effect.raceAllFirst([
    session.ended,
    leaving.abandoned,
    Effect.map(Deferred.await(finished), (why) => {
      unreached = why
      return { _tag: "Abandoned" as const }
    })
  ])
  yield* modes.settled
  const { counters, lastHeard, refused, srtt, trouble } = session.status()
  yield* Effect.annotateLogs(Effect.logInfo("session ended"), {
    why: ended._tag,
    hasAnswered: lastHeard > -Infinity,
    ...counters,
    roundTripMilliseconds: srtt === undefined ? undefined : Math.round(srtt)
  })
  journal.ended(session, ExitMessage.words(ended._tag, lastHeard > -Infinity))
  const now = yield* Actor.millis
  return {
    host: options.host,
    port: options.port,
    how: ended._tag,
    silentFor: lastHeard === -Infinity ? undefined : now() - lastHeard,
    unsent: trouble?.from === "sending" ? trouble.text : undefined,
    refused: refused > 0,
    left: leaving.isLeaving(),
    reported: session.ending(),
    // The reader of a pipe may exit at any time: that needs no line.
    signal: leaving.signal() === "SIGPIPE" ? undefined : leaving.signal(),
    // Output to a pipe or a file normally ends with the command.
    typing: !full || keyboard.sinceInput() < Outcome.OWN_END,
    undelivered: ended._tag !== "PeerShutdown" && session.held() > 0,
    detaching: leaving.isDetaching(),
    attachCommand: options.attachCommand,
    throughSsh: options.relay?.use !== "Only" ? undefined : (unreached ?? trouble?.text ?? "the server did not answer"),
    screen: local.screen,
    // At a terminal the user saw how the program ended, and stock's client exits with 0.
    failure: forwardings.failure(),
    exitStatus:
      forwardings.failure() !== undefined ? 1 : local.keyboard && local.screen ? 0 : Outcome.statusOf(session.ending())
  }
})

const CANNOT_DETACH = "The server cannot detach: only effect-mosh's can."
