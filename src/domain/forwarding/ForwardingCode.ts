/**
 * Why a forwarded connection, or a listener, ended: the codes of RESET_STREAM and STOP_SENDING on streams of the kinds
 * `connection` and `listener`.
 */

/** A reason, and its code. 0 is an end without an error; 1 belongs to all kinds: the peer does not know this one. */
export const codes = {
  /** The header is malformed, or names a listener that does not exist. */
  malformed: 2,
  /** The other end forwards nothing of this sort. */
  prohibited: 3,
  /** The destination refuses connections. */
  refused: 4,
  /** There is no route to the destination. */
  unreachable: 5,
  /** The name of the destination has no address. */
  "unknown-host": 6,
  /** The destination did not answer in time. */
  "timed-out": 7,
  /** The address of the listener is in use. */
  "in-use": 8,
  /** The system does not permit the listener or the connection: a low port, or another user's socket. */
  "no-permission": 9,
  /** The system refused for another reason. */
  failed: 10,
  /** The destination, or the origin, reset the connection. */
  reset: 11,
  /** More listeners or connections than one client may have. */
  "too-many": 12
} as const

export type ForwardingReason = keyof typeof codes

const reasons = new Map<number, ForwardingReason>()
for (const [reason, code] of Object.entries(codes)) reasons.set(code, reason as ForwardingReason)

/** The reason of a code; `failed` for codes of newer peers. */
export const reasonOf = (code: number | undefined): ForwardingReason => reasons.get(code ?? -1) ?? "failed"

/** The reason as a phrase for the user. */
export const words: Readonly<Record<ForwardingReason, string>> = {
  malformed: "the request is malformed",
  prohibited: "the server forbids it (MOSH_SERVER_FORWARDING)",
  refused: "connection refused",
  unreachable: "no route to the host",
  "unknown-host": "the host has no address",
  "timed-out": "timed out",
  "in-use": "the address is in use",
  "no-permission": "permission denied",
  failed: "the system refused",
  reset: "connection reset",
  "too-many": "too many at the same time"
}
