/**
 * Every timing and queueing constant of SSP, in milliseconds unless it says otherwise. Source: spec 2 and 5.
 */
import type { Millis } from "../Machine.ts"

/** Bounds of the pacing interval between frames (spec 5.1). */
export const SEND_INTERVAL_MIN: Millis = 20
export const SEND_INTERVAL_MAX: Millis = 250
/**
 * How much news may be sent without regard to that interval after there was little for a while. Ours: it lets the first
 * keys after a pause, and their echoes, through at once, and is soon used up by a program that prints all the time.
 */
export const SENDS_AT_ONCE = 4
/** Of how many bytes a send is, where it is a key or answers one; smaller ones cost less of those sends, to an eighth. */
export const SEND_BYTES = 512
/** How long after the peer's news ours is taken for an answer to it. */
export const ANSWER: Millis = 250
/** When an answer may go though its turn is not yet: how long a program that prints all the time gets to answer a key. */
export const ANSWER_SOON: Millis = 16
/** The least time between two pieces of news, however few there were. */
export const NEWS_SPACING: Millis = 8
/** The longest silence between two instructions: the heartbeat (spec 5.1). */
export const ACK_INTERVAL: Millis = 3000
/** What comes after so long a silence of our own, and a long round trip, is answered at once, though it says nothing. */
export const QUIET: Millis = 1000
/** How long an acknowledgement may wait for data to travel with; also the margin of a retransmission (spec 5.2). */
export const ACK_DELAY: Millis = 100
/**
 * The longest time from a stock server's state without a difference to its acknowledgement. That server polls without a
 * pause while such a state is older than `RTO_MIN + ACK_DELAY` and the round trip, so this leaves it the other half.
 */
export const EMPTY_ACK_DELAY: Millis = 50
/**
 * The same between two of our ends: on a long way there is time for the next key to take it along, which halves what
 * typing there costs.
 */
export const ackDelay = (srtt: number | undefined): Millis =>
  Math.min(Math.max(Math.round((srtt ?? 0) / 2), ACK_DELAY), SEND_INTERVAL_MAX)
/**
 * How long a new state waits for more to come: a client's keys leave at once, a server's output in frames, but for the
 * first after a pause. (Stock's clients wait 1 ms, which a timer makes 1 to 2, and which collects nothing: keys that
 * belong together come together.)
 */
export const MIN_DELAY_CLIENT: Millis = 0
export const MIN_DELAY_SERVER: Millis = 8

/** How many instructions, and how much time, a shutdown may take (spec 5.7). */
export const SHUTDOWN_RETRIES = 16
export const SHUTDOWN_TIMEOUT: Millis = 10_000
/** How long a peer has never been heard before the shutdown takes so many instructions only. */
export const UNHEARD: Millis = 2000
export const SHUTDOWN_RETRIES_UNHEARD = 2
/** How many refused shutdown instructions in a row show that the peer is gone. */
export const SHUTDOWN_REFUSALS = 3

/** How many states a sender keeps, and which it gives up beyond that, counted from the end (spec 5.5). */
export const SENT_STATES = 32
export const SENT_STATE_GIVEN_UP = 16
/** How many states a receiver keeps before it admits only one in `QUENCH` (spec 6). */
export const RECEIVED_STATES = 1024
export const QUENCH: Millis = 15_000
/** How much a receiver's states may weigh before the same happens, in bytes. Ours: stock counts states only. */
export const RECEIVED_WEIGHT = 256 * 1024 * 1024
/** What a byte of a difference is taken to cost in a state whose object does not weigh its states. */
export const DIFF_WEIGHT = 8

/** Bounds of the retransmission timeout (spec 2.5). */
export const RTO_MIN: Millis = 50
export const RTO_MAX: Millis = 1000
/** Round trips this long are a suspended process, not a network (spec 2.5). */
export const RTT_IGNORED: Millis = 5000
/** The round trip assumed before the first sample, and its variation (spec 2.5). */
export const SRTT_INITIAL: Millis = 1000
export const RTTVAR_INITIAL: Millis = 500

