/**
 * PNG files of pixels.
 */
import { deflateSync } from "node:zlib"
import * as Image from "../../../../domain/images/Image.ts"
import * as Png from "../../../../domain/images/Png.ts"

/** Fast rather than small: the program's output waits. */
const LEVEL = 3

/** The picture with these pixels; `undefined` if its file is too large. */
export const of = (bitmap: Png.Bitmap): Image.Picture | undefined => {
  const png = Png.encode(bitmap, (bytes) => deflateSync(bytes, { level: LEVEL }))
  return png.length > Image.MAX_BYTES ? undefined : { width: bitmap.width, height: bitmap.height, png }
}
