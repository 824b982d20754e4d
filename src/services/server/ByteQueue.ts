/**
 * Bytes that wait for a slow reader. Its memory is linear in its bytes, however short the pieces that came: they are
 * copied into chunks. Adding and removing take time linear in the bytes.
 */
export interface ByteQueue {
  /** Bytes that wait. */
  readonly length: () => number
  /** Adds a copy of `bytes`. */
  readonly push: (bytes: Uint8Array) => void
  /** The first bytes that wait, at most a chunk of them, sharing the queue's memory; empty when none wait. */
  readonly head: () => Uint8Array
  /** Removes the first `count` bytes: at most as many as `head` has. */
  readonly drop: (count: number) => void
  readonly clear: () => void
}

/** Bytes of a chunk; the first ones are shorter, as few bytes are the rule. */
export const CHUNK = 65_536
const FIRST_CHUNK = 1024

export const make = (): ByteQueue => {
  let chunks: Array<Uint8Array> = []
  /** The chunk that is read, and where in it. */
  let first = 0
  let from = 0
  /** Where the last chunk is free. */
  let to = 0
  let length = 0

  const clear = (): void => {
    chunks = []
    first = from = to = length = 0
  }

  const last = (): Uint8Array => {
    const chunk = chunks[chunks.length - 1]
    if (chunk !== undefined && to < chunk.length) return chunk
    const next = new Uint8Array(chunk === undefined ? FIRST_CHUNK : Math.min(2 * chunk.length, CHUNK))
    chunks.push(next)
    to = 0
    return next
  }

  const head = (): Uint8Array => {
    const chunk = chunks[first]
    if (chunk === undefined) return EMPTY
    return chunk.subarray(from, first === chunks.length - 1 ? to : chunk.length)
  }

  return {
    length: () => length,
    push: (bytes) => {
      for (let at = 0; at < bytes.length;) {
        const chunk = last()
        const count = Math.min(chunk.length - to, bytes.length - at)
        chunk.set(bytes.subarray(at, at + count), to)
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
