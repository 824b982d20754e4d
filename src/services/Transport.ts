/**
 * One end of an SSP session: it keeps a local object in step with the peer's copy, and a copy of the peer's object.
 *
 * `Transport` is alive while its scope is: it sends, acknowledges, retransmits and roams by itself. The embedding program
 * publishes new local states, and watches the remote one.
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Millis } from "../domain/Machine.ts"
import type { DropReason } from "../domain/sync/DropReason.ts"
import * as Loss from "../domain/sync/Loss.ts"
import type { Role } from "../domain/sync/Role.ts"
import * as Sender from "../domain/sync/Sender.ts"
import type { Features, SyncObject } from "../domain/sync/SyncObject.ts"
import * as Timing from "../domain/sync/Timing.ts"
import * as Actor from "./Actor.ts"
import type { Compression } from "./Compression.ts"
import * as Connection from "./Connection.ts"
import { Datagrams, formatAddress } from "./Datagrams.ts"
import type { PacketCipher } from "./PacketCipher.ts"
import { SspReceiver } from "./SspReceiver.ts"
import { SspSender } from "./SspSender.ts"
import * as TransportMetrics from "./TransportMetrics.ts"

export interface TransportOptions<Local, Remote> {
  readonly role: Role
  /** What this end sends, and the state that both ends start from. */
  readonly local: Synchronised<Local>
  /** What this end receives, and the state that both ends start from. */
  readonly remote: Synchronised<Remote>
  /** What this end understands beyond stock mosh. */
  readonly features: Features
  /** How long a new local state waits for more to come: `Timing.MIN_DELAY_CLIENT` or `_SERVER`. */
  readonly minDelay: Millis
  readonly events: TransportEvents<Remote>
  /** Composes the schedule of sends, acknowledgements and resends; without it they happen when SSP wants them. */
  readonly retransmit?: Actor.WakeSchedule | undefined
}

export interface Synchronised<State> {
  readonly object: SyncObject<State>
  readonly initial: State
}

