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
import * as ReusedZlib from "./ReusedZlib.ts"

/**
 * A compressor with a window as large as its input: a keystroke needs 8 kB instead of zlib's default of 256 kB, which
 * causes a garbage collection every few dozen datagrams. The result is not longer.
 */
const compressor = (bytes: number): Zlib.ZlibOptions => {
  const windowBits = Math.min(Math.max(Math.ceil(Math.log2(bytes + MIN_LOOKAHEAD)), 9), 15)
  return { windowBits, memLevel: Math.min(windowBits - 6, 8), chunkSize: chunk(bytes) }
}

/** The part of its window that zlib does not search, bytes. */
const MIN_LOOKAHEAD = 262

/** The size of a piece of output, bytes. */
const chunk = (bytes: number): number => Math.min(Math.max(2 * bytes, 256), 16 * 1024)

/** The smallest windows of zlib; what is larger comes too seldom to keep a context for. */
const REUSED_WINDOWS = [9, 10]
/** More than the result of any bytes that fit those windows. */
const DEFLATED_ROOM = 1024
/** Up to so many bytes an inflated instruction comes from the reused context. */
const INFLATED_ROOM = 4096

/**
 * zlib, by Node. All sessions of a process share the contexts: each call resets them, copies its result, and depends on no other.
 */
export const layer: Layer.Layer<Compression> = Layer.sync(Compression, () => (shared ??= make()))

let shared: Compression["Service"] | undefined

const make = (): Compression["Service"] => {
  const deflaters = new Map<number | undefined, ReusedZlib.Context | undefined>()
  const deflaterFor = (options: Zlib.ZlibOptions): ReusedZlib.Context | undefined => {
    const { windowBits } = options
    if (windowBits === undefined || !REUSED_WINDOWS.includes(windowBits)) return undefined
    if (!deflaters.has(windowBits)) deflaters.set(windowBits, ReusedZlib.deflater(options, DEFLATED_ROOM))
    return deflaters.get(windowBits)
  }
  let inflater: ReusedZlib.Context | undefined | null = null

  return {
    deflate: (bytes) => {
      if (bytes.length > MAX_BYTES) return undefined
      const options = compressor(bytes.length)
      const deflated = deflaterFor(options)?.(bytes) ?? Zlib.deflateSync(bytes, options)
      return deflated.length > MAX_BYTES ? undefined : deflated
    },
    inflate: (bytes) => {
      if (bytes.length > MAX_BYTES) return undefined
      if (inflater === null) inflater = ReusedZlib.inflater(INFLATED_ROOM)
      const inflated = bytes.length < INFLATED_ROOM ? inflater?.(bytes) : undefined
      if (inflated !== undefined) return inflated
      try {
        return Zlib.inflateSync(bytes, { maxOutputLength: MAX_BYTES, chunkSize: chunk(2 * bytes.length) })
      } catch {
        return undefined
      }
    }
  }
}
