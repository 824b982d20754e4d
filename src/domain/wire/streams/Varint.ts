/**
 * Variable-length integers of 1, 2, 4 or 8 bytes: the two top bits of the first byte give the length.
 *
 * Only values below 2^53 exist here, so a value is always an exact `number`. Source: RFC 9000, section 16.
 */

/** The largest value. */
export const MAX = Number.MAX_SAFE_INTEGER

/** A place in a buffer from which a message is read, or to which it is written. */
export interface Cursor {
  readonly bytes: Uint8Array
  /** The index of the next byte. */
  at: number
}

const HIGH = 2 ** 32

/** Bytes of the shortest encoding of `value`, an integer from 0 to `MAX`. */
export const size = (value: number): 1 | 2 | 4 | 8 => {
  if (value < 0x40) return 1
  if (value < 0x4000) return 2
  return value < 0x4000_0000 ? 4 : 8
}

/** Writes the shortest encoding. The cursor must have `size(value)` bytes left. */
export const write = (cursor: Cursor, value: number): void => {
  const { bytes } = cursor
  switch (size(value)) {
    case 1:
      bytes[cursor.at++] = value
      return
    case 2:
      bytes[cursor.at++] = 0x40 | (value >>> 8)
      bytes[cursor.at++] = value & 0xff
      return
    case 4:
      bytes[cursor.at++] = 0x80 | (value >>> 24)
      return write24(cursor, value)
    case 8: {
      const high = Math.floor(value / HIGH)
      bytes[cursor.at++] = 0xc0 | (high >>> 24)
      write24(cursor, high)
      bytes[cursor.at++] = (value >>> 24) & 0xff
      return write24(cursor, value)
    }
  }
}

const write24 = (cursor: Cursor, value: number): void => {
  const { bytes } = cursor
  bytes[cursor.at++] = (value >>> 16) & 0xff
  bytes[cursor.at++] = (value >>> 8) & 0xff
  bytes[cursor.at++] = value & 0xff
}

/** Reads a value in any of its encodings; `undefined` if it is cut short or above `MAX`. */
export const read = (cursor: Cursor): number | undefined => {
  const { bytes } = cursor
  const first = bytes[cursor.at]
  if (first === undefined) return undefined
  const length = 1 << (first >>> 6)
  const end = cursor.at + length
  if (end > bytes.length) return undefined
  let value = first & 0x3f
  for (let i = cursor.at + 1; i < end; i++) value = value * 256 + (bytes[i] ?? 0)
  if (value > MAX) return undefined
  cursor.at = end
  return value
}
