/**
 * The state of a connection, as values that a user may want to see.
 */
import type { Millis } from "../../domain/Machine.ts"
import type { DropReason } from "../../domain/ssp/DropReason.ts"
import type { StateNumber } from "../../domain/wire/Numbers.ts"

/**
 * The state of a connection. Times are readings of Effect's monotonic clock (`Clock.monotonicTimeNanos`) in whole ms, which
 * `monotonicMillis` reads.
 *
 * ```ts
 * import { Effect } from "effect"
 * import { type ClientSession, monotonicMillis } from "effect-mosh"
 *
 * // How long ago the newest state of the server arrived, ms; Infinity before the first.
 * export const silence = ({ status }: ClientSession) => Effect.map(monotonicMillis, (now) => now() - status().lastHeard)
 * ```
 */
export interface TransportStatus {
  /** Whether a peer address is known. Always so on a client. */
  readonly attached: boolean
  /** The peer's current address, as `host:port`, or `ssh` for a relay; `undefined` while unknown. */
  readonly peer: string | undefined
  /** On a client, all addresses at which its server may be, `peer` among them; empty on a server. */
  readonly addresses: ReadonlyArray<string>
  /** When the newest remote state arrived; `-Infinity` before the first. */
  readonly lastHeard: Millis
  /** When the newest local state that the peer has acknowledged was sent. */
  readonly lastAcknowledgedSend: Millis
  /** Number of the newest local state sent. */
  readonly sent: StateNumber
  /** Number of the newest local state that the peer acknowledged. */
  readonly acknowledged: StateNumber
  /** The smoothed round trip, ms; `undefined` before the first sample. */
  readonly srtt: number | undefined
  /** The retransmission timeout, ms. */
  readonly rto: number
  /**
   * Number of datagrams that the server's host refused, because the port is closed, since the newest packet of the server
   * arrived. 0 on a server, and where the system does not report refusals.
   */
  readonly refused: number
  /** The pacing interval between frames, ms. */
  readonly sendInterval: number
  /** The peer's `Features`; 0 before its first packet, and for a stock peer. */
  readonly peerFeatures: number
  /** Whether the shutdown has begun, from either end. */
  readonly shuttingDown: boolean
  /** The last error of sending or receiving; `undefined` after a success. */
  readonly trouble: Trouble | undefined
  /** The state of the network. */
  readonly link: LinkStatus
  /** Number of retained local states, from which differences are made, and of remote states, to which they are applied. */
  readonly held: { readonly local: number; readonly remote: number }
  /** Datagrams by fate. */
  readonly counters: Counters
}

/** The state of the network, as far as this end can see it. */
export interface LinkStatus {
  /**
   * The share of the peer's last 128 datagrams that were lost, 0 to 1; `undefined` before there were enough of them. A long
   * outage counts as a few losses.
   */
  readonly lossIn: number | undefined
  /**
   * The largest datagram that this end sends on the current path, bytes of UDP payload: at first 1252 over IPv4 and 1216 over
   * IPv6. Less, down to 500, shows that the path does not carry such datagrams; more is what streams found out.
   */
  readonly datagramLimit: number
}

/** An error of sending or receiving. */
export interface Trouble {
  /** In which direction. */
  readonly from: "sending" | "receiving"
  /** A phrase for the user. */
  readonly text: string
  /** When it last occurred, to a second. */
  readonly at: Millis
}

/** Datagrams by fate, since the start. */
export interface Counters {
  /** Sent from this host. */
  readonly sent: number
  /** Received, authentic or not. */
  readonly received: number
  /** Dropped, by reason. */
  readonly dropped: Readonly<Record<DropReason, number>>
  /** Refused by this host when they were sent. */
  readonly sendErrors: number
  /** Changes of the peer's address (server) or of our own port (client). */
  readonly roams: number
  /** Instructions that sent a state again, because it was not acknowledged. */
  readonly retransmissions: number
}
