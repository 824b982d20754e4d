/**
 * Encodes images for the user's terminal.
 */
import { inflateSync } from "node:zlib"
import type { Encoding } from "../../../domain/client/terminal/ImageOverlay.ts"
import type * as Image from "../../../domain/images/Image.ts"
import * as Png from "../../../domain/images/Png.ts"
import * as SixelEncoder from "../../../domain/images/SixelEncoder.ts"

const inflate = (bytes: Uint8Array, limit: number): Uint8Array | undefined => {
  try {
    return inflateSync(bytes, { maxOutputLength: limit })
  } catch {
    return undefined
  }
}

/** The pixels that were decoded last: an image is often drawn again, in other pieces. */
let decoded: { readonly picture: Image.Picture; readonly bitmap: Png.Bitmap | undefined } | undefined

const bitmapOf = (picture: Image.Picture): Png.Bitmap | undefined => {
  if (decoded?.picture !== picture) decoded = { picture, bitmap: Png.decode(picture.png, inflate) }
  return decoded.bitmap
}

/** Encodes by Node's zlib. */
export const encoding: Encoding = {
  base64: (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64"),
  sixel: (picture, part, size) => {
    const bitmap = bitmapOf(picture)
    return bitmap && SixelEncoder.encode(Png.scale(bitmap, part, size))
  }
}
