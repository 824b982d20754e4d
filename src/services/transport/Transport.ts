/**
 * One end of an SSP session: it keeps a local object in step with the peer's copy, and a copy of the peer's object.
 *
 * `Transport` is alive while its scope is: it sends, acknowledges, retransmits and roams by itself. The embedding program
 * publishes new local states, and watches the remote one.
 *
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { type Role, type SyncObject, Transport } from "effect-mosh"
 *
 * // Two numbers, one in each direction: each end counts on from the number that it receives.
 * export const race = Effect.fnUntraced(function* (role: Role, object: SyncObject<number>) {
 *   const end = { object, initial: 0 }
 *   const transport = yield* Transport.make({ role, local: end, remote: end })
 *   yield* Stream.runForEach(transport.remotes, ({ state }) => Effect.sync(() => transport.publish(state + 1)))
 *   return yield* transport.ended
 * })
 * ```
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import type { Millis } from "../../domain/Machine.ts"
import type { Candidate } from "../../domain/ssp/path/ClientPaths.ts"
import type { DropReason } from "../../domain/ssp/DropReason.ts"
import * as Loss from "../../domain/ssp/path/Loss.ts"
import type { RemoteState } from "../../domain/ssp/Receiver.ts"
import type { Role } from "../../domain/ssp/Role.ts"
import * as Retransmission from "../../domain/ssp/sender/Retransmission.ts"
import * as Sender from "../../domain/ssp/sender/Sender.ts"
import { Features, type SyncObject } from "../../domain/ssp/SyncObject.ts"
import * as Timing from "../../domain/ssp/Timing.ts"
import * as Streams from "../../domain/streams/Streams.ts"
import type { StateNumber } from "../../domain/wire/Numbers.ts"
import * as Actor from "../runtime/Actor.ts"
import type { Compression } from "./Compression.ts"
import { type Address, type Datagrams, formatAddress } from "./Datagrams.ts"
import * as Endpoint from "./Endpoint.ts"
import * as OptionError from "../runtime/OptionError.ts"
import * as LatestValue from "../runtime/LatestValue.ts"
import type { PacketCipher } from "./PacketCipher.ts"
import * as TransportMetrics from "./TransportMetrics.ts"
import type { TransportStatus, Trouble } from "./TransportStatus.ts"
import * as TransportStreams from "./TransportStreams.ts"

export type { ByteStream } from "./ByteStream.ts"
export { StreamError, type StreamErrorReason } from "./StreamError.ts"
export type { OpenOptions, TransportStreams } from "./TransportStreams.ts"
export type { RemoteState } from "../../domain/ssp/Receiver.ts"
export type { Counters, LinkStatus, TransportStatus, Trouble } from "./TransportStatus.ts"

/** What to synchronise, and how. */
export interface TransportOptions<Local, Remote> {
  /** Which end this is. A client knows its server's address; a server learns its client's. */
  readonly role: Role
  /** What this end sends, and the state that both ends start from. */
  readonly local: Synchronised<Local>
  /** What this end receives, and the state that both ends start from. */
  readonly remote: Synchronised<Remote>
  /** What this end understands beyond stock mosh. Default: nothing. */
  readonly features?: Features | undefined
  /**
   * How long a new local state waits for further changes, ms, 0 to 3000. Values outside are reduced to the range, and
   * `NaN` to 0. Default: 0 on a client, 8 on a server.
   */
  readonly minDelay?: Millis | undefined
  /** @internal Callbacks that run synchronously as things happen. Default: none. */
  readonly events?: Partial<TransportEvents<Remote>> | undefined
  /** Composes the schedule of the endpoint's timer: sends, acknowledgements, retransmissions. Default: SSP's own deadlines. */
  readonly wake?: Actor.WakeSchedule | undefined
}

/** One direction. */
export interface Synchronised<State> {
  /** How its states are compared, sent and received. */
  readonly object: SyncObject<State>
  /** State number 0, on which both ends agree. */
  readonly initial: State
}

