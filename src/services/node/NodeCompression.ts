/**
 * `Compression` by Node's zlib.
 */
import * as Layer from "effect/Layer"
import * as Zlib from "node:zlib"
import { Compression, LIMIT } from "../Compression.ts"

const bounded = { maxOutputLength: LIMIT }

export const layer: Layer.Layer<Compression> = Layer.succeed(Compression, {
  deflate: (bytes) => {
    if (bytes.length > LIMIT) return undefined
    const deflated = Zlib.deflateSync(bytes)
    return deflated.length > LIMIT ? undefined : deflated
  },
  inflate: (bytes) => {
    if (bytes.length > LIMIT) return undefined
    try {
      return Zlib.inflateSync(bytes, bounded)
    } catch {
      return undefined
    }
  }
})
