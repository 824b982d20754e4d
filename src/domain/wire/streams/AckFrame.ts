/**
 * The ACK frame of a stream packet: packet numbers that arrived, as descending ranges. The layout is that of RFC 9000, section
 * 19.3, after the type.
 *
 * ```
 * largest      varint
 * delay        varint, units of 8 µs
 * count        varint: further ranges
 * first range  varint: the first range is `largest - first range … largest`
 * gap, range   count times: the next range ends at `smallest before - gap - 2`, and begins `range` below
 * ```
 *
 * Decoding is total. Its memory is bounded by the packet's length: a range takes two bytes at least.
 */
import * as Varint from "./Varint.ts"

/** Packet numbers that arrived. */
export interface Ack {
  readonly _tag: "Ack"
  /** Age of the largest acknowledged packet that elicits acknowledgements, in units of 8 µs. */
  readonly delay: number
  /** At least one; descending, disjoint, and with at least one number between two. */
  readonly ranges: ReadonlyArray<AckRange>
}

/** The packet numbers from `first` to `last`, both included. */
export interface AckRange {
  readonly first: number
  readonly last: number
}

/** Bytes of the encoded frame without its type. */
export const size = ({ delay, ranges }: Ack): number => {
  let bytes = Varint.size(delay) + Varint.size(ranges.length - 1)
  let next = -1
  for (const { first, last } of ranges) {
    bytes += Varint.size(next === -1 ? last : next - last) + Varint.size(last - first)
    next = first - 2
  }
  return bytes
}

/** Writes the frame without its type. The cursor must have `size(ack)` bytes left. */
export const write = (cursor: Varint.Cursor, { delay, ranges }: Ack): void => {
  const [newest] = ranges
  if (newest === undefined) return
  for (const value of [newest.last, delay, ranges.length - 1, newest.last - newest.first]) Varint.write(cursor, value)
  let next = newest.first - 2
  for (let i = 1; i < ranges.length; i++) {
    const { first, last } = ranges[i] as AckRange
    Varint.write(cursor, next - last)
    Varint.write(cursor, last - first)
    next = first - 2
  }
}

/** Reads the frame after its type; `undefined` if it is malformed. */
export const read = (cursor: Varint.Cursor): Ack | undefined => {
  const largest = Varint.read(cursor)
  const delay = Varint.read(cursor)
  const count = Varint.read(cursor)
  if (largest === undefined || delay === undefined || count === undefined) return undefined
  const ranges: Array<AckRange> = []
  let last = largest
  for (let i = 0; ; i++) {
    const length = Varint.read(cursor)
    if (length === undefined || length > last) return undefined
    const first = last - length
    ranges.push({ first, last })
    if (i === count) return { _tag: "Ack", delay, ranges }
    const gap = Varint.read(cursor)
    if (gap === undefined || gap > first - 2) return undefined
    last = first - 2 - gap
  }
}