/** One end. Its streams emit the current value, then the newest after each change. They end with the session. */
export interface Transport<Local, Remote> {
  /** Sets the current local state. Synchronous and cheap; callable from any callback. Ignored once shutting down. */
  readonly publish: (state: Local) => void
  /** The current local state, less what the peer has acknowledged (`SyncObject.subtract`). Build the next state on it. */
  readonly local: () => Local
  /** @internal The newest local state that the peer acknowledged, less what it acknowledged before (`SyncObject.subtract`). */
  readonly acknowledged: () => Local
  /** How long the current local state will wait to be sent, ms; 0 if nothing waits, or may be sent sooner. */
  readonly wait: () => Millis
  /** The newest remote state. Number 0 is the agreed initial one. */
  readonly remote: () => RemoteState<Remote>
  /** The current value of `remote`, then each change. */
  readonly remotes: Stream.Stream<RemoteState<Remote>>
  /** The state of the connection: contact, round trip, loss, counters. */
  readonly status: () => TransportStatus
  /** @internal A part of `status`, for each datagram: the whole status costs more. */
  readonly contact: () => Contact
  /** @internal What `status` has as `sent`. */
  readonly newestSent: () => StateNumber
  /** @internal What `status` has as `peerFeatures`, for each keystroke: the whole status costs more. */
  readonly peerFeatures: () => Features
  /** @internal Whether the path is known to lose datagrams, in either direction. */
  readonly isLossy: () => boolean
  /** @internal The address of which `status` has the text as `peer`. */
  readonly peerAddress: () => Address | undefined
  /** The current `status`, then each change that a user may want to see. */
  readonly statuses: Stream.Stream<TransportStatus>
  /** Reliable byte streams beside the states. They need `Features.streams` at both ends, and fail with `Unsupported` without. */
  readonly streams: TransportStreams.TransportStreams
  /** Starts the shutdown handshake. Further calls do nothing. Resumes when the session has ended. */
  readonly shutdown: Effect.Effect<Ended>
  /** Resumes when either end has ended the session. */
  readonly ended: Effect.Effect<Ended>
}

/** @internal What this end knows of its peer by what arrives. */
export type Contact = Pick<TransportStatus, "lastAcknowledgedSend" | "lastHeard" | "refused" | "srtt" | "trouble">

/** @internal Called, synchronously and in order, as things happen. None may throw. */
export interface TransportEvents<Remote> {
  /** The newest remote state changed. */
  readonly onRemote: (remote: RemoteState<Remote>) => void
  /** `status` changed in a way that a user may want to see: contact, acknowledgement, round trip, errors. */
  readonly onStatus: () => void
}

/** How a session ended. */
export type Ended =
  /** Our shutdown was acknowledged. */
  | { readonly _tag: "Acknowledged" }
  /** The peer shut down, and we acknowledged it. */
  | { readonly _tag: "PeerShutdown" }
  /** Our shutdown was never acknowledged. */
  | { readonly _tag: "TimedOut" }
  /** The key has encrypted as much as it may (spec 2.3). A new session is needed. */
  | { readonly _tag: "KeyExhausted" }

/**
 * Starts one end of a session. It lives as long as the scope, and so does its span, `mosh.transport`: with the `role`, how it
 * `ended`, and its `datagrams`, `roams` and `retransmissions`.
 */
