/**
 * Reads structure out of a fuzzed input, so that flipping bytes makes other structures; zeros follow its end.
 */
export interface Reader {
  readonly done: () => boolean
  readonly byte: () => number
  /** A number from 0 to `limit`, exclusive. Two bytes where one is not enough. */
  readonly below: (limit: number) => number
  readonly u64: () => bigint
  /** The next bytes, as far as there are any. */
  readonly bytes: (length: number) => Uint8Array
  /** Bytes under a length of one or two bytes. */
  readonly piece: () => Uint8Array
  readonly rest: () => Uint8Array
}

export const reader = (input: Uint8Array): Reader => {
  let at = 0
  const byte = (): number => input[at++] ?? 0
  const bytes = (length: number): Uint8Array => {
    const taken = input.subarray(at, at + length)
    at += length
    return taken
  }
  return {
    done: () => at >= input.length,
    byte,
    below: (limit) => (limit > 256 ? byte() * 256 + byte() : byte()) % limit,
    u64: () => {
      let value = 0n
      for (let i = 0; i < 8; i++) value = value * 256n + BigInt(byte())
      return value
    },
    bytes,
    piece: () => {
      const length = byte()
      return bytes(length < 0xf0 ? length : (length - 0xf0) * 256 + byte())
    },
    rest: () => bytes(Math.max(0, input.length - at))
  }
}

/** What `piece` reads. At most 4095 bytes. */
export const piece = (bytes: Uint8Array): Uint8Array => {
  const { length } = bytes
  const head = length < 0xf0 ? [length] : [0xf0 + (length >> 8), length & 0xff]
  return Buffer.concat([Uint8Array.from(head), bytes])
}
