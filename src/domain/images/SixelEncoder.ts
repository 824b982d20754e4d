/**
 * Encodes pixels as sixel graphics, with at most 252 colours. Pixels that are less than half opaque are not drawn.
 */
import type { Bitmap } from "./Png.ts"

const BAND = 6
/** Levels of red, green and blue, if the image has more colours than there are registers. */
const LEVELS = [6, 7, 6] as const
const MAX_COLORS = LEVELS[0] * LEVELS[1] * LEVELS[2]
/** Ordered dithering, 4 by 4. */
const BAYER = [0, 8, 2, 10, 12, 4, 14, 6, 3, 11, 1, 9, 15, 7, 13, 5]
const TRANSPARENT = -1

/** The control string that draws the pixels where the cursor is. */
export const encode = ({ height, rgba, width }: Bitmap): string => {
  const { colors, indices } = quantised({ width, height, rgba })
  let text = `\x1bP0;1q"1;1;${width};${height}`
  colors.forEach((color, i) => {
    const share = (shift: number) => Math.round((((color >>> shift) & 0xff) * 100) / 255)
    text += `#${i};2;${share(16)};${share(8)};${share(0)}`
  })
  const pieces = [text]
  for (let y = 0; y < height; y += BAND) {
    if (y > 0) pieces.push("-")
    pieces.push(band(indices, width, y, Math.min(BAND, height - y)))
  }
  return pieces.join("") + "\x1b\\"
}

/** One band of six rows: each of its colours in turn. */
const band = (indices: Int16Array, width: number, top: number, rows: number): string => {
  const masks = new Map<number, Uint8Array>()
  for (let row = 0; row < rows; row++) {
    for (let x = 0, at = (top + row) * width; x < width; x++, at++) {
      const index = indices[at] ?? TRANSPARENT
      if (index === TRANSPARENT) continue
      let mask = masks.get(index)
      if (mask === undefined) masks.set(index, (mask = new Uint8Array(width)))
      mask[x] = (mask[x] ?? 0) | (1 << row)
    }
  }
  return [...masks].map(([index, mask]) => `#${index}${runs(mask)}`).join("$")
}

const runs = (mask: Uint8Array): string => {
  let text = ""
  for (let x = 0; x < mask.length;) {
    let end = x + 1
    while (end < mask.length && mask[end] === mask[x]) end++
    const character = String.fromCharCode(0x3f + (mask[x] ?? 0))
    // Empty columns at the end need not be drawn.
    if (end < mask.length || mask[x] !== 0) text += end - x > 3 ? `!${end - x}${character}` : character.repeat(end - x)
    x = end
  }
  return text
}

interface Quantised {
  /** Colours as 24 bits, red in the highest. */
  readonly colors: ReadonlyArray<number>
  /** The colour of each pixel. */
  readonly indices: Int16Array
}

const quantised = (bitmap: Bitmap): Quantised => exact(bitmap) ?? dithered(bitmap)

const exact = ({ rgba }: Bitmap): Quantised | undefined => {
  const numbers = new Map<number, number>()
  const indices = new Int16Array(rgba.length / 4).fill(TRANSPARENT)
  for (let i = 0; i < indices.length; i++) {
    if ((rgba[4 * i + 3] ?? 0) < 128) continue
    const color = ((rgba[4 * i] ?? 0) << 16) | ((rgba[4 * i + 1] ?? 0) << 8) | (rgba[4 * i + 2] ?? 0)
    let index = numbers.get(color)
    if (index === undefined) {
      if (numbers.size === MAX_COLORS) return undefined
      numbers.set(color, (index = numbers.size))
    }
    indices[i] = index
  }
  return { colors: [...numbers.keys()], indices }
}

const dithered = ({ rgba, width }: Bitmap): Quantised => {
  const [reds, greens, blues] = LEVELS
  const colors: Array<number> = []
  const byte = (level: number, levels: number) => Math.round((level * 255) / (levels - 1))
  for (let red = 0; red < reds; red++)
    for (let green = 0; green < greens; green++)
      for (let blue = 0; blue < blues; blue++)
        colors.push((byte(red, reds) << 16) | (byte(green, greens) << 8) | byte(blue, blues))
  const indices = new Int16Array(rgba.length / 4).fill(TRANSPARENT)
  for (let i = 0; i < indices.length; i++) {
    if ((rgba[4 * i + 3] ?? 0) < 128) continue
    const threshold = ((BAYER[((i % width) & 3) + 4 * (Math.floor(i / width) & 3)] ?? 0) + 0.5) / 16
    const level = (share: number, levels: number) =>
      Math.floor(((rgba[4 * i + share] ?? 0) * (levels - 1)) / 255 + threshold)
    const red = Math.min(reds - 1, level(0, reds))
    const green = Math.min(greens - 1, level(1, greens))
    indices[i] = (red * greens + green) * blues + Math.min(blues - 1, level(2, blues))
  }
  return { colors, indices }
}
