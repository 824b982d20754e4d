/**
 * What the fragments of an instruction carry together: the instruction compressed by zlib (spec 3.1) or, to peers with
 * `Features.uncompressed`, a short one as it is (docs/spec/uncompressed.md).
 *
 * Zlib makes instructions of up to some 80 bytes longer, by 8 bytes, and a keystroke and its echo are shorter than that.
 */
import * as Instruction from "./Instruction.ts"

/** The longest instruction that is sent as it is, bytes. Longer ones become shorter by compression. */
export const MAX_UNCOMPRESSED = 96

/** `isUncompressed`: both ends announced `Features.uncompressed`. `undefined` if `deflate` refuses the instruction as too large. */
export const encode = (
  instruction: Uint8Array,
  isUncompressed: boolean,
  deflate: (bytes: Uint8Array) => Uint8Array | undefined
): Uint8Array | undefined =>
  isUncompressed && instruction.length <= MAX_UNCOMPRESSED ? instruction : deflate(instruction)

/** The instruction in `contents`, which may share memory with it; `undefined` if `inflate` refuses it. */
export const decode = (
  contents: Uint8Array,
  inflate: (bytes: Uint8Array) => Uint8Array | undefined
): Uint8Array | undefined => (Instruction.isEncoded(contents) ? contents : inflate(contents))