export const make = Effect.fnUntraced(function* <Local, Remote>(
  options: TransportOptions<Local, Remote>
): Effect.fn.Return<Transport<Local, Remote>, never, Compression | Datagrams | PacketCipher | Scope.Scope> {
  const { events = {}, features = Features.stock, local, role } = options
  const usualDelay = role === "Client" ? Timing.MIN_DELAY_CLIENT : Timing.MIN_DELAY_SERVER
  const minDelay = OptionError.clampMillis(options.minDelay ?? usualDelay, Timing.ACK_INTERVAL)
  const now = yield* Actor.millis
  const ended = yield* Deferred.make<Ended>()
  const metrics = yield* TransportMetrics.make(role)
  let dropped: Readonly<Record<DropReason, number>> = NONE_DROPPED
  let received = 0
  let sent = 0
  let sendErrors = 0
  let refused = 0
  let roams = 0
  let trouble: Trouble | undefined
  /** When the newest packet of the peer arrived. */
  let packetAt = -Infinity
  let remote: RemoteState<Remote> = { number: 0n, state: options.remote.initial, at: now() }
  const remotes = LatestValue.make<RemoteState<Remote>>(() => remote)
  const statuses = LatestValue.make<TransportStatus>(() => status())
  const news = (): void => {
    events.onStatus?.()
    statuses.changed()
  }

  /** Whether the current datagram has news: they are reported once, after its other events. */
  let hasNews = false
  const handled = (): void => {
    if (!hasNews) return
    hasNews = false
    news()
  }

  const span = yield* Effect.makeSpanScoped("mosh.transport", { kind: role === "Client" ? "client" : "server" })
  span.attribute("role", role)

  // A flood of bad datagrams must not cause a flood of status changes.
  const report = (from: Trouble["from"], text: string): void => {
    const at = now()
    if (trouble?.text === text && at - trouble.at < SAME_TROUBLE) return
    trouble = { from, text, at }
    news()
  }
  const clear = (from: Trouble["from"]): void => {
    if (trouble?.from !== from) return
    trouble = undefined
    news()
  }
  const drop = (from: Trouble["from"], reason: DropReason): void => {
    dropped = { ...dropped, [reason]: dropped[reason] + 1 }
    metrics.dropped(reason)
    const text = DROPPED[reason]
    // While the peer's packets arrive, datagrams without the key are counted, but not reported.
    const isStrange = reason === "unauthentic" && now() - packetAt < 2 * Timing.ACK_INTERVAL
    if (text !== undefined && !isStrange) report(from, text)
  }
  // Resume waiters on a later tick. They may close the scope, and the last datagram must be sent, and the peer's last state
  // reported, before.
  const awaitEnd = Effect.andThen(Deferred.await(ended), (how) => Effect.as(Effect.yieldNow, how))
  const end = (how: Ended["_tag"]): void => {
    metrics.ended(how)
    Deferred.doneUnsafe(ended, Effect.succeed({ _tag: how }))
    span.attribute("ended", how)
    news()
    remotes.end()
    statuses.end()
    streams.onSessionEnd()
  }
  const streams = TransportStreams.make({
    isEnabled: (features & Features.streams) !== 0,
    offer: (input) => endpoint.offer({ _tag: "Stream", input }),
    written: (stream) => Streams.written(endpoint.state().streams, stream),
    room: (stream) => Streams.room(endpoint.state().streams, stream)
  })

  const onEvent = (event: Endpoint.Event<Remote>): void => {
    switch (event._tag) {
      case "PacketReceived":
        packetAt = now()
        refused = 0
        return
      case "Acknowledged":
        clear("receiving")
        hasNews = true
        return
      case "RemoteChanged":
        hasNews = true
        remote = { number: event.number, state: event.state, at: event.at }
        events.onRemote?.(remote)
        return remotes.changed()
      case "RoundTripChanged":
        if (event.srtt !== undefined) metrics.roundTrip(event.srtt)
        hasNews = true
        return
      case "Attached":
        located()
        return news()
      case "Roamed":
        roams++
        metrics.roamed()
        if (role === "Client") return
        located()
        return news()
      case "Moved":
        return news()
      case "Dropped":
        return drop(event.direction, event.reason)
      case "StreamsNegotiated":
        return streams.onNegotiated(event.isSupported)
      case "Stream":
        return streams.onEvent(event.event)
      case "Ended":
        return end(event.reason)
    }
  }

  const endpoint: Endpoint.Endpoint<Local, Remote> = yield* (yield* Endpoint.Endpoint).make<Local, Remote>({
    role,
    local,
    remote: options.remote,
    features,
    minDelay,
    wake: options.wake,
    events: {
      onEvent,
      onReceived: () => {
        received++
        metrics.received()
      },
      onHandled: handled,
      onSent: (isCurrent) => {
        sent++
        metrics.sent()
        metrics.retransmissions(endpoint.state().sender.retransmissions)
        if (isCurrent) clear("sending")
      },
      onTrouble: ({ kind, text }) => {
        sendErrors++
        // Only a client learns from a refusal: its server has ended. A client that roamed leaves a closed port behind.
        if (kind !== "ConnectionRefused" || role === "Server") return report("sending", text)
        refused++
        news()
      }
    }
  })

  /** Where the peer is, as far as that is known. */
  const peer = () => {
    const { clientPaths, paths } = endpoint.state().connection
    return clientPaths.current?.address ?? paths.peer?.address
  }
  const located = (): void => {
    if (role === "Client") return
    const address = peer()
    metrics.attached(address === undefined ? undefined : formatAddress(address))
  }

  /** These parts of a status seldom change. */
  const formatted = memoized((address: Address | undefined) => address && formatAddress(address))
  const allFormatted = memoized((candidates: ReadonlyArray<Candidate<Address>>) =>
    candidates.map(({ address }) => formatAddress(address))
  )

  const contact = (): Contact => {
    const { sender: sending } = endpoint.state()
    return {
      lastHeard: remote.number === 0n ? -Infinity : remote.at,
      lastAcknowledgedSend: Sender.acknowledged(sending).at,
      srtt: sending.path.estimate.srtt,
      refused,
      trouble
    }
  }

  const status = (): TransportStatus => {
    const { connection, mtu, receiver, sender: sending } = endpoint.state()
    const { rto, srtt } = sending.path.estimate
    const address = peer()
    return {
      attached: address !== undefined,
      peer: formatted(address),
      addresses: allFormatted(connection.clientPaths.candidates),
      ...contact(),
      sent: Sender.newest(sending).number,
      acknowledged: Sender.acknowledged(sending).number,
      rto,
      sendInterval: Timing.sendInterval(srtt),
      peerFeatures: sending.peer.features,
      shuttingDown: sending.shutdown !== undefined,
      link: { lossIn: Loss.share(connection.loss), datagramLimit: mtu.size },
      held: { local: sending.sent.length, remote: receiver.received.length },
      counters: {
        sent,
        received,
        dropped,
        sendErrors,
        roams,
        retransmissions: sending.retransmissions
      }
    }
  }

  yield* Effect.addFinalizer(() =>
    Effect.sync(() => {
      streams.onSessionEnd()
      span.attribute("datagrams", sent + received)
      span.attribute("roams", roams)
      span.attribute("retransmissions", endpoint.state().sender.retransmissions)
    })
  )
  yield* endpoint.listen

  return {
    publish: (state) => endpoint.offer({ _tag: "Publish", state }),
    local: () => endpoint.state().sender.window.current,
    acknowledged: () => Sender.acknowledged(endpoint.state().sender).state,
    wait: () => Math.max(0, endpoint.state().sender.news.turnAt - now()),
    remote: () => remote,
    remotes: remotes.stream,
    status,
    contact,
    newestSent: () => Sender.newest(endpoint.state().sender).number,
    peerFeatures: () => endpoint.state().sender.peer.features,
    isLossy: () => {
      const { path, retransmission } = endpoint.state().sender
      return Retransmission.knownLoss(retransmission, path.estimate) > 0
    },
    peerAddress: peer,
    statuses: statuses.stream,
    streams: streams.streams,
    shutdown: Effect.suspend(() => {
      endpoint.offer({ _tag: "Shutdown" })
      return awaitEnd
    }),
    ended: awaitEnd
  }
})

