/**
 * A client's end of a session: it sends keystrokes and receives screens over a `Transport`, and composes the picture to
 * show from the server's screen, the predictions and the notification bar.
 *
 * Every event is processed in the callback that delivers it, without a fiber in between: a keystroke goes straight to
 * the transport, and the picture of a datagram straight to its reader.
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as FiberSet from "effect/FiberSet"
import * as Latch from "effect/Latch"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type * as StatusLine from "../../domain/client/StatusLine.ts"
import * as SessionPicture from "../../domain/client/SessionPicture.ts"
import * as OtherClients from "../../domain/client/OtherClients.ts"
import * as Screen from "../../domain/objects/Screen.ts"
import { Features } from "../../domain/ssp/SyncObject.ts"
import * as Timing from "../../domain/ssp/Timing.ts"
import * as UserStream from "../../domain/objects/UserStream.ts"
import { StreamKind } from "../../domain/streams/StreamKind.ts"
import type { Frame } from "../../domain/terminal/Frame.ts"
import * as History from "../../domain/history/History.ts"
import type { TerminalReport } from "../../domain/terminal/TerminalReport.ts"
import type { ScreenPosition } from "../../domain/history/ScreenPosition.ts"
import type { AttachedClient } from "../../domain/wire/streams/AttachedClients.ts"
import * as Actor from "../runtime/Actor.ts"
import type { Compression } from "../transport/Compression.ts"
import { Datagrams, isRelay } from "../transport/Datagrams.ts"
import { clampSize } from "../../domain/terminal/ScreenSize.ts"
import { type ClientSession, DEFAULT_SIZE, MAX_UNACKNOWLEDGED, type SessionOptions } from "./MoshClient.ts"
import * as ReceivedHistory from "../history/ReceivedHistory.ts"
import * as SessionHistory from "../history/SessionHistory.ts"
import * as LatestValue from "../runtime/LatestValue.ts"
import * as AttachedReports from "./AttachedReports.ts"
import * as Notifier from "./Notifier.ts"
import type { PacketCipher } from "../transport/PacketCipher.ts"
import { Predictor } from "./Predictor.ts"
import * as TerminalReports from "./TerminalReports.ts"
import * as Transport from "../transport/Transport.ts"

const encoder = new TextEncoder()

/** The notification bar's text during a shutdown without a given reason. */
const LEAVING = "Exiting..."
const DETACHING = "Detaching..."

/**
 * Starts a session with the peer of `Datagrams`, encrypted with the key of `PacketCipher`. It lives as long as the
 * scope.
 */
