/**
 * A FIFO queue of bytes for a slow reader. Bytes are copied into chunks, so memory is linear in the number of queued
 * bytes, however short the pushed pieces are. Adding and removing take time linear in the bytes.
 */
export interface ByteQueue {
  /** Number of queued bytes. */
  readonly length: () => number
  /** Adds a copy of `bytes`. */
  readonly push: (bytes: Uint8Array) => void
  /** The first queued bytes: at most one chunk, which must not be changed; empty when nothing is queued. */
  readonly head: () => Uint8Array
  /** Removes the first `count` bytes; at most as many as `head` returns. */
  readonly drop: (count: number) => void
  readonly clear: () => void
}

/** Size of the largest chunk, bytes. */
export const CHUNK = 65_536
/** Size of the smallest one: a keystroke's. V8 allocates so few bytes on its heap, which costs a tenth of a buffer outside. */
const FIRST_CHUNK = 64

export const make = (): ByteQueue => {
  let chunks: Array<Uint8Array> = []
  /** The chunk that `head` reads, and the offset of its first queued byte. */
  let first = 0
  let from = 0
  /** The offset of the first free byte of the last chunk. */
  let to = 0
  let length = 0

  const clear = (): void => {
    chunks = []
    first = from = to = length = 0
  }

  /** The last chunk with free bytes. A new one has room for `wanted` bytes, and twice the size of the one before. */
  const last = (wanted: number): Uint8Array => {
    const chunk = chunks[chunks.length - 1]
    if (chunk !== undefined && to < chunk.length) return chunk
    const size = chunk === undefined ? FIRST_CHUNK : 2 * chunk.length
    const next = new Uint8Array(Math.min(Math.max(size, wanted), CHUNK))
    chunks.push(next)
    to = 0
    return next
  }

  const head = (): Uint8Array => {
    const chunk = chunks[first]
    if (chunk === undefined) return EMPTY
    const end = first === chunks.length - 1 ? to : chunk.length
    // Sharing the memory of a small buffer moves it out of V8's heap, which takes several times as long as a copy.
    return chunk.length === FIRST_CHUNK ? chunk.slice(from, end) : chunk.subarray(from, end)
  }

  return {
    length: () => length,
    push: (bytes) => {
      for (let at = 0; at < bytes.length;) {
        const chunk = last(bytes.length - at)
        const count = Math.min(chunk.length - to, bytes.length - at)
        chunk.set(count === bytes.length ? bytes : bytes.subarray(at, at + count), to)
        to += count
        at += count
      }
      length += bytes.length
    },
    head,
    drop: (count) => {
      length -= count
      if (length === 0) return clear()
      from += count
      if (from < (chunks[first] as Uint8Array).length) return
      chunks[first++] = EMPTY
      from = 0
      if (2 * first < chunks.length) return
      chunks = chunks.slice(first)
      first = 0
    },
    clear
  }
}

const EMPTY = new Uint8Array(0)
