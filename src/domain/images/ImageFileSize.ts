/**
 * The size of a picture in a GIF or JPEG file, by its header. The pixels are not decoded.
 */
import { isPictureSize, type Pixels } from "./Image.ts"

/** The size; `undefined` for other files, and for sizes that no picture has. */
export const of = (file: Uint8Array): Pixels | undefined => {
  const size = gif(file) ?? jpeg(file)
  return size !== undefined && isPictureSize(size) ? size : undefined
}

const startsWith = (file: Uint8Array, bytes: ReadonlyArray<number>): boolean =>
  file.length >= bytes.length && bytes.every((byte, i) => file[i] === byte)

const GIF = [0x47, 0x49, 0x46, 0x38]

const gif = (file: Uint8Array): Pixels | undefined => {
  if (!startsWith(file, GIF) || file.length < 10) return undefined
  const at = (index: number) => (file[index] as number) | ((file[index + 1] as number) << 8)
  return { width: at(6), height: at(8) }
}

const JPEG = [0xff, 0xd8, 0xff]

/** Whether a marker begins a frame: SOF0 to SOF15, of which four numbers are other segments. */
const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc

/** Segments follow each other: 0xff, a marker, two bytes of length, which count themselves, and the content. */
const jpeg = (file: Uint8Array): Pixels | undefined => {
  if (!startsWith(file, JPEG)) return undefined
  let at = 2
  while (at + 9 <= file.length && file[at] === 0xff) {
    const read = (index: number) => ((file[at + index] as number) << 8) | (file[at + index + 1] as number)
    const marker = file[at + 1] as number
    if (isFrame(marker)) return { height: read(5), width: read(7) }
    // A marker may be filled up with further bytes of 0xff.
    at += marker === 0xff ? 1 : 2 + Math.max(2, read(2))
  }
  return undefined
}
