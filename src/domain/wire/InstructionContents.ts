/**
 * What the fragments of an instruction carry together: the instruction compressed by zlib (spec 3.1) or, to peers with
 * `Features.plain`, a short one as it is (docs/spec/plain.md).
 *
 * Zlib makes instructions of up to some 80 bytes longer, by 8 bytes, and a keystroke and its echo are shorter than that.
 */
import * as Instruction from "./Instruction.ts"

/** The longest instruction that is sent as it is, bytes. Longer ones become shorter by compression. */
export const MAX_PLAIN = 96

/** `isPlain`: the peer has `Features.plain`. `undefined` if `deflate` refuses the instruction as too large. */
export const encode = (
  instruction: Uint8Array,
  isPlain: boolean,
  deflate: (bytes: Uint8Array) => Uint8Array | undefined
): Uint8Array | undefined => (isPlain && instruction.length <= MAX_PLAIN ? instruction : deflate(instruction))

/** The instruction in `contents`, which may share memory with it; `undefined` if `inflate` refuses it. */
export const decode = (
  contents: Uint8Array,
  inflate: (bytes: Uint8Array) => Uint8Array | undefined
): Uint8Array | undefined => (Instruction.isEncoded(contents) ? contents : inflate(contents))
