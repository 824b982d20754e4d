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
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import * as Terminfo from "../../domain/environment/Terminfo.ts"
import type { AgentChoice } from "../../domain/forwarding/AgentChoice.ts"
import * as ForwardCommand from "../../domain/forwarding/ForwardCommand.ts"
import * as ForwardingList from "../../domain/forwarding/ForwardingList.ts"
import * as ForwardSpec from "../../domain/forwarding/ForwardSpec.ts"
import * as EscapeKey from "../../domain/client/EscapeKey.ts"
import * as ExitMessage from "../../domain/client/ExitMessage.ts"
import * as TerminalSetup from "../../domain/client/TerminalSetup.ts"
import * as Typing from "../../domain/client/Typing.ts"
import type * as SessionKey from "../../domain/crypto/SessionKey.ts"
import type { DisplayPreference } from "../../domain/prediction/DisplayPreference.ts"
import * as Capabilities from "../../domain/display/Capabilities.ts"
import * as Frame from "../../domain/terminal/Frame.ts"
import * as Actor from "../../services/runtime/Actor.ts"
import * as ClientForwarding from "../../services/forwarding/ClientForwarding.ts"
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
import * as OfferAgent from "./offerAgent.ts"
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
  readonly forwarding?: ForwardingOptions | undefined
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

export interface ForwardingOptions {
  readonly specs: ReadonlyArray<ForwardSpec.ForwardSpec>
  /** Whether listeners of this end without an address are open to other hosts. */
  readonly gatewayPorts: boolean
  /** Whether a forwarding that cannot be set up ends the session. */
  readonly exitOnFailure: boolean
}

/** The result of a session. */
export interface ClientResult {
  /**
   * The exit status: 0 if both ends know that the session is over, otherwise 1. Without a terminal, the program's exit
   * status, if the server reports it.
   */
  readonly status: number
  /** Whether the client gave up on a server that never answered. False if the user left before that. */
  readonly gaveUp: boolean
}

/** Runs a session to its end. Prints how it ended, if that needs an explanation. */
export const runClient = (
  options: ClientOptions
): Effect.Effect<ClientResult, BindError | OptionError | SessionKey.SessionKeyError> =>
  Effect.suspend(() => start(options, RelayClient.makeLink()))

