/**
 * Every constant of streams: sizes in bytes, times in milliseconds. Those under "on the wire" bind both ends, which
 * exchange no parameters; the others are each end's own choice. `docs/spec/streams.md` gives the reasons.
 */

// On the wire: what a peer may send before it receives a limit.

/** Streams that each end may open before the first MAX_STREAMS. */
export const INITIAL_STREAMS = 128
/** Bytes of each stream before its first MAX_STREAM_DATA. */
export const INITIAL_STREAM_DATA = 32 * 1024
/** Bytes of all streams before the first MAX_DATA. */
export const INITIAL_DATA = 12 * 1024 * 1024
/** Bytes of a kind's header at the beginning of a stream. */
export const KIND_HEADER = 1024

// Flow control. The connection's window covers the initial windows of all streams (2 × 128 × 32 KiB), the pool, and the MiB by which
// MAX_DATA may lag: a stream that is not read never stops another.

/** Bytes of all streams beyond those that were read. */
export const DATA_WINDOW = 13 * 1024 * 1024
/** MAX_DATA is sent when it adds this. */
export const DATA_STEP = 1024 * 1024
/** The largest window of one stream. */
export const STREAM_WINDOW_MAX = 1024 * 1024
/** What the windows of all streams together may have beyond `INITIAL_STREAM_DATA`. */
export const RECEIVE_POOL = 4096 * 1024
/**
 * A stream of which so much was read has a reader. Of a connection that is not read, the buffers of the system take as much as
 * 4.3 MB, which looks like a fast reader.
 */
export const PROVEN = 5 * 1024 * 1024
/** What of the pool is kept for streams with a reader. */
export const PROVEN_POOL = 1024 * 1024
/** What of the pool other streams may take for windows above `UNPROVEN_WINDOW`. The rest gives that window to 64 of them. */
export const UNPROVEN_POOL = 1024 * 1024
export const UNPROVEN_WINDOW = 2 * INITIAL_STREAM_DATA
/** A window doubles if a quarter of it is read within this time, or within a round trip. */
export const WINDOW_GROWTH = 5
/** Bytes that each stream may have unacknowledged or unsent in any case. */
export const SEND_BUFFER = 32 * 1024
/** Bytes that a stream takes beyond what its peer's window allows: it has something to send when the window moves. */
export const SEND_AHEAD = 16 * 1024
/** The most that one stream may buffer. */
export const SEND_BUFFER_MAX = 1024 * 1024
/** What all streams together may buffer beyond `SEND_BUFFER`. */
export const SEND_POOL = 4 * 1024 * 1024
/** Room that a full stream regains before `Writable` is reported. */
export const WRITABLE = 16 * 1024
/** Gaps in the received data of one stream. A packet that would make one more is left unacknowledged. */
export const RECEIVE_GAPS = 1024

// Acknowledgements.

/** The longest time that an acknowledgement waits. Peers rely on it. */
export const MAX_ACK_DELAY = 25
/** Packets that elicit an acknowledgement, at most one in `ACK_INTERVAL`, */
export const ACK_PACKETS = 2
export const ACK_INTERVAL = 1
/** and packets that elicit one at once. */
export const ACK_PACKETS_MAX = 16
/** Ranges of packet numbers that are remembered. */
export const ACK_RANGES = 32

// Loss recovery: RFC 9002, sections 6.1 and 6.2.

export const PACKET_THRESHOLD = 3
export const TIME_THRESHOLD = 9 / 8
/**
 * Upper bounds of the two, which grow when packets that counted as lost arrive after all, and how many such packets are
 * remembered.
 */
export const PACKET_THRESHOLD_MAX = 256
export const TIME_THRESHOLD_MAX = 2
export const REORDERING_KEPT = 32
/** The resolution of timers. */
export const GRANULARITY = 1
/** The round trip assumed before the first sample. */
export const INITIAL_RTT = 333
/** Round trips of this length and more are ignored: a host slept, or a network was gone. */
export const RTT_IGNORED = 5000
/** The longest time between two probes. Ours: there is no idle timeout, and a network may come back at any time. */
export const PROBE_INTERVAL_MAX = 3000
/** Packets sent by a probe timeout. */
export const PROBES = 2
/** Probe timeouts in a row that make congestion control start over. */
export const PERSISTENT_TIMEOUTS = 3
/** A packet that arrives after a silence of this length, or of a probe timeout if that is longer, triggers a probe. */
export const SILENCE = 1000

// Congestion control.

/** The unit of windows. */
export const PACKET = 1252
export const INITIAL_WINDOW = 10 * PACKET
export const MIN_WINDOW = 4 * PACKET
export const MAX_WINDOW = 4 * 1024 * 1024
/** What a datagram adds to a packet: nonce, tag and timestamps. IP and UDP headers are not counted. */
export const DATAGRAM_OVERHEAD = 28
/** The burst that pacing allows, as time at the pacing rate, and its bounds. */
export const BURST = 4
export const BURST_MIN = 2 * PACKET
export const BURST_MAX = 48 * PACKET
