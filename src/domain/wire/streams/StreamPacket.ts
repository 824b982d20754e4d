/**
 * The payload of a datagram that carries stream frames instead of a fragment of an instruction.
 *
 * A fragment begins with a 64-bit instruction id, whose top bit is never set; a stream packet begins with the byte 0x80.
 * A datagram's payload is therefore one or the other, and shows by its first bit which. Under it lie the same packet
 * numbers, timestamps and cipher. Stream packets are sent only to a peer with `Features.streams`.
 *
 * ```
 * 80         top bit: stream packet; the other bits are zero
 * frames     up to the end, PADDING (00) among them
 * ```
 */
import * as Fragment from "../Fragment.ts"
import * as StreamFrame from "./StreamFrame.ts"
import type { Cursor } from "./Varint.ts"

/** The first byte. */
export const TYPE = 0x80

/** Bytes before the frames. */
export const HEADER = 1

/**
 * Shorter packets are padded to this many bytes: a stock peer aborts on a payload that is shorter than a fragment's header
 * (spec 12.1), so none is ever sent, not even by mistake.
 */
export const MIN_LENGTH = Fragment.HEADER

/** Whether a datagram's payload is a stream packet. */
export const isStreamPacket = (payload: Uint8Array): boolean => ((payload[0] ?? 0) & TYPE) !== 0

/** All frames but PADDING, in order; `undefined` if one is malformed. Stream data shares memory with `payload`. */
export const decode = (payload: Uint8Array): ReadonlyArray<StreamFrame.StreamFrame> | undefined => {
  if (payload[0] !== TYPE) return undefined
  const frames: Array<StreamFrame.StreamFrame> = []
  const cursor: Cursor = { bytes: payload, at: HEADER }
  while (cursor.at < payload.length) {
    if (payload[cursor.at] === 0) {
      cursor.at++
      continue
    }
    const frame = StreamFrame.read(cursor)
    if (frame === undefined) return undefined
    frames.push(frame)
  }
  return frames
}

/** The packet with these frames, padded where it is short. */
export const encode = (frames: ReadonlyArray<StreamFrame.StreamFrame>): Uint8Array => padded(frames, MIN_LENGTH)

/** The packet with these frames, padded to `length` bytes where it is shorter. */
export const padded = (frames: ReadonlyArray<StreamFrame.StreamFrame>, length: number): Uint8Array => {
  const filled = frames.reduce((bytes, frame) => bytes + StreamFrame.size(frame), HEADER)
  const cursor: Cursor = { bytes: new Uint8Array(Math.max(filled, length, MIN_LENGTH)), at: 0 }
  cursor.bytes[cursor.at++] = TYPE
  for (const frame of frames) StreamFrame.write(cursor, frame)
  return cursor.bytes
}
