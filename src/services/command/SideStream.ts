/**
 * The side stream of a command: the server opens it, with the number of the main stream as its header, and both ends exchange
 * `CommandFrame`s on it.
 */
import * as Effect from "effect/Effect"
import * as CommandFrame from "../../domain/command/CommandFrame.ts"
import * as Varint from "../../domain/wire/streams/Varint.ts"
import type { ByteStream } from "../transport/ByteStream.ts"
import type { StreamError } from "../transport/StreamError.ts"

/** The code of RESET_STREAM and STOP_SENDING for a stream that breaks the rules of docs/spec/command.md. */
export const MALFORMED = 2

/** Sent before the streams of other commands: signals must pass input that waits. */
export const URGENCY = 2

export const encodeHeader = (main: number): Uint8Array => {
  const cursor = { bytes: new Uint8Array(Varint.size(main)), at: 0 }
  Varint.write(cursor, main)
  return cursor.bytes
}

/** The number of the main stream; `undefined` if the header is malformed. */
export const decodeHeader = (header: Uint8Array): number | undefined => {
  const cursor = { bytes: header, at: 0 }
  const main = Varint.read(cursor)
  return cursor.at === header.length ? main : undefined
}

/** Reads all frames, to the end of the peer's half. */
export const readFrames = <E>(
  side: ByteStream,
  onFrame: (frame: CommandFrame.CommandFrame) => Effect.Effect<void, E>
): Effect.Effect<void, StreamError | CommandFrame.MalformedCommandFrame | E> =>
  Effect.gen(function* () {
    const decoder = CommandFrame.decoder()
    for (;;) {
      const piece = yield* side.read()
      if (piece === undefined) return
      const frames = yield* Effect.fromResult(CommandFrame.read(decoder, piece))
      for (const frame of frames) yield* onFrame(frame)
    }
  })

export const writeFrame = (side: ByteStream, frame: CommandFrame.CommandFrame): Effect.Effect<void, StreamError> =>
  side.write(CommandFrame.encode(frame))
