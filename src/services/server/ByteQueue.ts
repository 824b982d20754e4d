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

export const make = (): ByteQueue => new Chunks()

/** A class, because each session has three of them, and these share their functions. */
class Chunks implements ByteQueue {
  private chunks: Array<Uint8Array> = []
  /** The chunk that `head` reads, and the offset of its first queued byte. */
  private first = 0
  private from = 0
  /** The offset of the first free byte of the last chunk. */
  private to = 0
  private queued = 0

  length(): number {
    return this.queued
  }

  push(bytes: Uint8Array): void {
    // A large piece gets a chunk of its size.
    if (this.queued === 0 && bytes.length > FIRST_CHUNK) this.chunks = []
    for (let at = 0; at < bytes.length;) {
      const chunk = this.last(bytes.length - at)
      const count = Math.min(chunk.length - this.to, bytes.length - at)
      chunk.set(count === bytes.length ? bytes : bytes.subarray(at, at + count), this.to)
      this.to += count
      at += count
    }
    this.queued += bytes.length
  }

  /** The last chunk with free bytes. A new one has room for `wanted` bytes, and twice the size of the one before. */
  private last(wanted: number): Uint8Array {
    const chunk = this.chunks[this.chunks.length - 1]
    if (chunk !== undefined && this.to < chunk.length) return chunk
    const size = chunk === undefined ? FIRST_CHUNK : 2 * chunk.length
    const next = new Uint8Array(Math.min(Math.max(size, wanted), CHUNK))
    this.chunks.push(next)
    this.to = 0
    return next
  }

  head(): Uint8Array {
    const chunk = this.chunks[this.first]
    if (chunk === undefined) return EMPTY
    const end = this.first === this.chunks.length - 1 ? this.to : chunk.length
    // Sharing the memory of a small buffer moves it out of V8's heap, which takes several times as long as a copy.
    return chunk.length === FIRST_CHUNK ? chunk.slice(this.from, end) : chunk.subarray(this.from, end)
  }

  drop(count: number): void {
    this.queued -= count
    if (this.queued === 0) return this.clear()
    this.from += count
    if (this.from < (this.chunks[this.first] as Uint8Array).length) return
    this.chunks[this.first++] = EMPTY
    this.from = 0
    if (2 * this.first < this.chunks.length) return
    this.chunks = this.chunks.slice(this.first)
    this.first = 0
  }

  clear(): void {
    // A chunk for keystrokes is used again.
    if (this.chunks.length > 1 || (this.chunks[0]?.length ?? 0) > FIRST_CHUNK) this.chunks = []
    this.first = this.from = this.to = this.queued = 0
  }
}

const EMPTY = new Uint8Array(0)
