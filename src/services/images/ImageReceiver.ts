/**
 * Receives images from streams of kind `images`, one at a time.
 *
 * What a server sends is not trusted: a stream whose header is malformed, whose content is no PNG file of the size in the header,
 * or has another length is reset, and the session goes on without the image. Memory is bounded by `ImageStore`.
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as ImageStore from "../../domain/images/ImageStore.ts"
import * as Png from "../../domain/images/Png.ts"
import { StreamKind } from "../../domain/streams/StreamKind.ts"
import * as ImageMessage from "../../domain/wire/streams/ImageMessage.ts"
import type { ByteStream } from "../transport/ByteStream.ts"
import type { StreamHandler } from "../transport/StreamHandler.ts"

/** The code of RESET_STREAM and STOP_SENDING for a stream that is no image. */
export const REFUSED = 2

/** Keeps what arrives in `store`, and calls `onImage` after each image, which must not throw. */
export const receive =
  (store: ImageStore.ImageStore, onImage: () => void): StreamHandler =>
  ({ streams }) => {
    const read = Effect.fnUntraced(function* (stream: ByteStream) {
      const message = ImageMessage.decode(stream.header)
      if (message === undefined) return yield* stream.reset(REFUSED)
      const { cell, columns, id, length, rows, size, source } = message
      const png = new Uint8Array(length)
      let at = 0
      for (;;) {
        const piece = yield* stream.read()
        if (piece === undefined) break
        if (at + piece.length > length) return yield* stream.reset(REFUSED)
        png.set(piece, at)
        at += piece.length
      }
      const found = at === length ? Png.sizeOf(png) : undefined
      if (found?.width !== size.width || found.height !== size.height) return yield* stream.reset(REFUSED)
      ImageStore.set(store, id, { picture: { ...size, png }, source, columns, rows, cell })
      yield* stream.finish
      onImage()
    })
    return streams.accept(StreamKind.images).pipe(
      Stream.runForEach((stream) => Effect.ensuring(Effect.ignore(read(stream)), stream.release)),
      Effect.ignore,
      Effect.forkScoped({ startImmediately: true }),
      Effect.asVoid
    )
  }
