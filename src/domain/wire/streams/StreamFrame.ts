/**
 * The frames of a stream packet: stream data, acknowledgements, limits. Types and layouts are those of RFC 9000,
 * section 19, as far as the names agree; `docs/spec/streams.md` lists the differences.
 *
 * ```
 * 00     PADDING
 * 01     PING
 * 02     ACK              largest, delay (8 µs), count, first range, count × (gap, range)
 * 04     RESET_STREAM     stream, code, final size
 * 05     STOP_SENDING     stream, code
 * 08..0f STREAM           stream, [offset if bit 04], [length if bit 02], data; bit 01: FIN
 * 10     MAX_DATA         limit
 * 11     MAX_STREAM_DATA  stream, limit
 * 12     MAX_STREAMS      limit
 * 1c     CLOSE            code
 * ```
 *
 * All integers are `Varint`s. Decoding is total, and allocates no more than the packet's length justifies.
 */
import * as AckFrame from "./AckFrame.ts"
import * as Varint from "./Varint.ts"

export type StreamFrame =
  | Ping
  | AckFrame.Ack
  | ResetStream
  | StopSending
  | Stream
  | MaxData
  | MaxStreamData
  | MaxStreams
  | Close

/** Elicits an acknowledgement. */
export interface Ping {
  readonly _tag: "Ping"
}

/** The sender abandons its half of a stream. */
export interface ResetStream {
  readonly _tag: "ResetStream"
  readonly stream: number
  readonly code: number
  /** Bytes of the stream that count against the limits. */
  readonly finalSize: number
}

/** The receiver no longer reads its half of a stream; the sender answers with RESET_STREAM. */
export interface StopSending {
  readonly _tag: "StopSending"
  readonly stream: number
  readonly code: number
}

export interface Stream {
  readonly _tag: "Stream"
  readonly stream: number
  /** The place of the first byte of `data`; `offset + data.length` is at most `Varint.MAX`. */
  readonly offset: number
  readonly data: Uint8Array
  /** Whether the stream ends after `data`. */
  readonly isFinal: boolean
}

/** The sum of all streams' largest offsets may reach `limit`. */
export interface MaxData {
  readonly _tag: "MaxData"
  readonly limit: number
}

/** The offsets of one stream may reach `limit`. */
export interface MaxStreamData {
  readonly _tag: "MaxStreamData"
  readonly stream: number
  readonly limit: number
}

/** The peer may open `limit` streams in total. */
export interface MaxStreams {
  readonly _tag: "MaxStreams"
  readonly limit: number
}

/** The sender has ended all its streams, for a `StreamError.Violation` or on request. */
export interface Close {
  readonly _tag: "Close"
  readonly code: number
}

const PING = 0x01
const ACK = 0x02
const RESET_STREAM = 0x04
const STOP_SENDING = 0x05
const STREAM = 0x08
const MAX_DATA = 0x10
const MAX_STREAM_DATA = 0x11
const MAX_STREAMS = 0x12
const CLOSE = 0x1c
const STREAM_FIN = 0x01
const STREAM_LENGTH = 0x02
const STREAM_OFFSET = 0x04

/** Bytes of an encoded STREAM frame besides its data, where the data has at most `length` bytes. */
export const streamOverhead = (stream: number, offset: number, length: number): number =>
  1 + Varint.size(stream) + (offset === 0 ? 0 : Varint.size(offset)) + Varint.size(length)

/** Bytes of the encoded frame. */
export const size = (frame: StreamFrame): number => {
  switch (frame._tag) {
    case "Ping":
      return 1
    case "Ack":
      return 1 + AckFrame.size(frame)
    case "ResetStream":
      return 1 + Varint.size(frame.stream) + Varint.size(frame.code) + Varint.size(frame.finalSize)
    case "StopSending":
      return 1 + Varint.size(frame.stream) + Varint.size(frame.code)
    case "Stream":
      return streamOverhead(frame.stream, frame.offset, frame.data.length) + frame.data.length
    case "MaxStreamData":
      return 1 + Varint.size(frame.stream) + Varint.size(frame.limit)
    case "MaxData":
    case "MaxStreams":
      return 1 + Varint.size(frame.limit)
    case "Close":
      return 1 + Varint.size(frame.code)
  }
}

