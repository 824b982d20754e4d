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
import { MAX_BYTES } from "../../../domain/wire/Instruction.ts"
import { Compression } from "../../transport/Compression.ts"

/**
 * A compressor as large as what it compresses: a key needs 8 kB, not the 256 of zlib's own choice, which bring a
 * collection of garbage every few dozen datagrams. The result is no longer by it.
 */
const compressor = (bytes: number): Zlib.ZlibOptions => {
  const windowBits = Math.min(Math.max(Math.ceil(Math.log2(bytes + MIN_LOOKAHEAD)), 9), 15)
  return { windowBits, memLevel: Math.min(windowBits - 6, 8), chunkSize: chunk(bytes) }
}

/** What zlib cannot look back to at the far end of its window, in bytes. */
const MIN_LOOKAHEAD = 262

/** The pieces in which results come, in bytes. */
const chunk = (bytes: number): number => Math.min(Math.max(2 * bytes, 256), 16 * 1024)

/** zlib, by Node. */
export const layer: Layer.Layer<Compression> = Layer.succeed(Compression, {
  deflate: (bytes) => {
    if (bytes.length > MAX_BYTES) return undefined
    const deflated = Zlib.deflateSync(bytes, compressor(bytes.length))
    return deflated.length > MAX_BYTES ? undefined : deflated
  },
  inflate: (bytes) => {
    if (bytes.length > MAX_BYTES) return undefined
    try {
      return Zlib.inflateSync(bytes, { maxOutputLength: MAX_BYTES, chunkSize: chunk(2 * bytes.length) })
    } catch {
      return undefined
    }
  }
})
