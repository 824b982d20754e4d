/**
 * `Compression` by Node's zlib.
 *
 * ```ts
 * import { Effect } from "effect"
 * import { Compression } from "effect-mosh"
 * import { NodeCompression } from "effect-mosh/node"
 *
 * export const deflated = Effect.map(Compression, ({ deflate }) => deflate(new Uint8Array(1000))?.length).pipe(
 *   Effect.provide(NodeCompression.layer)
 * )
 * ```
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