/** Writes a frame. The cursor must have `size(frame)` bytes left. */
export const write = (cursor: Varint.Cursor, frame: StreamFrame): void => {
  const { bytes } = cursor
  switch (frame._tag) {
    case "Ping":
      bytes[cursor.at++] = PING
      return
    case "Ack":
      bytes[cursor.at++] = ACK
      return AckFrame.write(cursor, frame)
    case "ResetStream":
      bytes[cursor.at++] = RESET_STREAM
      return writeAll(cursor, frame.stream, frame.code, frame.finalSize)
    case "StopSending":
      bytes[cursor.at++] = STOP_SENDING
      return writeAll(cursor, frame.stream, frame.code)
    case "Stream":
      writeStreamHeader(cursor, frame.stream, frame.offset, frame.data.length, frame.isFinal)
      bytes.set(frame.data, cursor.at)
      cursor.at += frame.data.length
      return
    case "MaxData":
      bytes[cursor.at++] = MAX_DATA
      return Varint.write(cursor, frame.limit)
    case "MaxStreamData":
      bytes[cursor.at++] = MAX_STREAM_DATA
      return writeAll(cursor, frame.stream, frame.limit)
    case "MaxStreams":
      bytes[cursor.at++] = MAX_STREAMS
      return Varint.write(cursor, frame.limit)
    case "Close":
      bytes[cursor.at++] = CLOSE
      return Varint.write(cursor, frame.code)
  }
}

/** Writes a STREAM frame up to its data: the caller then copies `length` bytes straight from the stream's buffer. */
export const writeStreamHeader = (
  cursor: Varint.Cursor,
  stream: number,
  offset: number,
  length: number,
  isFinal: boolean
): void => {
  cursor.bytes[cursor.at++] = STREAM | STREAM_LENGTH | (offset === 0 ? 0 : STREAM_OFFSET) | (isFinal ? STREAM_FIN : 0)
  Varint.write(cursor, stream)
  if (offset !== 0) Varint.write(cursor, offset)
  Varint.write(cursor, length)
}

const writeAll = (cursor: Varint.Cursor, ...values: ReadonlyArray<number>): void => {
  for (const value of values) Varint.write(cursor, value)
}

/** Reads the frame at the cursor, which is not PADDING; `undefined` if it is malformed or of an unknown type. */
export const read = (cursor: Varint.Cursor): StreamFrame | undefined => {
  const type = cursor.bytes[cursor.at++]
  if (type === undefined) return undefined
  if (type >= STREAM && type < STREAM + 8) return readStream(cursor, type)
  if (type === PING) return { _tag: "Ping" }
  if (type === ACK) return AckFrame.read(cursor)
  const first = Varint.read(cursor)
  if (first === undefined) return undefined
  if (type === MAX_DATA) return { _tag: "MaxData", limit: first }
  if (type === MAX_STREAMS) return { _tag: "MaxStreams", limit: first }
  if (type === CLOSE) return { _tag: "Close", code: first }
  const second = Varint.read(cursor)
  if (second === undefined) return undefined
  if (type === MAX_STREAM_DATA) return { _tag: "MaxStreamData", stream: first, limit: second }
  if (type === STOP_SENDING) return { _tag: "StopSending", stream: first, code: second }
  if (type !== RESET_STREAM) return undefined
  const finalSize = Varint.read(cursor)
  return finalSize === undefined ? undefined : { _tag: "ResetStream", stream: first, code: second, finalSize }
}

const readStream = (cursor: Varint.Cursor, type: number): Stream | undefined => {
  const { bytes } = cursor
  const stream = Varint.read(cursor)
  const offset = (type & STREAM_OFFSET) === 0 ? 0 : Varint.read(cursor)
  if (stream === undefined || offset === undefined) return undefined
  const length = (type & STREAM_LENGTH) === 0 ? bytes.length - cursor.at : Varint.read(cursor)
  if (length === undefined || length > bytes.length - cursor.at || offset > Varint.MAX - length) return undefined
  const data = bytes.subarray(cursor.at, cursor.at + length)
  cursor.at += length
  return { _tag: "Stream", stream, offset, data, isFinal: (type & STREAM_FIN) !== 0 }
}
