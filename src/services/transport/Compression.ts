/**
 * Compresses instructions in the zlib format (RFC 1950), with bounds in both directions (spec 3.4).
 *
 * ```ts
 * import { Layer } from "effect"
 * import { Compression } from "effect-mosh"
 * import * as Zlib from "node:zlib"
 *
 * // For slow machines: stores without compression. Like `NodeCompression.layer`, it must reject too large input.
 * export const stored = Layer.succeed(Compression, {
 *   deflate: (bytes) => (bytes.length > 65_536 ? undefined : Zlib.deflateSync(bytes, { level: 0 })),
 *   inflate: (bytes) => {
 *     try {
 *       return Zlib.inflateSync(bytes, { maxOutputLength: 65_536 })
 *     } catch {
 *       return undefined
 *     }
 *   }
 * })
 * ```
 */
import * as Context from "effect/Context"

export class Compression extends Context.Service<
  Compression,
  {
    /** Compresses; `undefined` if either form exceeds `Instruction.MAX_BYTES`, because no peer would accept it. */
    readonly deflate: (bytes: Uint8Array) => Uint8Array | undefined
    /**
     * Decompresses; `undefined` if the bytes are not a complete zlib stream, or exceed `Instruction.MAX_BYTES` in either
     * form. Never decompresses more than that. Bytes after the end of the stream are ignored. Never throws.
     */
    readonly inflate: (bytes: Uint8Array) => Uint8Array | undefined
  }
>()("effect-mosh/services/Compression") {}
