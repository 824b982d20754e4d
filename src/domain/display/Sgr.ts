/**
 * SGR, `CSI … m`: renditions as parameters and back (spec 8.6).
 *
 * Beyond stock mosh: 2 (dim), 9/29 (strikethrough), 53/55 (overline), and with colons, each in a separate sequence so that
 * a terminal that does not understand it loses nothing else, `4:n` (underline style), `58:5:n` and `58:2::r:g:b`
 * (underline colour), undone by 59. `SgrColor` lists the forms of colours that are read.
 */
import * as Color from "../terminal/Color.ts"
import {
  BLINK,
  BOLD,
  colorOf,
  DEFAULT,
  DIM,
  INVERSE,
  INVISIBLE,
  ITALIC,
  OVERLINE,
  type Rendition,
  STRIKETHROUGH,
  Underline,
  underlineStyle,
  UNDERLINE_BITS,
  UNDERLINE_SHIFT
} from "../terminal/Rendition.ts"
import { SgrColorReader } from "./SgrColor.ts"

/** 8 as a stock server; 16 for receivers whose bright colours have parameters of their own. */
export type ByIndexFrom = 8 | 16

const BOLD_OR_DIM = BOLD | DIM

/**
 * The shortest bytes that turn one rendition into another, both given as their words; empty if they are equal. Links are
 * not part of SGR. Palette colours from `byIndexFrom` on, and those that were requested by index, are sent as `38;5;n`.
 */
export const encode = (
  oldForeground: number,
  oldBackground: number,
  oldUnderline: number,
  foreground: number,
  background: number,
  underline: number,
  byIndexFrom: ByIndexFrom
): string => {
  if ((foreground | background | underline) === 0) {
    return (oldForeground | oldBackground | oldUnderline) === 0 ? "" : "\x1b[m"
  }
  const foregroundChange = oldForeground ^ foreground
  const backgroundChange = oldBackground ^ background
  if (oldUnderline === underline && ((foregroundChange | backgroundChange) & ~Color.COLOR_BITS) === 0) {
    // Mostly a single colour changes. Its sequence is never longer than a complete one.
    const { backgrounds, foregrounds } = SINGLE_COLORS[byIndexFrom]
    const one = backgroundChange === 0 ? foregrounds[placeOf(foreground)] : backgrounds[placeOf(background)]
    if (one !== undefined && (foregroundChange === 0 || backgroundChange === 0)) return one
  }
  const change = sequences(
    "",
    oldForeground,
    oldBackground,
    oldUnderline,
    foreground,
    background,
    underline,
    byIndexFrom
  )
  if (change.length <= "\x1b[0;1m".length || (oldForeground | oldBackground | oldUnderline) === 0) return change
  const anew = sequences(";0", 0, 0, 0, foreground, background, underline, byIndexFrom)
  return anew.length < change.length ? anew : change
}

const sequences = (
  start: string,
  f0: number,
  b0: number,
  u0: number,
  f1: number,
  b1: number,
  u1: number,
  byIndexFrom: ByIndexFrom
): string => {
  let codes = start
  const foreground = f0 ^ f1
  const background = b0 ^ b1
  if (foreground !== 0) {
    if ((foreground & BOLD_OR_DIM) !== 0) {
      const off = (f0 & ~f1 & BOLD_OR_DIM) !== 0
      const on = off ? f1 : foreground & f1
      if (off) codes += ";22"
      if ((on & BOLD) !== 0) codes += ";1"
      if ((on & DIM) !== 0) codes += ";2"
    }
    if ((foreground & ITALIC) !== 0) codes += (f1 & ITALIC) !== 0 ? ";3" : ";23"
    if ((foreground & BLINK) !== 0) codes += (f1 & BLINK) !== 0 ? ";5" : ";25"
    if ((foreground & INVERSE) !== 0) codes += (f1 & INVERSE) !== 0 ? ";7" : ";27"
    if ((foreground & INVISIBLE) !== 0) codes += (f1 & INVISIBLE) !== 0 ? ";8" : ";28"
    if ((foreground & Color.COLOR_BITS) !== 0) codes += color(colorOf(f1), 30, byIndexFrom)
  }
  if (background !== 0) {
    if ((background & STRIKETHROUGH) !== 0) codes += (b1 & STRIKETHROUGH) !== 0 ? ";9" : ";29"
    if ((background & OVERLINE) !== 0) codes += (b1 & OVERLINE) !== 0 ? ";53" : ";55"
    if ((background & Color.COLOR_BITS) !== 0) codes += color(colorOf(b1), 40, byIndexFrom)
  }
  let alone = ""
  if (u0 !== u1) {
    const style = underlineStyle(u1)
    if (underlineStyle(u0) !== style) {
      if (style === Underline.none) codes += ";24"
      else if (style === Underline.single) codes += ";4"
      else alone = `\x1b[4:${style}m`
    }
    if (colorOf(u0) !== colorOf(u1)) {
      if (colorOf(u1) === Color.DEFAULT) codes += ";59"
      else alone += underlineColor(colorOf(u1))
    }
  }
  return codes === "" ? alone : `\x1b[${codes.slice(1)}m${alone}`
}