/** A function that remembers its last result. */
const memoized = <A, B>(f: (value: A) => B): ((value: A) => B) => {
  let last: { readonly value: A; readonly result: B } | undefined
  return (value) => {
    if (last === undefined || last.value !== value) last = { value, result: f(value) }
    return last.result
  }
}

/** The same trouble is reported once in this time, ms. */
const SAME_TROUBLE = 1000

const NONE_DROPPED: Readonly<Record<DropReason, number>> = {
  oversize: 0,
  short: 0,
  unauthentic: 0,
  misdirected: 0,
  late: 0,
  fragment: 0,
  compression: 0,
  instruction: 0,
  version: 0,
  diff: 0,
  limit: 0
}

/** What to report to the user about a dropped datagram; `undefined` for those that any network repeats or delays. */
const DROPPED: Readonly<Record<DropReason, string | undefined>> = {
  oversize: "Received a datagram that is too long.",
  short: "Received a datagram that is too short.",
  unauthentic: "Received a datagram that fails authentication.",
  misdirected: "Received a datagram of our own.",
  late: undefined,
  fragment: "The peer sent a malformed fragment.",
  compression: "The peer sent what cannot be decompressed.",
  instruction: "The peer sent a malformed instruction.",
  version: "The peer speaks another protocol version.",
  diff: "The peer sent an update that cannot be applied.",
  limit: "An update is too large."
}
