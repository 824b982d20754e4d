/**
 * How a transport fares, as values: what a person may want to see of its connection.
 */
import type { Millis } from "../../domain/Machine.ts"
import type { DropReason } from "../../domain/ssp/DropReason.ts"

/** How a connection fares. Times are readings of the monotonic clock, ms. */
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
  /** The smoothed round trip, ms; `undefined` before the first sample. */
  readonly srtt: number | undefined
  /** The retransmission timeout, ms. */
  readonly rto: number
  /**
   * How many datagrams the server's host refused, because nothing listens on the port, since the server was last heard. 0 on
   * a server, and where the system does not report refusals.
   */
  readonly refused: number
  /** The pacing interval between frames, ms. */
  readonly sendInterval: number
  /** The peer's `Features`; 0 until heard and for a stock peer. */
  readonly peerFeatures: number
  /** Whether the shutdown has begun, from either end. */
  readonly shuttingDown: boolean
  /** The last send or receive trouble, in words for a person, and when; cleared by success. */
  readonly trouble: Trouble | undefined
  /** What the network does. */
  readonly link: LinkStatus
  /** How many states are held to make our differences from, and for the peer's. */
  readonly held: { readonly local: number; readonly remote: number }
  /** Datagrams by fate. */
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

/** What went wrong last. */
export interface Trouble {
  /** In which direction. */
  readonly from: "sending" | "receiving"
  /** In words for a person. */
  readonly text: string
  /** When it last was, to a second. */
  readonly at: Millis
}

/** Datagrams by fate, since the start. */
export interface Counters {
  /** Those that left this host. */
  readonly sent: number
  /** Those that came, authentic or not. */
  readonly received: number
  /** Dropped, by reason. */
  readonly dropped: Readonly<Record<DropReason, number>>
  /** Those that the host refused to send. */
  readonly sendErrors: number
  /** Changes of the peer's address (server) or of our own port (client). */
  readonly roams: number
  /** Instructions that said a state once more, because it was not acknowledged. */
  readonly retransmissions: number
}
