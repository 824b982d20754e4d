/**
 * Violations of the stream protocol by the peer. An end that detects one ends all streams with CLOSE and the
 * violation's code. The session itself goes on, with keystrokes and screens.
 */

/** What the peer did. An honest peer does none of it, whatever the network does. */
export type Violation =
  /** Sent a malformed frame, or one of unknown type. */
  | "malformed-frame"
  /** Acknowledged a packet that was never sent. */
  | "acknowledged-unsent"
  /** Sent more than the limits of a stream or of the connection allow. */
  | "window-exceeded"
  /** Opened more streams than allowed. */
  | "stream-limit-exceeded"
  /** Sent a frame for a stream of ours that we did not open. */
  | "stream-not-open"
  /** Sent beyond the end of a stream, or moved that end. */
  | "final-size-changed"
  /** Opened a stream with an overlong header, or ended it within the header. */
  | "malformed-header"

/** Why the streams ended. */
export type EndReason =
  | { readonly _tag: "PeerViolated"; readonly violation: Violation }
  /** The peer sent CLOSE, with this code. */
  | { readonly _tag: "ClosedByPeer"; readonly code: number }
  | { readonly _tag: "Closed" }

/** The codes of CLOSE. 0 is an end without an error. Values follow RFC 9000, section 20.1, where it has them. */
export const codes: Readonly<Record<Violation, number>> = {
  "window-exceeded": 0x03,
  "stream-limit-exceeded": 0x04,
  "stream-not-open": 0x05,
  "final-size-changed": 0x06,
  "malformed-frame": 0x07,
  "acknowledged-unsent": 0x0a,
  "malformed-header": 0x0c
}

/** An end without an error. */
export const NO_ERROR = 0
