/**
 * Collects bytes that arrive in parts, up to a limit, in one buffer that grows.
 *
 * A program can send any number of parts, however short, so no object is kept for a part. The buffer holds at most twice the
 * bytes that were appended, and at most the limit. A part that exceeds the limit discards everything, and so does every later
 * part until the builder is cleared.
 */
export interface ByteBuilder {
  readonly limit: number
  buffer: Uint8Array
  length: number
  /** Whether the parts were longer than the limit. */
  isExceeded: boolean
}

const NOTHING = new Uint8Array(0)

/** An empty builder for at most `limit` bytes. */
export const make = (limit: number): ByteBuilder => ({ limit, buffer: NOTHING, length: 0, isExceeded: false })

/** Bytes of memory held. */
export const capacity = (builder: ByteBuilder): number => builder.buffer.length

/** Copies `part` to the end. */
export const append = (builder: ByteBuilder, part: Uint8Array): void => {
  if (builder.isExceeded) return
  const length = builder.length + part.length
  if (length > builder.limit) {
    clear(builder)
    builder.isExceeded = true
    return
  }
  if (length > builder.buffer.length) {
    // The first part may be the only one.
    const larger = new Uint8Array(builder.length === 0 ? length : Math.min(builder.limit, 2 * length))
    larger.set(builder.buffer.subarray(0, builder.length))
    builder.buffer = larger
  }
  builder.buffer.set(part, builder.length)
  builder.length = length
}

/** Empties the builder, and returns what it contained; `undefined` if the limit was exceeded. */
export const take = (builder: ByteBuilder): Uint8Array | undefined => {
  const { buffer, isExceeded, length } = builder
  clear(builder)
  return isExceeded ? undefined : buffer.subarray(0, length)
}

/** Empties the builder, and gives back its memory. */
export const clear = (builder: ByteBuilder): void => {
  builder.buffer = NOTHING
  builder.length = 0
  builder.isExceeded = false
}
