/**
 * The zlib format (RFC 1950) in which instructions travel, bounded in both directions (spec 3.4).
 *
 * ```ts
 * import { Layer } from "effect"
 * import { Compression } from "effect-mosh"
 * import * as Zlib from "node:zlib"
 *
 * // For slow machines: stored, not compressed. It must refuse what is too large, as `NodeCompression.layer` does.
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
    /** `undefined` when either form would be over `Instruction.MAX_BYTES`: no peer would take it. */
    readonly deflate: (bytes: Uint8Array) => Uint8Array | undefined
    /**
     * `undefined` for what is not a whole zlib stream, or is over `Instruction.MAX_BYTES` in either form; no more than
     * that is ever inflated. Bytes after the end of the stream are ignored. Never throws.
     */
    readonly inflate: (bytes: Uint8Array) => Uint8Array | undefined
  }
>()("effect-mosh/services/Compression") {}
