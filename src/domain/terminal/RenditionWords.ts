/**
 * Which numbers are words of a `Rendition`. A word that is missing is -1, which is none.
 */
import { COLOR_BITS } from "./Color.ts"
import * as Rendition from "./Rendition.ts"

/** Whether the colour bits of a word are a colour, see `Color`. */
const hasColor = (word: number): boolean => {
  const value = word & 0xffffff
  switch ((word & COLOR_BITS) >>> 24) {
    case 0:
      return value === 0
    case 1:
      return value < 256
    case 2:
      return true
    default:
      return value < 16
  }
}

export const isForeground = (word: number): boolean => word >= 0 && hasColor(word)

export const isBackground = (word: number): boolean =>
  word >= 0 && hasColor(word) && (word & ~(COLOR_BITS | Rendition.STRIKETHROUGH | Rendition.OVERLINE)) === 0

export const isUnderline = (word: number): boolean =>
  word >= 0 &&
  hasColor(word) &&
  (word & ~(COLOR_BITS | Rendition.UNDERLINE_BITS)) === 0 &&
  Rendition.underlineStyle(word) <= Rendition.Underline.dashed
