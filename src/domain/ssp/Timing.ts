/**
 * All timing and queueing constants of SSP, in milliseconds unless stated otherwise. Source: spec 2 and 5.
 */
import type { Millis } from "../Machine.ts"

/** Bounds of the pacing interval between frames (spec 5.1). */
export const SEND_INTERVAL_MIN: Millis = 20
export const SEND_INTERVAL_MAX: Millis = 250
/**
 * Tokens in a full pacer bucket. Ours: the first keystrokes after a pause, and their echoes, are sent at once, and
 * continuous output soon empties the bucket.
 */
export const PACER_BURST = 4
/** Bytes one token pays for, for interactive data. Less data costs less, down to an eighth. */
export const TOKEN_BYTES = 512
/** News within this time after the peer's news is taken for the response to it. */
export const RESPONSE: Millis = 250
/** How long a program that prints continuously gets to respond to a keystroke before its output skips the pacing queue. */
export const RESPONSE_DELAY: Millis = 16
/** The minimum time between two pieces of news while the pacer has tokens. */
export const NEWS_SPACING: Millis = 8
/** The longest silence between two instructions: the heartbeat (spec 5.1). */
export const ACK_INTERVAL: Millis = 3000
/** If we have sent nothing for this long and for two round trips, even an empty instruction is acknowledged at once. */
export const QUIET: Millis = 1000
/** How long an acknowledgement may wait for data to travel with; also part of the retransmission timeout (spec 5.2). */
export const ACK_DELAY: Millis = 100
/**
 * How long the acknowledgement of a stock server's empty state may wait. The server polls without a pause while such a
 * state is older than the round trip and `RTO_MIN + ACK_DELAY`. This leaves the other half of that time to the network.
 */
export const EMPTY_ACK_DELAY: Millis = 50
/**
 * `ACK_DELAY` between two of our ends. On a long path the next keystroke often comes in time to carry the acknowledgement,
 * which halves the number of packets while typing.
 */
export const ackDelay = (srtt: number | undefined): Millis =>
  Math.min(Math.max(Math.round((srtt ?? 0) / 2), ACK_DELAY), SEND_INTERVAL_MAX)
/**
 * How long a new state waits for more changes. A client sends keystrokes at once. A server collects output into frames,
 * except for the first after a pause. (Stock clients wait 1 ms, which collects nothing: the bytes of one key are read
 * together.)
 */
export const MIN_DELAY_CLIENT: Millis = 0
export const MIN_DELAY_SERVER: Millis = 8

/** How many instructions, and how much time, a shutdown may take (spec 5.7). */
export const SHUTDOWN_RETRIES = 16
export const SHUTDOWN_TIMEOUT: Millis = 10_000
/** If no packet was ever received for this long, the shutdown takes only `SHUTDOWN_RETRIES_UNHEARD` instructions. */
export const UNHEARD: Millis = 2000
export const SHUTDOWN_RETRIES_UNHEARD = 2
/** After this many refused datagrams in a row during a shutdown, the peer is taken to be gone. */
export const SHUTDOWN_REFUSALS = 3

/** How many states a sender keeps, and which one it drops beyond that, counted from the newest (spec 5.5). */
export const SENT_STATES = 32
export const SENT_STATE_GIVEN_UP = 16
/** How many states a receiver keeps. Beyond that it admits only one per `QUENCH` (spec 6). */
export const RECEIVED_STATES = 1024
export const QUENCH: Millis = 15_000
/** The same limit for the memory that these states hold, in bytes. Ours: stock only counts states. */
export const RECEIVED_WEIGHT = 256 * 1024 * 1024
/** The memory assumed per byte of difference, for an object without `SyncObject.weight`. */
export const DIFF_WEIGHT = 8

/** Bounds of the retransmission timeout (spec 2.5). */
export const RTO_MIN: Millis = 50
export const RTO_MAX: Millis = 1000
/** Round trips this long show a suspended process, not the network (spec 2.5). */
export const RTT_IGNORED: Millis = 5000
/** The round trip assumed before the first sample, and its variation (spec 2.5). */
export const SRTT_INITIAL: Millis = 1000
export const RTTVAR_INITIAL: Millis = 500

/** How old a saved timestamp may be and still be echoed (spec 2.4). */
export const TIMESTAMP_LIFE: Millis = 1000
/** What a congestion mark adds to the round trip that the peer measures (spec 2.8). */
export const CONGESTION_PENALTY: Millis = 500

/** A client without a completed round trip for this long tries another port, and no more often than this (spec 2.7). */
export const PORT_HOP: Millis = 10_000
/** How long a client listens on its older ports, and on how many ports at most (spec 2.7). */
export const OLD_PORT_LIFE: Millis = 60_000
export const PORTS_OPEN = 10
/** A server that receives nothing for this long forgets the client's address (spec 1.9). */
export const PEER_LIFE: Millis = 40_000

/**
 * Path validation (`PathValidation`). If several addresses deliver the client's datagrams, how long echoes of one of them
 * must prevail.
 */