export const make = Effect.fnUntraced(function* (
  options: SessionOptions
): Effect.fn.Return<ClientSession, never, Scope.Scope | Datagrams | PacketCipher | Compression | Predictor> {
  const { coloredBar = true, notifications = true, onPicture, size = DEFAULT_SIZE, titlePrefix = false } = options
  const rows = Math.floor(options.scrollback ?? History.DEFAULT_ROWS)
  const [peer] = (yield* Datagrams).peers()
  const predictor = yield* Predictor
  const now = yield* Actor.millis
  const room = yield* Latch.make(true)
  const ended = yield* Deferred.make<Transport.Ended>()
  const fork = yield* FiberSet.makeRuntime<never>()
  const pictures = LatestValue.make<Frame>(() => drawn.picture)
  const screens = LatestValue.make<Frame>(() => screen)
  const statuses = LatestValue.make<Transport.TransportStatus>(() => transport.status())
  let trouble: Transport.Trouble | undefined
  let refused = 0
  /** The last contact that was reported to the notification bar. */
  let lastHeard = -Infinity
  let lastAcknowledged = -Infinity
  let over = false
  let screenCount = 0
  /** The size that this client reported last. The screen has another one while another client's size applies. */
  let terminal = clampSize(size)

  const initial = Screen.blank(size)
  let screen = initial.frame
  let position: ScreenPosition | undefined
  const notifier = yield* Notifier.make({
    words: {
      port: peer === undefined || isRelay(peer) ? undefined : peer.port,
      quitHint: options.quitHint,
      help: options.help ?? "",
      unanswered: options.unanswered
    },
    giveUpAfter: options.giveUpAfter,
    report: () => ({ facts: facts(), columns: Math.min(drawn.picture.size.columns, terminal.columns) }),
    onRedraw: () => draw(),
    onGiveUp: () => void fork(transport.shutdown)
  })
  const prediction = yield* predictor.make({
    preference: options.prediction ?? "never",
    overwrite: options.predictOverwrite ?? false,
    frame: initial.frame,
    onRedraw: () => draw()
  })
  const transport: Transport.Transport<UserStream.UserStream, Screen.Screen> = yield* Transport.make({
    role: "Client",
    local: { object: UserStream.object, initial: UserStream.EMPTY },
    remote: { object: Screen.object, initial },
    features:
      Features.frames |
      Features.copies |
      Features.endings |
      Features.streams |
      Features.echo |
      Features.events |
      Features.mtu |
      Features.connectionIds |
      Features.widths |
      Features.uncompressed |
      (options.reportsTerminal === true ? Features.terminal | Features.images : 0) |
      (rows > 0 ? Features.history | Features.erasures : 0),
    minDelay: Timing.MIN_DELAY_CLIENT,
    events: {
      onRemote: ({ state: { echo, echoAck, frame, position: received } }) => {
        position = received
        if (frame !== screen) {
          screenCount++
          screen = frame
          screens.changed()
        }
        measured()
        prediction.offer({ _tag: "Received", frame, echoed: echoAck, report: echo })
        // Rows may leave the screen while equal ones take their place.
        if (position !== drawn.position) draw()
      },
      onStatus: () => observe()
    }
  })

  for (const handler of options.streamHandlers ?? []) yield* handler(transport)

  const history =
    rows > 0
      ? yield* ReceivedHistory.make({
          streams: transport.streams,
          rows,
          top: () => position?.top ?? 0,
          onReceived: options.onHistory,
          ended: Deferred.await(ended)
        })
      : SessionHistory.none

  let terminalReport: TerminalReport | undefined
  const terminalReports = LatestValue.make<TerminalReport | undefined>(() => terminalReport)
  if (options.reportsTerminal === true) {
    yield* TerminalReports.send(terminalReports.stream, transport).pipe(Effect.ignore, Effect.forkScoped)
  }

  let drawn = SessionPicture.initial(prediction.picture(), titlePrefix)

  const draw = (): void => {
    const next = SessionPicture.compose(drawn, {
      base: over ? transport.remote().state.frame : prediction.picture(),
      position,
      bar: over || !notifications ? undefined : notifier.text(),
      terminal,
      isBarColored: coloredBar,
      hasPrefix: titlePrefix && !over
    })
    if (next === drawn && !over) return
    drawn = next
    onPicture?.(drawn.picture)
    pictures.changed()
  }

  const facts = (): StatusLine.Facts => {
    const { addresses, lastHeard, link, peer, srtt, trouble } = transport.status()
    return {
      trouble: trouble?.text,
      roundTrip: srtt,
      loss: link.lossIn,
      silentFor: lastHeard === -Infinity ? undefined : now() - lastHeard,
      server: peer ?? "",
      addresses: addresses.length,
      predicted: prediction.counters(),
      password: transport.remote().state.echo?.echo === "Secret",
      attached
    }
  }

  let attached: ReadonlyArray<AttachedClient> = []
  yield* AttachedReports.receive(transport.streams, (clients) => {
    const change = OtherClients.change(attached, clients)
    attached = clients
    if (change !== undefined) notifier.offer({ _tag: "Message", text: change })
    statuses.changed()
    options.onStatus?.()
  })

  const measured = ({ srtt } = transport.contact()): void => {
    if (srtt !== undefined) prediction.offer({ _tag: "RoundTrip", srtt })
  }

  const observe = (): void => {
    const status = transport.contact()
    measured(status)
    if (status.trouble !== trouble) {
      trouble = status.trouble
      notifier.offer(trouble === undefined ? { _tag: "TroubleOver" } : { _tag: "Trouble", text: trouble.text })
    }
    if (status.refused > refused) notifier.offer({ _tag: "Refused" })
    refused = status.refused
    if (status.lastHeard !== lastHeard || status.lastAcknowledgedSend !== lastAcknowledged) {
      lastHeard = status.lastHeard
      lastAcknowledged = status.lastAcknowledgedSend
      notifier.offer({ _tag: "Contact", lastHeard, lastAcknowledged })
    }
    if (held() < MAX_UNACKNOWLEDGED) room.openUnsafe()
    statuses.changed()
    options.onStatus?.()
  }

  const held = (): number => {
    let bytes = 0
    for (const event of transport.local().pieces) if (event._tag === "Keys") bytes += event.bytes.length
    return bytes
  }

  const typeUnsafe: ClientSession["typeUnsafe"] = (input) => {
    const bytes = typeof input === "string" ? encoder.encode(input) : input
    prediction.offer({ _tag: "Typed", bytes, sent: transport.newestSent() })
    transport.publish(UserStream.push(transport.local(), bytes))
    statuses.changed()
    options.onStatus?.()
    if (held() < MAX_UNACKNOWLEDGED) return true
    room.closeUnsafe()
    return false
  }

  const resize: ClientSession["resize"] = (size) => {
    terminal = clampSize(size)
    prediction.offer({ _tag: "Reset", sent: transport.newestSent() })
    transport.publish(UserStream.resize(transport.local(), terminal))
    draw()
  }

  const shutdown = (reason = LEAVING): Effect.Effect<Transport.Ended> =>
    Effect.suspend(() => {
      if (!transport.status().shuttingDown) notifier.offer({ _tag: "Ending", text: reason })
      return Effect.andThen(transport.shutdown, Deferred.await(ended))
    })

  const delivered = Stream.runDrain(Stream.takeUntil(statuses.stream, () => held() === 0))
  const detach = Effect.gen(function* () {
    const { lastHeard, peerFeatures } = transport.status()
    if (lastHeard > -Infinity && (peerFeatures & Features.streams) === 0)
      return yield* new Transport.StreamError({ reason: "Unsupported" })
    notifier.offer({ _tag: "Ending", text: DETACHING })
    // From the request on, the server ignores the input that arrives.
    yield* delivered
    const request = yield* transport.streams.open(StreamKind.detach)
    yield* request.finish
    const refused = request.closed.pipe(
      Effect.catch((error) => (error.reason === "SessionEnded" ? Effect.void : error)),
      Effect.andThen(Effect.never)
    )
    return yield* Effect.raceFirst(Deferred.await(ended), refused)
  }).pipe(
    Effect.scoped,
    Effect.tapError(() => Effect.sync(() => notifier.offer({ _tag: "Ending", text: undefined }))),
    Effect.withSpan("ClientSession.detach")
  )

  const finish = (how: Transport.Ended): void => {
    over = true
    draw()
    room.openUnsafe()
    pictures.end()
    screens.end()
    statuses.changed()
    statuses.end()
    Deferred.doneUnsafe(ended, Effect.succeed(how))
  }
  yield* transport.ended.pipe(Effect.map(finish), Effect.forkScoped({ startImmediately: true }))
  resize(size)

  return {
    picture: () => drawn.picture,
    pictures: pictures.stream,
    screen: () => screen,
    screens: screens.stream,
    type: (input) => Effect.suspend(() => (typeUnsafe(input) ? Effect.void : room.await)),
    typeUnsafe,
    room: room.await,
    held,
    resize,
    notification: notifier.text,
    toggleStatus: notifier.toggleStatus,
    notify: (text) => notifier.offer({ _tag: "Message", text }),
    showPrompt: (text) => notifier.offer({ _tag: "Prompt", text }),
    showQuestion: (text) => notifier.offer({ _tag: "Question", text }),
    reportTerminal: (report) => {
      terminalReport = report
      terminalReports.changed()
    },
    showHelp: (shown) => notifier.offer({ _tag: "Help", shown }),
    status: transport.status,
    statuses: statuses.stream,
    streams: transport.streams,
    position: () => position,
    history,
    screenCount: () => screenCount,
    attached: () => attached,
    predicted: prediction.counters,
    shutdown,
    detach,
    shutdownUnsafe: (reason = LEAVING) => void fork(shutdown(reason)),
    ended: Deferred.await(ended),
    ending: () => transport.remote().state.ending
  }
})
