/**
 * Why a stream cannot be opened, read or written.
 */
import * as Schema from "effect/Schema"
import type { EndReason } from "../../domain/streams/StreamError.ts"

/** The reasons of a `StreamError`. */
export type StreamErrorReason = (typeof REASONS)[number]

const REASONS = [
  /** The peer, or this end, has no streams: it is stock mosh, another implementation or an older version, or did not enable them. */
  "Unsupported",
  /** The kind is no integer from 0, or the header has more than 1024 bytes: a mistake of the caller. */
  "InvalidHeader",
  /** The peer does not accept streams of this kind. */
  "Refused",
  /** The peer abandoned its half of the stream, with `code`. Bytes that were not read are gone. */
  "Reset",
  /** The peer no longer reads this stream, with `code`. */
  "Stopped",
  /** This end has finished or reset the stream. */
  "Finished",
  /** All streams of the session ended, because one end refused the other's packets. The session goes on without streams. */
  "Closed",
  /** The session ended. */
  "SessionEnded"
] as const

/**
 * A stream cannot be opened, read or written. `reason` says why; `code` is the peer's, for `Reset` and `Stopped`: its
 * meaning belongs to the stream's kind. 0 is an end without an error.
 */
export class StreamError extends Schema.TaggedError<StreamError>()("StreamError", {
  /** A `StreamErrorReason`. */
  reason: Schema.Literals(REASONS),
  /** The peer's code. */
  code: Schema.optional(Schema.Finite)
}) {
  override get message() {
    return this.code === undefined ? MESSAGES[this.reason] : `${MESSAGES[this.reason]} (code ${this.code})`
  }
}

const MESSAGES: Readonly<Record<StreamErrorReason, string>> = {
  Unsupported: "The peer has no streams: update effect-mosh on both hosts, or do without",
  InvalidHeader: "A stream's kind must be an integer from 0, and its header at most 1024 bytes",
  Refused: "The peer does not accept streams of this kind",
  Reset: "The peer abandoned the stream",
  Stopped: "The peer no longer reads the stream",
  Finished: "This end has finished the stream",
  Closed: "The session's streams were closed after a protocol error: reconnect to have streams again",
  SessionEnded: "The session ended"
}

/** The error of every stream after all ended. */
export const ofEnd = (reason: EndReason): StreamError =>
  reason._tag === "ClosedByPeer"
    ? new StreamError({ reason: "Closed", code: reason.code })
    : new StreamError({ reason: "Closed" })