export interface Transport<Local, Remote> {
  /** Makes `state` the present local state. Synchronous and cheap; callable from any callback. Ignored once shutting down. */
  readonly publish: (state: Local) => void
  /** The present local state, less what the peer has acknowledged (`SyncObject.subtract`). Build the next state on it. */
  readonly local: () => Local
  /** The newest remote state. Number 0 is the agreed initial one. */
  readonly remote: () => Numbered<Remote>
  readonly status: () => TransportStatus
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

export interface Numbered<State> {
  /** SSP state number; 2^64 − 1 is the shutdown state. */
  readonly number: bigint
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

export interface TransportStatus {
  /** Whether a peer address is known. Always so on a client. */
  readonly attached: boolean
  /** The peer's present address, as `host:port`, when known. */
  readonly peer: string | undefined
  /** Receipt time of the newest remote state; -Infinity before the first. */
  readonly lastHeard: Millis
  /** Send time of the newest local state that the peer has acknowledged. */
  readonly lastAcknowledgedSend: Millis
  /** Number of the newest local state sent. */
  readonly sent: bigint
  /** Number of the newest local state that the peer acknowledged. */
  readonly acknowledged: bigint
  /** Smoothed round trip and retransmission timeout, ms; `srtt` is `undefined` before the first sample. */
  readonly srtt: number | undefined
  readonly rto: number
  /** The pacing interval between frames, ms. */
  readonly sendInterval: number
  /** The peer's `Features`; 0 until heard and for a stock peer. */
  readonly peerFeatures: number
  readonly shuttingDown: boolean
  /** The last send or receive trouble, in words for a person, and when; cleared by success. */
  readonly trouble: Trouble | undefined
  readonly link: LinkStatus
  /** How many states are held to make our differences from, and for the peer's. */
  readonly held: { readonly local: number; readonly remote: number }
  readonly counters: Counters
}

/** What the network does, as far as this end can see. */
export interface LinkStatus {
  /**
   * The share of the peer's last 128 datagrams that never came, 0 to 1; `undefined` before there were enough of them. A long
   * outage counts as a few losses.
   */
  readonly lossIn: number | undefined
}

export interface Trouble {
  readonly from: "sending" | "receiving"
  readonly text: string
  /** When it last was, to a second. */
  readonly at: Millis
}

/** Datagrams by fate, since the start. */
export interface Counters {
  readonly sent: number
  readonly received: number
  /** Dropped, by reason. */
  readonly dropped: Readonly<Record<DropReason, number>>
  readonly sendErrors: number
  /** Changes of the peer's address (server) or of our own port (client). */
  readonly roams: number
  /** Instructions that said a state once more, because it was not acknowledged. */
  readonly retransmissions: number
}

/** Starts one end of a session. It lives as long as the scope. */
export const make = Effect.fnUntraced(function* <Local, Remote>(
  options: TransportOptions<Local, Remote>
): Effect.fn.Return<Transport<Local, Remote>, never, Compression | Datagrams | PacketCipher | Scope.Scope> {
  const { events, features, local, minDelay, role } = options
  const { peer } = yield* Datagrams
  const now = yield* Actor.millis
  const ended = yield* Deferred.make<Ended>()
  const metrics = yield* TransportMetrics.make(role)
  const dropped: Record<DropReason, number> = { ...NONE_DROPPED }
  let received = 0
  let sent = 0
  let sendErrors = 0
  let roams = 0
  let trouble: Trouble | undefined
  let remote: Numbered<Remote> = { number: 0n, state: options.remote.initial, at: now() }

  // A flood of bad datagrams is no flood of news.
  const report = (from: Trouble["from"], text: string): void => {
    const at = now()
    if (trouble?.text === text && at - trouble.at < SAME_TROUBLE) return
    trouble = { from, text, at }
    events.onStatus()
  }
  const clear = (from: Trouble["from"]): void => {
    if (trouble?.from !== from) return
    trouble = undefined
    events.onStatus()
  }
  const drop =
    (from: Trouble["from"]) =>
    (reason: DropReason): void => {
      dropped[reason]++
      metrics.dropped(reason)
      const text = DROPPED[reason]
      if (text !== undefined) report(from, text)
    }
  // Whoever waits goes on in a turn of its own: it may close everything, and the last datagram is to leave, and the
  // peer's last state to arrive, before.
  const awaitEnd = Effect.andThen(Deferred.await(ended), (how) => Effect.as(Effect.yieldNow, how))
  const end = (how: Ended["_tag"]): void => {
    metrics.ended(how)
    Deferred.doneUnsafe(ended, Effect.succeed({ _tag: how }))
    events.onStatus()
  }

  const connection = yield* Connection.make({
    role,
    events: {
      onReceived: () => {
        received++
        metrics.received()
      },
      onHeard: () => sender.offer({ _tag: "Heard" }),
      onDeliver: (contents) => receiver.receive(contents),
      onDropped: drop("receiving"),
      onRoundTrip: (link) => {
        if (link.srtt !== undefined) metrics.roundTrip(link.srtt)
        sender.offer({ _tag: "RoundTrip", link })
        events.onStatus()
      },
      onAttached: (attached) => {
        const address = connection.state().peer?.address
        metrics.attached(address === undefined ? undefined : formatAddress(address))
        sender.offer({ _tag: "Attached", attached })
        events.onStatus()
      },
      onRoamed: () => {
        roams++
        metrics.roamed()
      },
      onSent: () => {
        sent++
        metrics.sent()
        clear("sending")
      },
      onTrouble: ({ text }) => {
        sendErrors++
        report("sending", text)
      },
      onDisrupted: () => sender.offer({ _tag: "Disrupted" }),
      onKeyExhausted: () => end("KeyExhausted")
    }
  })

  const sender = yield* (yield* SspSender).make<Local>({
    role,
    object: local.object,
    initial: local.initial,
    features,
    minDelay,
    attached: peer !== undefined,
    wake: options.retransmit,
    onSend: (contents) => {
      metrics.retransmissions(sender.state().retransmissions)
      connection.transmit(contents)
    },
    onDropped: drop("sending"),
    onEnded: end
  })

  const receiver = yield* (yield* SspReceiver).make<Remote>({
    object: options.remote.object,
    initial: options.remote.initial,
    onDropped: drop("receiving"),
    onOutput: (output) => {
      switch (output._tag) {
        case "PeerFeatures":
          return sender.offer(output)
        case "PeerAcknowledged":
          clear("receiving")
          sender.offer(output)
          connection.roundTripSuccess(Sender.acknowledged(sender.state()).at)
          return events.onStatus()
        case "PeerMisses":
        case "Received":
        case "ReceivedAgain":
          return sender.offer(output)
        case "Newest":
          remote = { number: output.number, state: output.state, at: output.at }
          return events.onRemote(remote)
      }
    }
  })

  yield* connection.listen

  return {
    publish: (state) => sender.offer({ _tag: "Publish", state }),
    local: () => sender.state().present,
    remote: () => remote,
    status: () => {
      const sending = sender.state()
      const acknowledged = Sender.acknowledged(sending)
      const address = peer ?? connection.state().peer?.address
      return {
        attached: address !== undefined,
        peer: address === undefined ? undefined : formatAddress(address),
        lastHeard: remote.number === 0n ? -Infinity : remote.at,
        lastAcknowledgedSend: acknowledged.at,
        sent: Sender.last(sending).number,
        acknowledged: acknowledged.number,
        srtt: sending.link.srtt,
        rto: sending.link.rto,
        sendInterval: Timing.sendInterval(sending.link.srtt),
        peerFeatures: sending.peerFeatures,
        shuttingDown: sending.shutdown !== undefined,
        trouble,
        link: { lossIn: Loss.share(connection.state().loss) },
        held: { local: sending.sent.length, remote: receiver.state().received.length },
        counters: {
          sent,
          received,
          dropped: { ...dropped },
          sendErrors,
          roams,
          retransmissions: sending.retransmissions
        }
      }
    },
    shutdown: Effect.suspend(() => {
      sender.offer({ _tag: "Shutdown" })
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
