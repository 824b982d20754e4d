/**
 * A piece of a compressed instruction, small enough for one datagram (spec 3.1).
 */
export interface Fragment {
  /** The same for all pieces of one instruction; below 2^64. */
  readonly id: bigint
  /** The piece's place, from 0 to `MAX_NUMBER`. */
  readonly number: number
  readonly isFinal: boolean
  readonly contents: Uint8Array
}

export const MAX_NUMBER = 0x7fff

/** Bytes before the contents. */
export const HEADER = 10

const FINAL = 0x8000

export const encode = (fragment: Fragment): Uint8Array => {
  const bytes = new Uint8Array(HEADER + fragment.contents.length)
  const view = new DataView(bytes.buffer)
  view.setBigUint64(0, fragment.id)
  view.setUint16(8, (fragment.isFinal ? FINAL : 0) | fragment.number)
  bytes.set(fragment.contents, HEADER)
  return bytes
}

/** `undefined` when too short. `contents` shares memory with `bytes`. */
export const decode = (bytes: Uint8Array): Fragment | undefined => {
  if (bytes.length < HEADER) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  const place = view.getUint16(8)
  return {
    id: view.getBigUint64(0),
    number: place & MAX_NUMBER,
    isFinal: (place & FINAL) !== 0,
    contents: bytes.subarray(HEADER)
  }
}

/** Cuts an instruction into fragments of at most `size` bytes of contents; at least one. */
export const split = (id: bigint, instruction: Uint8Array, size: number): ReadonlyArray<Fragment> => {
  const fragments: Array<Fragment> = []
  let start = 0
  do {
    const contents = instruction.subarray(start, start + size)
    start += size
    fragments.push({ id, number: fragments.length, isFinal: start >= instruction.length, contents })
  } while (start < instruction.length)
  return fragments
}
