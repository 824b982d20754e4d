/**
 * A piece of an instruction (`InstructionContents`), small enough for one datagram (spec 3.1).
 */
import type { FragmentId } from "./Numbers.ts"
export interface Fragment {
  /** The instruction's id, common to all its fragments; below 2^64. */
  readonly id: FragmentId
  /** The index of the fragment, from 0 to `MAX_NUMBER`. */
  readonly number: number
  readonly isFinal: boolean
  readonly contents: Uint8Array
}

export const MAX_NUMBER = 0x7fff

/** Size of the header, bytes. */
export const HEADER = 10

const FINAL = 0x8000

/** The header that is being encoded or decoded: a view of each fragment would move short ones out of V8's heap. */
const header = new DataView(new ArrayBuffer(HEADER))
const headerBytes = new Uint8Array(header.buffer)

export const encode = (fragment: Fragment): Uint8Array => {
  const bytes = new Uint8Array(HEADER + fragment.contents.length)
  header.setBigUint64(0, fragment.id)
  header.setUint16(8, (fragment.isFinal ? FINAL : 0) | fragment.number)
  bytes.set(headerBytes)
  bytes.set(fragment.contents, HEADER)
  return bytes
}

/** Decodes a fragment; `undefined` if the bytes are too short. `contents` shares memory with `bytes`. */
export const decode = (bytes: Uint8Array): Fragment | undefined => {
  if (bytes.length < HEADER) return undefined
  for (let i = 0; i < HEADER; i++) headerBytes[i] = bytes[i] ?? 0
  const place = header.getUint16(8)
  return {
    id: header.getBigUint64(0),
    number: place & MAX_NUMBER,
    isFinal: (place & FINAL) !== 0,
    contents: bytes.subarray(HEADER)
  }
}

/** Splits an instruction into at least one fragment, each with at most `size` bytes of contents. */
export const split = (id: FragmentId, instruction: Uint8Array, size: number): ReadonlyArray<Fragment> => {
  const fragments: Array<Fragment> = []
  let start = 0
  do {
    const contents = instruction.subarray(start, start + size)
    start += size
    fragments.push({ id, number: fragments.length, isFinal: start >= instruction.length, contents })
  } while (start < instruction.length)
  return fragments
}
