/**
 * Connects a session to one client through one transport.
 *
 * Keystrokes of the client are translated and typed into the program. The client's window size becomes the screen's
 * size. The screen goes to the client, with the number of the newest client state whose effects it should show
 * (`EchoAck`).
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import * as ImageAudience from "../../domain/images/ImageAudience.ts"
import type { Millis } from "../../domain/Machine.ts"
import * as ClientInput from "../../domain/session/ClientInput.ts"
import * as Lifetime from "../../domain/session/Lifetime.ts"
import * as ReportedEnding from "../../domain/session/ReportedEnding.ts"
import * as EchoAck from "../../domain/objects/EchoAck.ts"
import * as Screen from "../../domain/objects/Screen.ts"
import { Features } from "../../domain/ssp/SyncObject.ts"
import * as Timing from "../../domain/ssp/Timing.ts"
import * as UserStream from "../../domain/objects/UserStream.ts"
import * as EventCounts from "../../domain/events/EventCounts.ts"
import * as InputTranslation from "../../domain/keyboard/InputTranslation.ts"
import type { TerminalReport } from "../../domain/terminal/TerminalReport.ts"
import type { SessionEnding } from "../../domain/wire/SessionEnding.ts"
import * as Actor from "../runtime/Actor.ts"
import * as Background from "../runtime/Background.ts"
import { Timers } from "../runtime/Timer.ts"
import * as EchoReports from "./EchoReports.ts"
import type { Compression } from "../transport/Compression.ts"
import { type Address, type Datagrams, formatAddress } from "../transport/Datagrams.ts"
import * as LatestValue from "../runtime/LatestValue.ts"
import type { PacketCipher } from "../transport/PacketCipher.ts"
import * as ImageSender from "../images/ImageSender.ts"
import * as HistorySender from "../history/HistorySender.ts"
import type { Session } from "./Session.ts"
import * as TerminalReports from "./TerminalReports.ts"
import type { StreamHandler } from "../transport/StreamHandler.ts"
import * as Transport from "../transport/Transport.ts"

/** The connection of a session to one client. Its functions are synchronous and never throw. */
export interface SessionTransport {
  /** The current state of the connection. */
  readonly status: () => Transport.TransportStatus
  /** The current `status`, then the newest after each change. Ends with the transport. */
  readonly statuses: Stream.Stream<Transport.TransportStatus>
  /** Reliable byte streams to and from the client. */
  readonly streams: Transport.TransportStreams
  /** How long ago the client's newest state arrived, and its address then; `undefined` until the first. */
  readonly contact: () => Contact | undefined
  /** Ends the transport as SIGTERM ends `mosh-server`: notifies the client, and waits for its acknowledgement. */
  readonly terminate: () => void
  /**
   * Ends the transport, and lets the session continue: notifies the client, and waits for its acknowledgement. From this
   * call on, nothing that the client sends has an effect. `from`: the address of the client that took over.
   */
  readonly close: (because: Lifetime.CloseReason, from?: string) => void
  /** Ends the transport as SIGUSR1 ends `mosh-server`: only if no new client state arrived for `limits.signal`. */
  readonly hangUpIfIdle: () => void
  /** Resumes with the reason when the shutdown handshake is complete, or has timed out. */
  readonly ended: Effect.Effect<Lifetime.EndReason>
}

/** The last contact with a client. */
export interface Contact {
  /** How long ago the newest client state arrived, ms. An age, so it needs no common clock. */
  readonly age: Millis
  /** The client's numeric address and port at that time, as `host:port`. */
  readonly from: string
}

/** How long before the scheduled send of a screen it is replaced by the newest one, ms. */
const REFRESH_BEFORE_SEND = 2

const NOTHING: Uint8Array = new Uint8Array()

/** What a client meets besides the session. */
export interface AttachOptions {
  /** See `ListenOptions.streamHandlers`. */
  readonly handlers?: ReadonlyArray<StreamHandler> | undefined
  /** See `ListenOptions.name`. */
  readonly name?: string | undefined
}

/**
 * Connects `session` to the client of `Datagrams` that has the key of `PacketCipher`, beginning with the current
 * screen. The first new client state starts the program. The handlers run until the session no longer belongs to the client.
 */
