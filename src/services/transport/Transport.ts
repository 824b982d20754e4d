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
 * // Two numbers, one each way: each end counts up when it hears of a higher one.
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
import type { DropReason } from "../../domain/ssp/DropReason.ts"
import * as Loss from "../../domain/ssp/Loss.ts"
import type { Role } from "../../domain/ssp/Role.ts"
import * as Sender from "../../domain/ssp/Sender.ts"
import { Features, type SyncObject } from "../../domain/ssp/SyncObject.ts"
import * as Timing from "../../domain/ssp/Timing.ts"
import * as Actor from "../runtime/Actor.ts"
import type { Compression } from "./Compression.ts"
import { Datagrams, formatAddress } from "./Datagrams.ts"
import * as Endpoint from "./Endpoint.ts"
import * as LatestValue from "../runtime/LatestValue.ts"
import type { PacketCipher } from "./PacketCipher.ts"
import * as TransportMetrics from "./TransportMetrics.ts"
import type { TransportStatus, Trouble } from "./TransportStatus.ts"

export type { Counters, LinkStatus, TransportStatus, Trouble } from "./TransportStatus.ts"

/** What to keep in step, and how. */
export interface TransportOptions<Local, Remote> {
  /** Which end this is: a client knows where its server is, a server learns it. */
  readonly role: Role
  /** What this end sends, and the state that both ends start from. */
  readonly local: Synchronised<Local>
  /** What this end receives, and the state that both ends start from. */
  readonly remote: Synchronised<Remote>
  /** What this end understands beyond stock mosh; nothing without it. */
  readonly features?: Features | undefined
  /** How long a new local state waits for more to come, ms; without it 0 on a client, and 8 on a server. */
  readonly minDelay?: Millis | undefined
  /** Who is told, synchronously, of what happens; nobody without it. */
  readonly events?: Partial<TransportEvents<Remote>> | undefined
  /** Composes the schedule of the endpoint's timer: sends, acknowledgements, retransmissions. Default: SSP's own deadlines. */
  readonly wake?: Actor.WakeSchedule | undefined
}

/** One direction. */
export interface Synchronised<State> {
  /** How its states are told apart, and told. */
  readonly object: SyncObject<State>
  /** State number 0, on which both ends agree. */
  readonly initial: State
}

/** One end. Its streams give what is now, and then the newest after each change; they end with the session. */
export interface Transport<Local, Remote> {
  /** Makes `state` the present local state. Synchronous and cheap; callable from any callback. Ignored once shutting down. */
  readonly publish: (state: Local) => void
  /** The present local state, less what the peer has acknowledged (`SyncObject.subtract`). Build the next state on it. */
  readonly local: () => Local
  /** How long the present local state waits for its turn to be sent, ms; 0 when nothing waits, or what waits may go sooner. */
  readonly wait: () => Millis
  /** The newest remote state. Number 0 is the agreed initial one. */
  readonly remote: () => Numbered<Remote>
  /** `remote`, now and as it changes. */
  readonly remotes: Stream.Stream<Numbered<Remote>>
  /** How the connection fares: contact, round trip, loss, counters. */
  readonly status: () => TransportStatus
  /** `status`, now and whenever something in it changed that a person may want to see. */
  readonly statuses: Stream.Stream<TransportStatus>
  /** Starts the shutdown handshake; more calls do nothing. Resumes when the session has ended. */
  readonly shutdown: Effect.Effect<Ended>
  /** Resumes when the session has ended, whoever ended it. */
  readonly ended: Effect.Effect<Ended>
}

/** Called, synchronously and in order, as things happen. None may throw. */
export interface TransportEvents<Remote> {
  /** The newest remote state changed. */
  readonly onRemote: (remote: Numbered<Remote>) => void
  /** Something in `status` changed that a person may want to see: contact, acknowledgement, round trip, errors. */
  readonly onStatus: () => void
}

/** A state of the peer's. */
export interface Numbered<State> {
  /** SSP state number; 2^64 − 1 is the shutdown state. */
  readonly number: bigint
  /** The state. */
  readonly state: State
  /** When it arrived. */
  readonly at: Millis
}

/** How a session ended. */
export type Ended =
  /** Our shutdown was acknowledged. */
  | { readonly _tag: "Acknowledged" }
  /** The peer shut down, and we told it that we know. */
  | { readonly _tag: "PeerShutdown" }
  /** Our shutdown was never acknowledged. */
  | { readonly _tag: "TimedOut" }
  /** The key has encrypted all it may (spec 2.3): the session must be started anew. */
  | { readonly _tag: "KeyExhausted" }

/**
 * Starts one end of a session. It lives as long as the scope, and so does its span, `mosh.transport`: with the `role`, how it
 * `ended`, and its `datagrams`, `roams` and `retransmissions`.
 */
