/**
 * zlib contexts that are reset and used again.
 *
 * `Zlib.deflateSync` makes a stream for each call: 39 µs of CPU for 40 bytes, where a reused context takes 4 to 13. The
 * native context below such a stream is reset in a microsecond. It is no public interface of Node's, so it is tried
 * when it is made; where it does not work, there is none, and callers use the public functions.
 */
import * as Zlib from "node:zlib"

/** Converts `bytes`; `undefined` when that fails, or the result does not fit. The result is a copy. */
export type Context = (bytes: Uint8Array) => Buffer | undefined

/** A deflating context whose results have at most `room` bytes; `undefined` where Node gives none. */
export const deflater = (options: Zlib.ZlibOptions, room: number): Context | undefined => {
  const context = reused(Zlib.createDeflate(options), room)
  if (context === undefined) return undefined
  const zeros = new Uint8Array(room)
  const deflate: Context = (bytes) => {
    const deflated = convert(context, bytes)
    // A reset keeps the window, and zlib looks a few bytes past the end of its input: without this, the choice of matches
    // would depend on what was deflated before.
    context.run(zeros, bytes.length)
    return deflated
  }
  return worksLike(deflate, SAMPLE, Zlib.deflateSync(SAMPLE, options)) ? deflate : undefined
}

/** An inflating context whose results have fewer than `room` bytes; `undefined` where Node gives none. */
export const inflater = (room: number): Context | undefined => {
  const context = reused(Zlib.createInflate(), room)
  if (context === undefined) return undefined
  const inflate: Context = (bytes) => convert(context, bytes)
  const deflated = Zlib.deflateSync(SAMPLE)
  if (!worksLike(inflate, deflated, SAMPLE)) return undefined
  // A failure must be noticed, and must not spoil what follows.
  return inflate(deflated.subarray(1)) === undefined && worksLike(inflate, deflated, SAMPLE) ? inflate : undefined
}

const SAMPLE = Buffer.from("a sample, a sample, a sample")

const worksLike = (context: Context, bytes: Uint8Array, expected: Buffer): boolean => {
  try {
    // Twice: it is to be used again.
    return context(bytes)?.equals(expected) === true && context(bytes)?.equals(expected) === true
  } catch {
    return false
  }
}

/** What is below a zlib stream of Node's. `writeSync` leaves in the stream's `_writeState` how much room and input are left. */
interface Handle {
  readonly reset: () => void
  readonly writeSync: (
    flush: number,
    input: Uint8Array,
    inputAt: number,
    inputLength: number,
    output: Uint8Array,
    outputAt: number,
    outputLength: number
  ) => void
}

const isHandle = (value: unknown): value is Handle =>
  typeof value === "object" &&
  value !== null &&
  "onerror" in value &&
  "reset" in value &&
  typeof value.reset === "function" &&
  "writeSync" in value &&
  typeof value.writeSync === "function"

/** A native context, and where its results are. */
interface Reused {
  readonly output: Buffer
  /** Converts the first `length` of `bytes`, and returns the length of the result; `undefined` when that fails. */
  readonly run: (bytes: Uint8Array, length: number) => number | undefined
}

const convert = ({ output, run }: Reused, bytes: Uint8Array): Buffer | undefined => {
  const length = run(bytes, bytes.length)
  return length === undefined ? undefined : Buffer.from(output.subarray(0, length))
}

const reused = (stream: object, room: number): Reused | undefined => {
  const handle: unknown = Reflect.get(stream, "_handle")
  const left: unknown = Reflect.get(stream, "_writeState")
  if (!isHandle(handle) || !(left instanceof Uint32Array)) return undefined
  const output = Buffer.allocUnsafeSlow(room)
  let failed = false
  const onerror = (): void => {
    failed = true
  }
  Object.assign(handle, { onerror })
  const run = (bytes: Uint8Array, length: number): number | undefined => {
    failed = false
    handle.reset()
    handle.writeSync(Zlib.constants.Z_FINISH, bytes, 0, length, output, 0, room)
    const free = left[0] ?? 0
    return failed || free === 0 ? undefined : room - free
  }
  return { output, run }
}