/** How old a saved timestamp may be and still be echoed (spec 2.4). */
export const TIMESTAMP_LIFE: Millis = 1000
/** What a congestion mark adds to the round trip the peer sees (spec 2.8). */
export const CONGESTION_PENALTY: Millis = 500

/** A client without a round trip for this long tries another port, no more often than this (spec 2.7). */
export const PORT_HOP: Millis = 10_000
/** How long a client listens on its older ports, and on how many ports at most (spec 2.7). */
export const OLD_PORT_LIFE: Millis = 60_000
export const PORTS_OPEN = 10
/** A server forgets the address of a client that it has not heard for this long (spec 1.9). */
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
/** Bytes that may be sent to a new address before the client echoes any: four of the largest flights. */
export const PATH_ALLOWANCE = 64 * 1024
/** How many times the bytes received from an address may be sent there on top of that (RFC 9000, section 8). */
export const PATH_AMPLIFICATION = 3

/** The pacing interval between frames: half a round trip, so that about one is on the way at any time (spec 5.1). */
export const sendInterval = (srtt: number | undefined): Millis =>
  Math.min(Math.max(Math.ceil((srtt ?? SRTT_INITIAL) / 2), SEND_INTERVAL_MIN), SEND_INTERVAL_MAX)

/** The interval of an output without end: longer, so that the few that went at once, and every beat kept, cost no more. */
export const paceInterval = (srtt: number | undefined): Millis => Math.round(1.2 * sendInterval(srtt))

/**
 * Bytes of a change that one instruction carries where it can be divided. All fragments of an instruction must arrive, so a
 * network that loses much wants small flights; one that loses nothing is filled better by large ones.
 */
export const FLIGHT_LEAST = 1024
export const FLIGHT_FIRST = 4 * 1024
export const FLIGHT_MOST = 16 * 1024

/** When something is said again while the round trip is unknown: whoever has not been heard is to be found soon. */
export const FIRST_TIMEOUT: Millis = 500
/** From which share of lost datagrams on something small is said more than once, and how often at most. */
export const LOSS_KNOWN = 0.015
/** From which share of overdue states on it is not by chance that one was: two of the last eight. */
export const OVERDUE_KNOWN = 0.15
/** How late a peer may be with what it wants to do at a time. */
export const LATENESS: Millis = 20
export const COPIES_MOST = 6
/** Bounds of the time to the first copy, a tenth of the round trip; it grows from copy to copy. */
export const COPY_DELAY_MIN: Millis = 3
export const COPY_DELAY_MAX: Millis = 20
/** The time to the first copy behind a deep queue: the next key mostly comes first, and carries what it repeats. */
export const DEEP_COPY_DELAY: Millis = 100
/** How many datagrams of such copies there may be in a round trip: the initial window of TCP (RFC 6928). */
export const REPEAT_WINDOW = 10
/** About how much of a difference a datagram holds, in bytes. */
export const DATAGRAM_BYTES = 1200
/** By how much the round trip is above twice its least where a queue is full. */
export const QUEUE_DELAY: Millis = 100
/** By how much the time grows from one repeat to the next, and up to how much while they may be on their way yet. */
export const SLOWER = 1.5
export const SLOWER_MOST = 4

/** The least time between two probes while the peer is silent. */
export const PROBE_INTERVAL_MIN: Millis = 250
/** What comes so long after our own news is unasked for; with gaps longer than `STREAM_GAP`, it is no stream. */
export const UNASKED: Millis = 1000
export const STREAM_GAP: Millis = 2500
/** Bounds of the silence after which a stream may have lost us. */
export const STREAM_SILENCE_MIN: Millis = 250
export const STREAM_SILENCE_MAX: Millis = 1200
/** A timer that is so late was not late: the host slept. */
export const ASLEEP: Millis = 2000