const start = (
  options: ClientOptions,
  link: RelayClient.RelayLink
): Effect.Effect<ClientResult, BindError | OptionError | SessionKey.SessionKeyError> =>
  attend(options, link).pipe(
    Effect.scoped,
    Effect.tap((outcome) => Effect.sync(() => report(options, outcome))),
    Effect.map(({ exitStatus, heard, how, left }) => ({
      status: ExitMessage.isClean(how) ? exitStatus : 1,
      gaveUp: heard === undefined && how === "TimedOut" && !left
    })),
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

interface Outcome extends ExitMessage.Ending {
  readonly screen: boolean
  /** Whether the user requested the end. */
  readonly left: boolean
  /** Why this client left, if it is a failure: a line for the user. */
  readonly failure: string | undefined
  /** The exit status after a clean end. */
  readonly exitStatus: number
}

const attend = Effect.fnUntraced(function* (
  options: ClientOptions,
  link: RelayClient.RelayLink
): Effect.fn.Return<
  Outcome,
  BindError | OptionError | SessionKey.SessionKeyError,
  LocalTerminal | MoshClient | Scope.Scope | Sockets
> {
  const { environment } = options
  const { finished, question } = link
  const settings = yield* Effect.orDie(Settings.settings)
  const obstacle = EventLog.obstacle(settings.logFile)
  if (obstacle !== undefined) process.stderr.write(`mosh: MOSH_LOG cannot be written: ${obstacle}.\n`)
  const local = yield* LocalTerminal
  const client = yield* MoshClient
  const escapeKey = local.keyboard ? settings.escapeKey : undefined
  const full = local.keyboard && local.screen && settings.term !== "dumb"
  const style = TerminalSetup.styleOf({
    full,
    colors: TerminfoDatabase.colors(environment) ?? Terminfo.colorsByName(settings.term),
    noColor: settings.noColor
  })
  const abandoned = yield* Deferred.make<{ readonly _tag: "Abandoned" }>()
  const images = ImagePainter.make()
  const surface = yield* full ? picture(environment, settings, local.size, images) : transcript
  const journal = yield* VerboseLog.make(options.verbose)
  journal.tell({
    _tag: "Started",
    server: formatAddress(options),
    size: local.size(),
    prediction: full ? options.prediction : "never",
    terminal: full ? `a screen of TERM=${settings.term}` : "plain text"
  })
  if (full) options.verbose?.hold()
  /** The session; `undefined` until it is open. */
  let joined: ClientSession | undefined
  let typing = Typing.initial(escapeKey)

  let left: string | undefined
  let detaching = false
  const abandon = (): void => void Deferred.doneUnsafe(abandoned, Effect.succeed({ _tag: "Abandoned" }))
  const leave = (why: string): void => {
    left = why
    const session = joined
    if (session === undefined) return
    // The session is to stay, which a shutdown would end.
    if (detaching) return abandon()
    if (!session.status().shuttingDown) journal.tell({ _tag: "Leaving", why })
    session.shutdownUnsafe(why)
  }
  /** Shuts down. The second request does not wait for the server. */
  const insist = (why: string): void => {
    if (joined?.status().shuttingDown === true) abandon()
    leave(why)
  }
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
  const forwarding = yield* ClientForwarding.make({ gatewayPorts: options.forwarding?.gatewayPorts, onNotice: notice })
  let endedBy: NodeJS.Signals | undefined
  let typedAt = -Infinity
  const onSignal = (signal: NodeJS.Signals): void => {
    const why = "Signal received, shutting down..."
    // A connection to a forwarded program, the agent or a relay broke. A closed pipe or terminal is also reported by the terminal.
    if (
      signal === "SIGPIPE" &&
      (forwarding.hasCarried() || options.relay !== undefined || (options.agent?._tag ?? "Off") !== "Off")
    )
      return
    endedBy ??= signal
    // A closed pipe or terminal is reported in several ways, which count as one request.
    if (signal === "SIGPIPE" || signal === "SIGHUP") leave(why)
    else insist(why)
  }
  yield* onSignals(LEAVING, onSignal)

  const perform = (session: ClientSession, action: Typing.Action): void => {
    switch (action._tag) {
      case "Send":
        if ((left !== undefined || detaching) && action.bytes.includes(CTRL_C))
          return insist("Exiting on user request...")
        if (detaching) return
        if (options.viewOnly === true) {
          session.notify("You are watching: what you type is not sent.")
          return surface.note()
        }
        typedAt = performance.now()
        if (!session.typeUnsafe(action.bytes)) waitForRoom(session)
        return
      case "Repaint":
        return surface.repaint()
      case "ShowHelp":
        session.showHelp(true)
        return surface.note()
      case "HideHelp":
        return session.showHelp(false)
      case "ToggleStatus":
        session.toggleStatus()
        return surface.note()
      case "Suspend":
        return suspend()
      case "Detach":
        return detach(session)
      case "EditCommand":
        session.showPrompt(action.text)
        return surface.note()
      case "Command":
        return obey(action.text)
      case "ListForwardings":
        return notice(ForwardingList.format(forwarding.list()))
      case "Quit":
        return insist("Exiting on user request...")
    }
  }
  const fork = yield* Effect.context<never>().pipe(Effect.map((context) => Effect.runForkWith(context)))
  const detach = (session: ClientSession): void => {
    if (detaching || session.status().shuttingDown) return insist("Exiting on user request...")
    detaching = true
    journal.tell({ _tag: "Leaving", why: "Detaching..." })
    fork(
      Effect.catch(session.detach, () =>
        Effect.sync(() => {
          detaching = false
          session.notify(CANNOT_DETACH)
          surface.note()
        })
      )
    )
  }
  const waitForRoom = (session: ClientSession): void => {
    terminal.pauseKeys()
    fork(Effect.andThen(session.room, Effect.sync(terminal.resumeKeys)))
  }
  const typeAhead: Array<Uint8Array> = []
  const type = (session: ClientSession, bytes: Uint8Array): void => {
    const [next, actions] = Typing.step(typing, bytes)
    typing = next
    for (const action of actions) perform(session, action)
  }
  let suspending = false
  const suspend = (): void => {
    journal.tell({ _tag: "Suspended" })
    suspending = true
    terminal.suspend(TerminalSetup.suspended(style))
    suspending = false
  }
  const exitOnFailure = options.forwarding?.exitOnFailure ?? false
  // Nothing that a viewer sends has an effect.
  const specs = options.viewOnly === true ? [] : (options.forwarding?.specs ?? [])
  /** Why the session was left, if a forwarding failed that must not. */
  let failure: string | undefined
  const agentHandlers =
    options.viewOnly === true ? [] : yield* OfferAgent.handlers(options.agent, settings.agentQuiet, notice)
  const isAsked = (options.forwarding?.specs ?? []).length > 0 || (options.agent?._tag ?? "Off") !== "Off"
  if (options.viewOnly === true && isAsked) notice(WATCHES)
  const forward = (spec: ForwardSpec.ForwardSpec, onOpen?: (line: string) => void): Effect.Effect<void> =>
    Effect.matchEffect(forwarding.add(spec), {
      onSuccess: (opened) => {
        // A port that the system chose is of no use until the user knows it.
        const isChosen = spec.listen._tag === "Tcp" && spec.listen.port === 0
        const report = onOpen ?? (isChosen ? notice : undefined)
        report?.(ForwardingList.line(opened))
        return Effect.annotateLogs(Effect.logInfo("forwarding opened"), {
          forwarding: ForwardSpec.display(spec),
          port: opened.port
        })
      },
      onFailure: ({ message }) => {
        if (exitOnFailure && onOpen === undefined) {
          failure ??= message
          leave(message)
        } else notice(message)
        return Effect.annotateLogs(Effect.logInfo("forwarding failed"), { message })
      }
    })
  const obey = (text: string): void => {
    if (options.viewOnly === true) return notice(WATCHES)
    const command = ForwardCommand.parse(text)
    if (Result.isFailure(command)) return notice(command.failure)
    if (command.success._tag === "Add") return void fork(forward(command.success.spec, notice))
    const { flag, listen } = command.success
    fork(
      Effect.map(forwarding.remove(flag, listen), (found) =>
        notice(found ? `-K${flag}: closed` : `-K${flag}: there is no such forwarding`)
      )
    )
  }
  // Listeners of this end are opened while lines can still be printed.
  for (const spec of specs) if (spec.from === "client") yield* forward(spec)

  const termProgram = environment["TERM_PROGRAM"]
  const isModern = full && Capabilities.fromTerm({ term: settings.term, termProgram }).modernModes
  const modes = yield* TerminalModes.make({
    isAsked: isModern,
    onTyped: (bytes) => {
      const typed = question.take(surface.keys(bytes))
      if (joined === undefined) typeAhead.push(typed)
      else if (typed.length > 0) type(joined, typed)
    },
    onReport: (report) => TerminalModes.apply(report, joined, surface, images),
    size: ImagePainter.mayAsk(settings.term) ? local.size : undefined
  })
  const terminal = yield* local.open({
    get opening() {
      return surface.opening()
    },
    closing: () => modes.closing(() => surface.closing(joined?.picture() ?? Frame.blank(local.size()), !suspending)),
    onKeys: modes.received,
    onKeysEnd: () => {
      if (local.keyboard) leave("Exiting...")
      else surface.endInput()
    },
    onResize: (size) => {
      journal.tell({ _tag: "Resized", size })
      surface.resized(size)
      joined?.resize(size)
    },
    onStop: suspend,
    onDrain: () => {
      surface.drained()
      if (joined !== undefined) modes.follow(joined.picture())
    },
    onContinue: () => {
      journal.tell({ _tag: "Continued" })
      surface.resumed()
      modes.resumed()
    },
    onGone: () => leave("Exiting...")
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
    prediction: full && options.viewOnly !== true ? options.prediction : "never",
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
    reportsTerminal: isModern && options.viewOnly !== true,
    onPicture: (frame) => {
      surface.show(frame)
      modes.follow(frame)
    },
    onHistory: surface.received,
    streamHandlers: [images.handler, forwarding.handler, ...agentHandlers],
    onStatus: () => {
      if (joined !== undefined && joined.status().lastHeard > -Infinity) modes.ask()
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
  for (const spec of specs) if (spec.from === "server") yield* Effect.forkScoped(forward(spec))
  yield* Effect.annotateLogs(Effect.logInfo("session opened"), { server: formatAddress(options), ...local.size() })
  surface.start(modes.of(terminal), session)
  if (session.status().lastHeard > -Infinity) modes.ask()
  for (const bytes of typeAhead.splice(0)) type(session, bytes)
  if (left !== undefined) leave(left)
  V8Tuning.client()

  let unreached: string | undefined
  const ended = yield* Effect.raceAllFirst([
    session.ended,
    Deferred.await(abandoned),
    Effect.map(Deferred.await(finished), (why) => {
      unreached = why
      return { _tag: "Abandoned" as const }
    })
  ])
  yield* modes.settled
  const { counters, lastHeard, refused, srtt, trouble } = session.status()
  yield* Effect.annotateLogs(Effect.logInfo("session ended"), {
    why: ended._tag,
    heard: lastHeard > -Infinity,
    ...counters,
    roundTripMilliseconds: srtt === undefined ? undefined : Math.round(srtt)
  })
  journal.ended(session, ExitMessage.words(ended._tag, lastHeard > -Infinity))
  const now = yield* Actor.millis
  return {
    host: options.host,
    port: options.port,
    how: ended._tag,
    heard: lastHeard === -Infinity ? undefined : now() - lastHeard,
    unsent: trouble?.from === "sending" ? trouble.text : undefined,
    refused: refused > 0,
    left: left !== undefined,
    reported: session.ending(),
    // The reader of a pipe may exit at any time: that needs no line.
    signal: endedBy === "SIGPIPE" ? undefined : endedBy,
    // Output to a pipe or a file normally ends with the command.
    typing: !full || performance.now() - typedAt < OWN_END,
    undelivered: ended._tag !== "PeerShutdown" && session.held() > 0,
    detaching,
    attachCommand: options.attachCommand,
    throughSsh: options.relay?.use !== "Only" ? undefined : (unreached ?? trouble?.text ?? "the server did not answer"),
    screen: local.screen,
    // At a terminal the user saw how the program ended, and stock's client exits with 0.
    failure,
    exitStatus: failure !== undefined ? 1 : local.keyboard && local.screen ? 0 : statusOf(session.ending())
  }
})

/** A program that did not end has no status, which counts as failure. A stock server reports nothing, which counts as 0. */
const statusOf = (reported: ReturnType<ClientSession["ending"]>): number =>
  reported === undefined || reported.why === "Detached" || reported.why === "TakenOver" ? 0 : (reported.status ?? 1)

const WATCHES = "a client that only watches forwards nothing"

const CANNOT_DETACH = "The server cannot detach: only effect-mosh's can."

const CTRL_C = 0x03

/** An end within this time after a keystroke, ms, was probably caused by the user. */
const OWN_END = 3000

/** Stock's, and SIGUSR1, for which Node would open a debugger on a process that holds the session's key. */
const LEAVING: ReadonlyArray<NodeJS.Signals> = ["SIGTERM", "SIGINT", "SIGHUP", "SIGPIPE", "SIGUSR1"]

const onSignals = (signals: ReadonlyArray<NodeJS.Signals>, handler: (signal: NodeJS.Signals) => void) =>
  Effect.acquireRelease(
    Effect.sync(() => signals.forEach((signal) => process.on(signal, handler))),
    () => Effect.sync(() => signals.forEach((signal) => process.removeListener(signal, handler)))
  )

/** Prints the last lines, after the terminal was restored. */
const report = (options: ClientOptions, outcome: Outcome): void => {
  options.verbose?.release()
  if (outcome.failure !== undefined) process.stderr.write(`mosh: ${outcome.failure}\n`)
  for (const line of ExitMessage.lines(outcome)) process.stderr.write(`${line}\n`)
  if (outcome.screen) process.stdout.write("[mosh is exiting.]\n")
}
