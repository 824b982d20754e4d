/**
 * The zlib format (RFC 1950) in which instructions travel, bounded in both directions (spec 3.4).
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