export const make = Effect.fnUntraced(function* <Local, Remote>(
  options: TransportOptions<Local, Remote>
): Effect.fn.Return<Transport<Local, Remote>, never, Compression | Datagrams | PacketCipher | Scope.Scope> {
  const { events = {}, features = Features.stock, local, role } = options
  const { minDelay = role === "Client" ? Timing.MIN_DELAY_CLIENT : Timing.MIN_DELAY_SERVER } = options
  const { peer } = yield* Datagrams
  const now = yield* Actor.millis
  const ended = yield* Deferred.make<Ended>()
  const metrics = yield* TransportMetrics.make(role)
  const dropped: Record<DropReason, number> = { ...NONE_DROPPED }
  let received = 0
  let sent = 0
  let sendErrors = 0
  let refused = 0
  let roams = 0
  let trouble: Trouble | undefined
  /** When the newest packet of the peer arrived. */
  let packetAt = -Infinity
  let remote: Numbered<Remote> = { number: 0n, state: options.remote.initial, at: now() }
  const remotes = LatestValue.make<Numbered<Remote>>(() => remote)
  const statuses = LatestValue.make<TransportStatus>(() => status())
  const news = (): void => {
    events.onStatus?.()
    statuses.changed()
  }

  const span = yield* Effect.makeSpanScoped("mosh.transport", { kind: role === "Client" ? "client" : "server" })
  span.attribute("role", role)

  // A flood of bad datagrams is no flood of news.
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
    dropped[reason]++
    metrics.dropped(reason)
    const text = DROPPED[reason]
    // While packets of the peer arrive, what strangers send is counted, but not reported.
    const isStrange = reason === "unauthentic" && now() - packetAt < 2 * Timing.ACK_INTERVAL
    if (text !== undefined && !isStrange) report(from, text)
  }
  // Whoever waits goes on in a turn of its own: it may close everything, and the last datagram is to leave, and the
  // peer's last state to arrive, before.
  const awaitEnd = Effect.andThen(Deferred.await(ended), (how) => Effect.as(Effect.yieldNow, how))
  const end = (how: Ended["_tag"]): void => {
    metrics.ended(how)
    Deferred.doneUnsafe(ended, Effect.succeed({ _tag: how }))
    span.attribute("ended", how)
    news()
    remotes.end()
    statuses.end()
  }

  const onEvent = (event: Endpoint.Event<Remote>): void => {
    switch (event._tag) {
      case "PacketReceived":
        packetAt = now()
        refused = 0
        return
      case "Acknowledged":
        clear("receiving")
        return news()
      case "RemoteChanged":
        remote = { number: event.number, state: event.state, at: event.at }
        events.onRemote?.(remote)
        return remotes.changed()
      case "RoundTripChanged":
        if (event.srtt !== undefined) metrics.roundTrip(event.srtt)
        return news()
      case "Attached":
        located()
        return news()
      case "Roamed":
        roams++
        metrics.roamed()
        if (role === "Client") return
        located()
        return news()
      case "Dropped":
        return drop(event.direction, event.reason)
      case "Ended":
        return end(event.how)
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
      onSent: () => {
        sent++
        metrics.sent()
        metrics.retransmissions(endpoint.state().sender.retransmissions)
        clear("sending")
      },
      onTrouble: ({ kind, text }) => {
        sendErrors++
        // The port of a server that ended is closed. A client that moved has left a closed port behind.
        if (kind !== "ConnectionRefused" || role === "Server") return report("sending", text)
        refused++
        news()
      }
    }
  })

  const located = (): void => {
    const address = endpoint.state().connection.paths.peer?.address
    metrics.attached(address === undefined ? undefined : formatAddress(address))
  }

  const status = (): TransportStatus => {
    const { connection, receiver, sender: sending } = endpoint.state()
    const acknowledged = Sender.acknowledged(sending)
    const address = peer ?? connection.paths.peer?.address
    return {
      attached: address !== undefined,
      peer: address === undefined ? undefined : formatAddress(address),
      lastHeard: remote.number === 0n ? -Infinity : remote.at,
      lastAcknowledgedSend: acknowledged.at,
      sent: Sender.last(sending).number,
      acknowledged: acknowledged.number,
      srtt: sending.link.srtt,
      rto: sending.link.rto,
      refused,
      sendInterval: Timing.sendInterval(sending.link.srtt),
      peerFeatures: sending.peerFeatures,
      shuttingDown: sending.shutdown !== undefined,
      trouble,
      link: { lossIn: Loss.share(connection.loss) },
      held: { local: sending.sent.length, remote: receiver.received.length },
      counters: {
        sent,
        received,
        dropped: { ...dropped },
        sendErrors,
        roams,
        retransmissions: sending.retransmissions
      }
    }
  }

  yield* Effect.addFinalizer(() =>
    Effect.sync(() => {
      span.attribute("datagrams", sent + received)
      span.attribute("roams", roams)
      span.attribute("retransmissions", endpoint.state().sender.retransmissions)
    })
  )
  yield* endpoint.listen

  return {
    publish: (state) => endpoint.offer({ _tag: "Publish", state }),
    local: () => endpoint.state().sender.present,
    wait: () => Math.max(0, endpoint.state().sender.turnAt - now()),
    remote: () => remote,
    remotes: remotes.stream,
    status,
    statuses: statuses.stream,
    shutdown: Effect.suspend(() => {
      endpoint.offer({ _tag: "Shutdown" })
      return awaitEnd
    }),
    ended: awaitEnd
  }
})

/** How long the same trouble is not told again, ms. */
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

/** What to tell a person of a datagram that was dropped; nothing of those that any network repeats or delays. */
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
