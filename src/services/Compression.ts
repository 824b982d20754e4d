/**
 * The zlib format (RFC 1950) in which instructions travel, bounded in both directions (spec 3.4).
 */
import * as Context from "effect/Context"

/** What an instruction may measure, compressed and not, in bytes. */
export const LIMIT = 4_194_304

export class Compression extends Context.Service<
  Compression,
  {
    /** `undefined` when either form would be over `LIMIT`: no peer would take it. */
    readonly deflate: (bytes: Uint8Array) => Uint8Array | undefined
    /**
     * `undefined` for what is not a whole zlib stream, or is over `LIMIT` in either form; no more than that is ever
     * allocated. Bytes after the end of the stream are ignored. Never throws.
     */
    readonly inflate: (bytes: Uint8Array) => Uint8Array | undefined
  }
>()("effect-mosh/services/Compression") {}