/** A colour's parameters; `base` is 30 for the foreground and 40 for the background. */
const color = (value: Color.Color, base: number, byIndexFrom: ByIndexFrom): string => {
  if (Color.isPalette(value)) {
    const index = Color.index(value)
    if (index >= byIndexFrom || Color.isIndexed(value)) return `;${base + 8};5;${index}`
    if (index < 8) return `;${base + index}`
    return `;${base + 52 + index}`
  }
  if (Color.isRgb(value)) return `;${base + 8};2;${Color.red(value)};${Color.green(value)};${Color.blue(value)}`
  return `;${base + 9}`
}

/** The index of a word's colour in `sequenceOfEach`; -1 if it is not a palette colour. */
const placeOf = (word: number): number => {
  if (!Color.isPalette(word)) return -1
  return Color.isIndexed(word) ? 256 + Color.index(word) : Color.index(word)
}

/** The sequence of each palette colour, then of those below 16 that were requested by their index. */
const sequenceOfEach = (base: number, byIndexFrom: ByIndexFrom): ReadonlyArray<string> =>
  Array.from({ length: 256 + 16 }, (_, place) => {
    const value = place < 256 ? Color.palette(place) : Color.indexed(place - 256)
    return `\x1b[${color(value, base, byIndexFrom).slice(1)}m`
  })

const singleColors = (byIndexFrom: ByIndexFrom) => ({
  foregrounds: sequenceOfEach(30, byIndexFrom),
  backgrounds: sequenceOfEach(40, byIndexFrom)
})

const SINGLE_COLORS = { 8: singleColors(8), 16: singleColors(16) }

const underlineColor = (value: Color.Color): string =>
  Color.isPalette(value)
    ? `\x1b[58:5:${Color.index(value)}m`
    : `\x1b[58:2::${Color.red(value)}:${Color.green(value)}:${Color.blue(value)}m`

/**
 * The rendition after a sequence. A missing parameter is -1. Bit `i` of `colons` is set if a colon joins parameter `i` to
 * the one before it. Unknown parameters are skipped.
 */
export const apply = (pen: Rendition, parameters: ReadonlyArray<number>, count: number, colons: number): Rendition => {
  let { foreground, background, underline } = pen
  const at = (i: number): number => Math.max(0, parameters[i] ?? 0)
  const colors = new SgrColorReader(parameters, count, (i) => (colons & (1 << i)) !== 0)
  for (let i = 0; i < count; i++) {
    const code = at(i)
    if (code === 38 || code === 48 || code === 58) {
      const value = colors.read(i)
      i = colors.end - 1
      if (value === undefined) continue
      if (code === 38) foreground = withColor(foreground, value)
      else if (code === 48) background = withColor(background, value)
      else underline = withColor(underline, Color.named(value))
      continue
    }
    const end = colons === 0 ? i + 1 : colors.groupEnd(i)
    if (end > i + 1) {
      if (code === 4) underline = withStyle(underline, at(i + 1))
      i = end - 1
    } else if (code >= 30 && code <= 37) foreground = withColor(foreground, Color.palette(code - 30))
    else if (code >= 40 && code <= 47) background = withColor(background, Color.palette(code - 40))
    else if (code >= 90 && code <= 97) foreground = withColor(foreground, Color.palette(code - 82))
    else if (code >= 100 && code <= 107) background = withColor(background, Color.palette(code - 92))
    else {
      switch (code) {
        case 0:
          foreground = DEFAULT.foreground
          background = DEFAULT.background
          underline = DEFAULT.underline
          break
        case 1:
          foreground |= BOLD
          break
        case 2:
          foreground |= DIM
          break
        case 3:
          foreground |= ITALIC
          break
        case 4:
          underline = withStyle(underline, Underline.single)
          break
        case 5:
          foreground |= BLINK
          break
        case 7:
          foreground |= INVERSE
          break
        case 8:
          foreground |= INVISIBLE
          break
        case 9:
          background |= STRIKETHROUGH
          break
        case 22:
          foreground &= ~BOLD_OR_DIM
          break
        case 23:
          foreground &= ~ITALIC
          break
        case 24:
          underline = withStyle(underline, Underline.none)
          break
        case 25:
          foreground &= ~BLINK
          break
        case 27:
          foreground &= ~INVERSE
          break
        case 28:
          foreground &= ~INVISIBLE
          break
        case 29:
          background &= ~STRIKETHROUGH
          break
        case 39:
          foreground = withColor(foreground, Color.DEFAULT)
          break
        case 49:
          background = withColor(background, Color.DEFAULT)
          break
        case 53:
          background |= OVERLINE
          break
        case 55:
          background &= ~OVERLINE
          break
        case 59:
          underline = withColor(underline, Color.DEFAULT)
          break
      }
    }
  }
  return { foreground: foreground >>> 0, background: background >>> 0, underline: underline >>> 0, link: pen.link }
}

const withColor = (word: number, value: Color.Color): number => (word & ~Color.COLOR_BITS) | value

const withStyle = (word: number, style: number): number =>
  (word & ~UNDERLINE_BITS) | (Math.min(style, Underline.dashed) << UNDERLINE_SHIFT)
