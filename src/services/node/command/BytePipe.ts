/**
 * Node's byte streams as Effects: pipes of processes, and the standard streams of this one. Bytes pass in pieces, so an
 * Effect is paid per piece, up to 64 KiB.
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import type * as Pull from "effect/Pull"
import * as Stream from "effect/Stream"
import type * as NodeStream from "node:stream"
import { OutputClosed } from "../../command/Commands.ts"

/**
 * What the readable that `open` returns yields, to its end. An error counts as the end: the writer of a pipe has exited. The
 * readable is destroyed with the stream, so that its writer learns that nobody reads any more.
 */
export const source = (open: () => NodeStream.Readable): Stream.Stream<Uint8Array> =>
  Stream.suspend(() => {
    const readable = open()
    const pull: Pull.Pull<readonly [Uint8Array]> = Effect.flatMap(read(readable), (piece) =>
      piece === undefined ? Cause.done() : Effect.succeed([piece] as const)
    )
    return Stream.ensuring(
      Stream.fromPull(Effect.succeed(pull)),
      Effect.sync(() => void readable.destroy())
    )
  })

/** The next piece of a readable; `undefined` at its end, and after an error. For one reader at a time. */
export const read = (readable: NodeStream.Readable): Effect.Effect<Uint8Array | undefined> =>
  Effect.callback<Uint8Array | undefined>((resume) => {
    hold(readable)
    const finish = (piece: Uint8Array | undefined): void => {
      stop()
      resume(Effect.succeed(piece))
    }
    const onReadable = (): void => {
      const piece: unknown = readable.read()
      if (piece instanceof Uint8Array) finish(piece)
      else if (isOver(readable)) onEnd()
    }
    const onEnd = (): void => finish(undefined)
    const stop = (): void => {
      readable.off("readable", onReadable)
      readable.off("end", onEnd)
      readable.off("close", onEnd)
    }
    readable.on("readable", onReadable)
    readable.on("end", onEnd)
    readable.on("close", onEnd)
    onReadable()
    return Effect.sync(stop)
  })

/**
 * Lets a readable keep its bytes until they are read. Call it as soon as the readable exists: when a child process exits, Node
 * discards what its pipes still hold, unless something listens.
 */
export const hold = (readable: NodeStream.Readable): void => {
  outliveErrors(readable)
  if (!readable.listeners("readable").includes(ignore)) readable.on("readable", ignore)
}

const isOver = (readable: NodeStream.Readable): boolean =>
  readable.readableEnded || readable.destroyed || readable.errored !== null

/** Writes bytes, and resumes when the system has taken them. */
export const write = (writable: NodeStream.Writable, bytes: Uint8Array): Effect.Effect<void, OutputClosed> =>
  Effect.callback<void, OutputClosed>((resume) => {
    outliveErrors(writable)
    if (!writable.writable) return resume(Effect.fail(new OutputClosed()))
    writable.write(bytes, (error) => {
      resume(error == null ? Effect.void : Effect.fail(new OutputClosed()))
    })
  })

/** Without a listener, Node ends the process at an error. */
const outliveErrors = (stream: NodeStream.Stream): void => {
  if (!stream.listeners("error").includes(ignore)) stream.on("error", ignore)
}

const ignore = (): void => undefined
