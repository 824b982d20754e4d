/**
 * Bytes of a stream between two offsets, in a ring buffer that is addressed by offset.
 *
 * The ring doubles when needed, shrinks when little of it is used, and is given back when the queue is empty, so an idle
 * stream holds no memory. A byte is copied once in and once out. Gaps may be left and filled later: the caller knows which bytes are there.
 */
export interface ByteQueue {
  ring: Uint8Array
  /** The offset of the oldest byte that is kept. */
  start: number
  /** One more than the offset of the newest byte that was written. */
  end: number
}

/** The smallest ring, bytes. */
const MIN_CAPACITY = 4096

const NOTHING = new Uint8Array()

export const make = (): ByteQueue => ({ ring: NOTHING, start: 0, end: 0 })

/** Bytes of memory held. */
export const capacity = (queue: ByteQueue): number => queue.ring.length

/** Writes `bytes` at `offset`, which must not be below `start`. */
export const write = (queue: ByteQueue, offset: number, bytes: Uint8Array): void => {
  if (bytes.length === 0) return
  const end = offset + bytes.length
  reserve(queue, end)
  const { ring } = queue
  const at = offset % ring.length
  const first = Math.min(bytes.length, ring.length - at)
  if (first === bytes.length) ring.set(bytes, at)
  else {
    ring.set(bytes.subarray(0, first), at)
    ring.set(bytes.subarray(first), 0)
  }
  if (end > queue.end) queue.end = end
}

/** Copies the `length` bytes at `offset` to `target`, at the index `to`. They must all have been written. */
export const copy = (queue: ByteQueue, offset: number, length: number, target: Uint8Array, to: number): void => {
  if (length === 0) return
  const { ring } = queue
  const at = offset % ring.length
  const first = Math.min(length, ring.length - at)
  target.set(ring.subarray(at, at + first), to)
  if (first < length) target.set(ring.subarray(0, length - first), to + first)
}

/** Forgets the bytes below `offset`. */
export const release = (queue: ByteQueue, offset: number): void => {
  if (offset <= queue.start) return
  queue.start = offset
  if (queue.end > offset) return shrink(queue)
  queue.end = offset
  queue.ring = NOTHING
}

/** Rings of this size stay, bytes. */
const SMALL = 65_536

/** A stream that was fast, and now waits, gives back the ring that it no longer fills. */
const shrink = (queue: ByteQueue): void => {
  const { length } = queue.ring
  if (length > SMALL && queue.end - queue.start <= length / 8) resize(queue, length / 4)
}

/** Makes room for the bytes from `start` to `end`. */
const reserve = (queue: ByteQueue, end: number): void => {
  const needed = end - queue.start
  const { length } = queue.ring
  if (needed <= length) return
  let capacity = Math.max(MIN_CAPACITY, length)
  while (capacity < needed) capacity *= 2
  resize(queue, capacity)
}

const resize = (queue: ByteQueue, capacity: number): void => {
  const { length } = queue.ring
  const ring = new Uint8Array(capacity)
  const { end: last, ring: old, start } = queue
  for (let from = start; from < last;) {
    const [source, target] = [from % length, from % capacity]
    const part = Math.min(last - from, length - source, capacity - target)
    ring.set(old.subarray(source, source + part), target)
    from += part
  }
  queue.ring = ring
}
