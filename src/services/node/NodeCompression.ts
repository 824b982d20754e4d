/**
 * `Compression` by Node's zlib.
 */
import * as Layer from "effect/Layer"
import * as Zlib from "node:zlib"
import { MAX_BYTES } from "../../domain/wire/Instruction.ts"
import { Compression } from "../Compression.ts"

const bounded = { maxOutputLength: MAX_BYTES }

/** zlib, by Node. */
export const layer: Layer.Layer<Compression> = Layer.succeed(Compression, {
  deflate: (bytes) => {
    if (bytes.length > MAX_BYTES) return undefined
    const deflated = Zlib.deflateSync(bytes)
    return deflated.length > MAX_BYTES ? undefined : deflated
  },
  inflate: (bytes) => {
    if (bytes.length > MAX_BYTES) return undefined
    try {
      return Zlib.inflateSync(bytes, bounded)
    } catch {
      return undefined
    }
  }
})
