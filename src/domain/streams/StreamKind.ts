/**
 * The header with which each stream begins, written by the end that opens it: what the stream is for, and a few bytes that
 * this kind defines.
 *
 * ```
 * kind     varint
 * length   varint, at most `Limits.KIND_HEADER`
 * header   length bytes
 * ```
 *
 * The header counts against flow control like any other bytes of the stream. An end that does not know a kind sends
 * STOP_SENDING and RESET_STREAM with the code `UNKNOWN_KIND`.
 */
import * as Varint from "../wire/streams/Varint.ts"
import * as Limits from "./Limits.ts"

/** The kinds of effect-mosh. A number is never reused. Kinds from 256 on are free for programs that embed it. */
export const StreamKind = {
  /** Rows that scrolled off the screen. */
  history: 1,
  /** A forwarded connection. */
  connection: 2,
  /** A connection to the authentication agent. */
  agent: 3,
  /** A command without a terminal. */
  command: 4,
  /** Events of the session. */
  events: 5,
  /** Images. */
  images: 6,
  /** A client's request to detach from the session. It has neither header nor content. */
  detach: 7,
  /** The server's report of the clients that the session has (`AttachedClients`). It has no content. */
  attachments: 8,
  /** A listener at the server, for connections that the server then opens to the client. */
  listener: 9,
  /** The client's report of what its terminal answered about itself (`TerminalReportMessage`). It has no content. */
  terminal: 10
} as const

/** The code of RESET_STREAM and STOP_SENDING for a stream whose kind the peer does not know. */
export const UNKNOWN_KIND = 1

export interface Opening {
  readonly kind: number
  readonly header: Uint8Array
}

/** The first bytes of a stream; `undefined` if the header is too long, or the kind is not an integer from 0. */
export const encode = ({ header, kind }: Opening): Uint8Array | undefined => {
  if (header.length > Limits.KIND_HEADER || !Number.isSafeInteger(kind) || kind < 0) return undefined
  const cursor = {
    bytes: new Uint8Array(Varint.size(kind) + Varint.size(header.length) + header.length),
    at: 0
  }
  Varint.write(cursor, kind)
  Varint.write(cursor, header.length)
  cursor.bytes.set(header, cursor.at)
  return cursor.bytes
}

/** Bytes of the longest opening. */
export const MAX_LENGTH = 8 + 8 + Limits.KIND_HEADER

/** Reads the bytes of a stream's beginning that have arrived: the opening, and its size in bytes. */
export const decode = (
  bytes: Uint8Array
): (Opening & { readonly length: number }) | "incomplete" | "malformed-header" => {
  const cursor: Varint.Cursor = { bytes, at: 0 }
  const kind = Varint.read(cursor)
  const length = kind === undefined ? undefined : Varint.read(cursor)
  if (kind === undefined || length === undefined)
    // A varint has at most 8 bytes: with more than two of them there, one is out of range.
    return bytes.length >= 16 || isOutOfRange(cursor) ? "malformed-header" : "incomplete"
  if (length > Limits.KIND_HEADER) return "malformed-header"
  const end = cursor.at + length
  if (end > bytes.length) return "incomplete"
  return { kind, header: bytes.slice(cursor.at, end), length: end }
}

/** Whether the varint at the cursor is complete, and was refused for its value. */
const isOutOfRange = ({ at, bytes }: Varint.Cursor): boolean => {
  const first = bytes[at]
  return first !== undefined && at + (1 << (first >>> 6)) <= bytes.length
}