export const PATH_CONTEST: Millis = 1000
/** How long the old path must be silent for a new one to replace it without an echo: more than three heartbeats. */
export const PATH_SILENCE: Millis = 10_000
/** How long after a roam the former path can be returned to. */
export const PATH_RETURN: Millis = 10_000
/** How long after a refuted candidate the next ones are suspect. */
export const PATH_SUSPICION: Millis = 10_000
/** Bytes that may be sent to a new address before the client echoes any: four of the largest send windows. */
export const PATH_ALLOWANCE = 64 * 1024
/**
 * The part of it reserved for instructions: stream packets are sent to a new address only while more than this is left.
 */
export const PATH_RESERVE = 48 * 1024
/** For each byte received from such an address, this many more may be sent there (RFC 9000, section 8). */
export const PATH_AMPLIFICATION = 3

/**
 * A client that knows several addresses of its server (`ClientPaths`). Before the first answer, how long after one address
 * the next is tried as well (RFC 8305, section 5).
 */
export const CANDIDATE_DELAY: Millis = 250
/** How long one address has the highest packet numbers while several are tried: longer than the heartbeat of a stock server. */
export const CANDIDATE_TURN: Millis = 3500
/** The time between two checks of UDP while a session uses a relay, and its limit. */
export const RELAY_CHECK: Millis = 5000
export const RELAY_CHECK_MAX: Millis = 30_000
/**
 * How long instructions go to UDP, too, in a check. A client that sends nothing afterwards waits up to `CANDIDATE_TURN` for a
 * packet.
 */
export const RELAY_CHECK_WINDOW: Millis = 1000
/** After this silence the server's name is resolved again; sooner if this host's addresses changed. */
export const LOOK_UP: Millis = 10_000
export const LOOK_UP_CHANGED: Millis = 2000
export const LOOK_UP_MAX: Millis = 60_000

/** The pacing interval between frames: half a round trip (spec 5.1). */
export const sendInterval = (srtt: number | undefined): Millis =>
  Math.min(Math.max(Math.ceil((srtt ?? SRTT_INITIAL) / 2), SEND_INTERVAL_MIN), SEND_INTERVAL_MAX)

/** The pacing interval of news: longer than stock's, so that bursts and exact timers do not send more frames in all. */
export const paceInterval = (srtt: number | undefined): Millis => Math.round(1.2 * sendInterval(srtt))

/**
 * Bounds of the send window: bytes of a change that one instruction carries where it can be divided. All fragments of an
 * instruction must arrive, so a path that loses much needs small windows; one that loses nothing is filled better by
 * large ones.
 */
export const WINDOW_MIN = 1024
export const WINDOW_INITIAL = 4 * 1024
export const WINDOW_MAX = 16 * 1024

/** The retransmission timeout before the first round-trip sample: short, to find a new peer soon. */
export const FIRST_TIMEOUT: Millis = 500
/** From this share of lost datagrams on, small changes are sent redundantly. */
export const LOSS_SIGNIFICANT = 0.015
/** From this share of timeouts on, they count as loss: two of the last eight states. */
export const OVERDUE_SIGNIFICANT = 0.15
/** The scheduling latency that a peer is allowed. */
export const LATENESS: Millis = 20
/** The maximum number of copies, the first transmission included. */
export const COPIES_MAX = 6
/** Bounds of the time to the first copy, a tenth of the round trip. It grows by `BACKOFF` from copy to copy. */
export const COPY_DELAY_MIN: Millis = 3
export const COPY_DELAY_MAX: Millis = 20
/** The time to the first copy behind a deep queue: the next keystroke mostly comes first, and contains the earlier ones. */
export const DEEP_COPY_DELAY: Millis = 100
/** The time between two copies behind a deep queue, as long as the peer reports losses. */
export const DEEP_COPY_MAX: Millis = 600
/** Datagrams of copies per round trip: the initial window of TCP (RFC 6928). */
export const COPY_WINDOW = 10
/** About how many bytes of difference a datagram carries. */
export const DATAGRAM_BYTES = 1200
/** A queue is assumed when the round trip exceeds twice the minimum by this much. */
export const QUEUE_DELAY: Millis = 100
/** The factor between two retransmission intervals, and its limit while datagrams may still be in flight. */
export const BACKOFF = 1.5
export const BACKOFF_MAX = 4

/** The minimum time between two probes of a silent peer. */
export const PROBE_INTERVAL_MIN: Millis = 250
/** News this long after our own is unprompted. A series of it with gaps up to `STREAM_GAP` is a stream. */
export const UNPROMPTED: Millis = 1000
export const STREAM_GAP: Millis = 2500
/** Bounds of the silence after which a stream is probed. */
export const STREAM_SILENCE_MIN: Millis = 250
export const STREAM_SILENCE_MAX: Millis = 1200
/** How long retransmissions wait at most because a timer was late. */
export const POSTPONEMENT_MAX: Millis = 1000
/** If a timer fires this late, assume the host was suspended. */
export const SUSPENDED: Millis = 2000
