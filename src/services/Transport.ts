/**
 * One end of an SSP session: it keeps a local object in step with the peer's copy, and a copy of the peer's object.
 *
 * `Transport` is alive while its scope is: it sends, acknowledges, retransmits and roams by itself. The embedding program
 * publishes new local states, and watches the remote one.
 */
import type * as Effect from "effect/Effect"
import type { Millis } from "../domain/Machine.ts"
import type { DropReason } from "../domain/sync/DropReason.ts"
import type { Role } from "../domain/sync/Role.ts"
import type { Features, SyncObject } from "../domain/sync/SyncObject.ts"
import type { WakeSchedule } from "./Actor.ts"

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
  readonly retransmit?: WakeSchedule | undefined
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
  readonly trouble: { readonly text: string; readonly at: Millis } | undefined
  readonly counters: Counters
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
}
