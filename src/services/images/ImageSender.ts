/**
 * Sends the images that are on the screen to one client, each on a stream of kind `images`, after everything else that is more
 * urgent. One image is on its way at a time; one that leaves the screen meanwhile is abandoned.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as ImageCells from "../../domain/images/ImageCells.ts"
import type { Image } from "../../domain/images/Image.ts"
import type { ImageStore } from "../../domain/images/ImageStore.ts"
import * as StreamKind from "../../domain/streams/StreamKind.ts"
import type { Frame } from "../../domain/terminal/Frame.ts"
import * as ImageMessage from "../../domain/wire/streams/ImageMessage.ts"
import * as Background from "../runtime/Background.ts"
import type { StreamError, TransportStreams } from "../transport/Transport.ts"

/** The sender of one client. Synchronous; never throws. */
export interface ImageSender {
  /** This frame goes to a client that shows images. */
  readonly shown: (frame: Frame) => void
}

/** After every other stream, with the rows of the history. */
const URGENCY = 7
/** Bytes that wait in the stream. */
const BUFFER = 65_536
/** The code of RESET_STREAM for an image that has left the screen. */
export const ABANDONED = 2

/** A sender for a client that can open streams. It waits for the first frame with an image. */
export const make = Effect.fnUntraced(function* (
  store: ImageStore,
  streams: TransportStreams
): Effect.fn.Return<ImageSender, never, Scope.Scope> {
  const start = yield* Background.start
  let isSending = false
  let visible: ReadonlySet<number> = NONE
  /** What the client has, as far as the store still has it. */
  const sent = new Map<number, Image>()

  const next = (): readonly [number, Image] | undefined => {
    for (const id of visible) {
      const image = store.images.get(id)
      if (image !== undefined && sent.get(id) !== image) return [id, image]
    }
    return undefined
  }

  const send = (id: number, image: Image): Effect.Effect<void, StreamError> =>
    Effect.gen(function* () {
      const { png, ...size } = image.picture
      const header = ImageMessage.encode({ ...image, id, length: png.length, size })
      const stream = yield* streams.open(StreamKind.StreamKind.images, header, { urgency: URGENCY, buffer: BUFFER })
      for (let at = 0; at < png.length; at += BUFFER) {
        if (!visible.has(id)) return yield* stream.reset(ABANDONED)
        yield* stream.write(png.subarray(at, at + BUFFER))
      }
      yield* stream.finish
      // The client finishes its half when it has the image.
      while ((yield* stream.read()) !== undefined);
      sent.set(id, image)
    }).pipe(
      Effect.scoped,
      // The client refused the image; the next one may be of use.
      Effect.catch((error) => {
        if (!REFUSALS.has(error.reason)) return Effect.fail(error)
        sent.set(id, image)
        return Effect.void
      })
    )

  const sendAll = Effect.gen(function* () {
    for (let found = next(); found !== undefined; found = next()) yield* send(...found)
    for (const id of sent.keys()) if (!store.images.has(id)) sent.delete(id)
    isSending = false
  })

  return {
    shown: ({ rows }) => {
      if (store.images.size === 0) return
      visible = ImageCells.ids(rows)
      if (isSending || next() === undefined) return
      isSending = true
      // Without the streams, after a failure, the session goes on without images.
      start(Effect.ignore(sendAll))
    }
  }
})

const REFUSALS: ReadonlySet<StreamError["reason"]> = new Set(["Reset", "Stopped"])
const NONE: ReadonlySet<number> = new Set()