export const attach = Effect.fnUntraced(function* (
  session: Session,
  limits: Lifetime.Limits,
  { handlers = [], name }: AttachOptions = {}
): Effect.fn.Return<SessionTransport, never, Scope.Scope | Datagrams | PacketCipher | Compression> {
  const now = yield* Actor.millis
  const ended = yield* Deferred.make<Lifetime.EndReason>()
  const start = yield* Background.start
  const statuses = LatestValue.make<Transport.TransportStatus>(() => transport.status())

  const echo = yield* Actor.spawn<EchoAck.State, EchoAck.Input, EchoAck.Output>({
    machine: EchoAck.machine,
    initial: EchoAck.initial,
    tick: { _tag: "Tick" },
    perform: () => publish()
  })

  const keyboard = yield* Actor.spawn<InputTranslation.State, InputTranslation.Input, InputTranslation.Output>({
    machine: InputTranslation.machine,
    initial: InputTranslation.initial,
    tick: { _tag: "Tick" },
    perform: session.type
  })

  const lifetime = yield* Actor.spawn<Lifetime.State, Lifetime.Input, Lifetime.Output>({
    machine: Lifetime.machine,
    initial: Lifetime.initial(limits, now()),
    tick: { _tag: "Tick" },
    perform: (output, { because }) => {
      if (output._tag === "Shutdown") {
        if (because !== undefined) explain(because)
        start(transport.shutdown)
      } else {
        statuses.changed()
        statuses.end()
        Deferred.doneUnsafe(ended, Effect.succeed(output.reason))
      }
    }
  })

  const answer = yield* (yield* Timers).make(() => publish())

  /** The client's input stream up to the last event that was applied. */
  let applied = UserStream.EMPTY
  /** The cursor of the screen that was published last. */
  let { cursor } = session.frame()

  const reports = EchoReports.make()

  /** The client's address when its newest state arrived. The transport forgets the address of a silent client. */
  let lastAddress: Address | undefined

  /** Sends the rows that leave the screen, where both ends keep a history. */
  let rows: HistorySender.HistorySender | undefined
  /** What the client's terminal reported about itself. */
  let terminal: TerminalReport | undefined
  const showsImages = (): boolean => ImageAudience.includes(transport.peerFeatures(), terminal)
  /** Whether the client's first state arrived, which carries its features. */
  let isKnown = false

  /** The transport was closed: the session belongs to other clients now. */
  let closed: ReportedEnding.Closed | undefined

  const onRemote = (remote: Transport.RemoteState<UserStream.UserStream>): void => {
    if (closed !== undefined) return
    lifetime.offer({ _tag: "ClientStateReceived" })
    const peerFeatures = transport.peerFeatures()
    if ((peerFeatures & Features.echo) !== 0) session.observeEcho()
    lastAddress = transport.peerAddress() ?? lastAddress
    if (!isKnown && (peerFeatures & Features.history) !== 0) {
      rows?.start({
        widths: (peerFeatures & Features.widths) !== 0,
        erasures: (peerFeatures & Features.erasures) !== 0
      })
    }
    if (!isKnown && (peerFeatures & Features.terminal) !== 0) session.expectTerminal()
    isKnown = true
    const events = UserStream.since(remote.state, applied)
    applied = remote.state
    // Keystrokes separated only by sizes that are not applied are typed in one piece.
    const inputs = UserStream.joined(ClientInput.applied(events))
    for (const event of inputs) {
      if (event._tag === "Resize") session.resize(event.size)
      else {
        const applicationCursorKeys = session.applicationCursorKeys()
        keyboard.offer({ _tag: "Typed", bytes: event.bytes, applicationCursorKeys })
      }
    }
    reports.typed(session.inputs(), remote.number)
    session.start()
    // The program's response skips the pacing queue once, so it is published as soon as it can be expected, not only
    // when the queued screen is due.
    if (events.length > 0 && transport.wait() > 0) answer.arm(Timing.RESPONSE_DELAY - REFRESH_BEFORE_SEND)
    if (events.length > 0) {
      const [first, second] = inputs
      const keys = first?._tag === "Keys" && second === undefined ? first.bytes : NOTHING
      echo.offer({ _tag: "Delivered", number: remote.number, typed: keys, cursor })
    }
  }

  // A client starts from a blank screen of its own size. To a client that joins a running session the first difference must
  // report the screen's size, so it is made from a size that no useful screen has.
  const initialSize = session.isStarted() ? { columns: 1, rows: 1 } : session.frame().size
  const transport: Transport.Transport<Screen.Screen, UserStream.UserStream> = yield* Transport.make({
    role: "Server",
    local: { object: Screen.object, initial: Screen.blank(initialSize) },
    remote: { object: UserStream.object, initial: UserStream.EMPTY },
    features:
      Features.frames |
      Features.copies |
      Features.endings |
      Features.streams |
      Features.echo |
      Features.events |
      Features.mtu |
      Features.connectionIds |
      Features.terminal |
      Features.images |
      Features.widths |
      Features.uncompressed |
      (session.ring === undefined ? 0 : Features.history | Features.erasures),
    minDelay: Timing.MIN_DELAY_SERVER,
    events: { onRemote, onStatus: () => onStatus() }
  })

  const handling = yield* Scope.fork(yield* Effect.scope)
  for (const handler of handlers) yield* Scope.provide(handler(transport), handling)
  const reportTerminal = (report: TerminalReport): void => {
    const wereShown = showsImages()
    terminal = report
    session.reportTerminal(report)
    if (showsImages() !== wereShown) publish()
  }
  yield* Scope.provide(TerminalReports.receive({ reportTerminal })(transport), handling)

  rows = session.ring && (yield* HistorySender.make(session.ring, transport.streams))

  const images = yield* ImageSender.make(session.images, transport.streams)

  /** The events that other clients had when this one was sent its first screen. */
  let before: EventCounts.EventCounts | undefined
  yield* session.delivered.add(() =>
    EventCounts.sum(before ?? EventCounts.NONE, EventCounts.of(transport.acknowledged().frame))
  )

  let ending: SessionEnding | undefined
  /** `isChanged`: the program has printed since the last time. */
  const publish = (isChanged = false): void => {
    before ??= session.delivered.counts()
    // A state with a position differs whenever a row leaves the screen, so other peers get states without it.
    const position = session.position()
    const report = session.echo()
    const whole = session.frame()
    if (isChanged) {
      echo.offer({ _tag: "Screen", frame: whole, peer: transport.peerFeatures(), isLossy: transport.isLossy() })
    }
    cursor = whole.cursor
    const isIncluded = showsImages()
    if (isIncluded) images.shown(whole)
    const frame = ImageAudience.frameFor(whole, session.images.last > 0, isIncluded)
    const screen = {
      frame: EventCounts.since(frame, before),
      echoAck: echo.state().acknowledged,
      ...(ending !== undefined && { ending }),
      ...(position !== undefined && { position }),
      ...(report !== undefined && { echo: reports.of(report, session.lineColumn()) })
    }
    transport.publish(Screen.visible(screen, transport.peerFeatures()))
  }

  /** Adds the reason to the last screen, which arrives together with the shutdown. */
  const explain = (reason: Lifetime.EndReason): void => {
    const reported = ReportedEnding.ofTransport(reason, ending, closed)
    if (reported === undefined) return
    ending = reported
    publish()
  }

  /** Whether the client's address is known. It is forgotten after a long silence, and then nothing is published. */
  let isAttached = false
  const onStatus = (): void => {
    const attached = transport.peerAddress() !== undefined
    if (attached && !isAttached) {
      rows?.changed()
      publish()
    }
    isAttached = attached
    statuses.changed()
  }

  // A screen in the pacing queue is read twice: when it changes, and shortly before it is sent.
  yield* session.watch(() => {
    if (!isAttached || closed !== undefined) return
    rows?.changed()
    publish(true)
    return transport.wait() - REFRESH_BEFORE_SEND
  })
  yield* Effect.forkScoped(
    Effect.gen(function* () {
      ending = ReportedEnding.ofProgram(yield* session.ended)
      // The program's last output is sent together with the shutdown.
      publish()
      // The client shows the rows above the last screen before it exits.
      if (isAttached && rows !== undefined) yield* rows.drain
      lifetime.offer({ _tag: "ProgramEnded" })
    })
  )
  yield* Effect.forkScoped(
    Effect.andThen(
      transport.ended,
      Effect.sync(() => lifetime.offer({ _tag: "TransportEnded" }))
    )
  )

  return {
    status: transport.status,
    statuses: statuses.stream,
    streams: transport.streams,
    contact: () => {
      const { lastHeard } = transport.status()
      return lastHeard === -Infinity
        ? undefined
        : { age: now() - lastHeard, from: lastAddress === undefined ? "" : formatAddress(lastAddress) }
    },
    terminate: () => lifetime.offer({ _tag: "Terminate", attached: transport.status().attached }),
    close: (because, from) => {
      closed = { by: closed?.by ?? from, name }
      start(Scope.close(handling, Exit.void))
      lifetime.offer({ _tag: "Close", because, attached: transport.status().attached })
    },
    hangUpIfIdle: () => lifetime.offer({ _tag: "HangupIdle" }),
    ended: Deferred.await(ended)
  }
})
