/**
 * Bytes that no honest peer would send: noise, and damaged messages. The same seed gives the same bytes.
 */
export type Random = () => number

/** A generator of numbers from 0 to 1 (mulberry32). */
export const random = (seed: number): Random => {
  let a = seed
  return () => {
    a = (a + 0x6d2b79f5) | 0
    let t = Math.imul(a ^ (a >>> 15), 1 | a)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

const below = (next: Random, limit: number): number => Math.floor(next() * limit)

export const noise = (next: Random, length: number): Uint8Array => Uint8Array.from({ length }, () => below(next, 256))

/** Cuts, flips, repeats, inserts. */
const spoil = (next: Random, honest: Uint8Array): Uint8Array => {
  const bytes = [...honest]
  const times = 1 + below(next, 4)
  for (let i = 0; i < times; i++) {
    const at = below(next, bytes.length + 1)
    switch (below(next, 5)) {
      case 0:
        bytes.splice(at)
        break
      case 1:
        if (at < bytes.length) bytes[at] = (bytes[at] as number) ^ (1 << below(next, 8))
        break
      case 2:
        bytes.splice(at, 0, ...bytes.slice(below(next, bytes.length + 1)).slice(0, 64))
        break
      case 3:
        bytes.splice(at, 0, ...noise(next, 1 + below(next, 10)))
        break
      default:
        // A large varint.
        bytes.splice(at, 1, ...Array.from({ length: below(next, 12) }, () => 0xff), below(next, 128))
    }
  }
  return Uint8Array.from(bytes)
}

/** `count` pieces of bytes: a third noise, the rest spoiled copies of `honest` ones. */
export const hostile = function* (
  honest: ReadonlyArray<Uint8Array>,
  count = 10_000,
  seed = 1
): Generator<Uint8Array, void> {
  const next = random(seed)
  for (let i = 0; i < count; i++) {
    const message = honest[below(next, honest.length)]
    yield i % 3 === 0 || message === undefined ? noise(next, below(next, 60)) : spoil(next, message)
  }
}
