/**
 * Interprets the sequences by which programs colour lines of text, without xterm: SGR, except for underlines, and EL, which
 * erases nothing at the end of a line that is being written.
 *
 * Law: a pen is what xterm makes of the same sequences, bit by bit. What is not interpreted here is left to xterm.
 */
import { COLOR_BITS } from "../../../../domain/terminal/Color.ts"
import { Background, Foreground, Kind } from "../Internals.ts"

/** The rendition of the text that is printed next, in xterm's words. */
export interface Pen {
  fg: number
  bg: number
}

/** The bytes end within a sequence. */
export const INCOMPLETE = -1
/** Something else than these sequences. */
export const OTHER = -2

/** Maximum length of a sequence that is interpreted, bytes. */
export const MAX_BYTES = 3 + 4 * 16

export const ESC = 0x1b
export const EL = 0x4b
const CSI = 0x5b
const SGR = 0x6d
const SEMICOLON = 0x3b
const ZERO = 0x30
const MAX_PARAMETERS = 16
const MAX_DIGITS = 3

const PALETTE16 = Kind.palette16 << 24
const PALETTE256 = Kind.palette256 << 24
const RGB = Kind.rgb << 24
/** What xterm keeps of a word when it sets a colour of a palette. */
const KEPT = ~(RGB | 0xff)
const ATTRIBUTES = ~COLOR_BITS

const parameters = new Int32Array(MAX_PARAMETERS)

/** Reads the sequence that begins with the ESC at `at`. Returns the index after it, `INCOMPLETE` or `OTHER`. */
export const read = (bytes: Uint8Array, at: number, pen: Pen): number => {
  if (at + 1 < bytes.length && bytes[at + 1] !== CSI) return OTHER
  let count = 0
  let value = 0
  let digits = 0
  for (let i = at + 2; i < bytes.length; i++) {
    const byte = bytes[i] as number
    const digit = byte - ZERO
    if (digit >= 0 && digit <= 9) {
      value = 10 * value + digit
      if (++digits > MAX_DIGITS) return OTHER
      continue
    }
    const isEmpty = digits === 0 && (count > 0 || byte === SEMICOLON)
    if (isEmpty || count === MAX_PARAMETERS) return OTHER
    parameters[count++] = value
    value = 0
    digits = 0
    if (byte === SEMICOLON) continue
    if (byte === SGR) return setAttributes(count, pen) ? i + 1 : OTHER
    return byte === EL && count === 1 && parameters[0] === 0 && (pen.bg & COLOR_BITS) === 0 ? i + 1 : OTHER
  }
  return INCOMPLETE
}

/** Changes the pen as SGR does with the first `count` parameters, unless one of them is left to xterm. */
const setAttributes = (count: number, pen: Pen): boolean => {
  let fg = pen.fg | 0
  let bg = pen.bg | 0
  for (let i = 0; i < count; i++) {
    const code = parameters[i] as number
    if (code === 0) fg = bg = 0
    else if (code >= 30 && code <= 37) fg = (fg & KEPT) | PALETTE16 | (code - 30)
    else if (code >= 40 && code <= 47) bg = (bg & KEPT) | PALETTE16 | (code - 40)
    else if (code >= 90 && code <= 97) fg = (fg & KEPT) | PALETTE16 | (code - 90) | 8
    else if (code >= 100 && code <= 107) bg = (bg & KEPT) | PALETTE16 | (code - 100) | 8
    else if (code === 38 || code === 48) {
      const word = color(i, count, code === 38 ? fg : bg)
      if (word === undefined) return false
      if (code === 38) fg = word
      else bg = word
      i += parameters[i + 1] === 5 ? 2 : 4
    } else if (code === 39) fg &= ATTRIBUTES
    else if (code === 49) bg &= ATTRIBUTES
    else if (code === 22) {
      fg &= ~Foreground.bold
      bg &= ~Background.dim
    } else if (code < 10) {
      const [onFg, onBg] = [FOREGROUND_OF[code] ?? 0, BACKGROUND_OF[code] ?? 0]
      if ((onFg | onBg) === 0) return false
      fg |= onFg
      bg |= onBg
    } else if (code > 22 && code < 30 && code !== 26) {
      fg &= ~(FOREGROUND_OF[code - 20] ?? 0)
      bg &= ~(BACKGROUND_OF[code - 20] ?? 0)
    } else return false
  }
  pen.fg = fg
  pen.bg = bg
  return true
}

/** The attributes that SGR 1 to 9 set, apart from underlines. 23 to 29 reset them: no pen here has an underline for 24. */
const FOREGROUND_OF: ReadonlyArray<number> = [
  0,
  Foreground.bold,
  0,
  0,
  0,
  Foreground.blink,
  0,
  Foreground.inverse,
  Foreground.invisible,
  Foreground.strikethrough
]
const BACKGROUND_OF: ReadonlyArray<number> = [0, 0, Background.dim, Background.italic]

/** A word with the colour of the parameters from `i` on, `38;5;n` or `38;2;r;g;b`; `undefined` for other forms. */
const color = (i: number, count: number, word: number): number | undefined => {
  const [kind, red = 0, green = 0, blue = 0] = parameters.subarray(i + 1, count)
  if (kind === 5 && i + 2 < count && red < 256) return (word & KEPT) | PALETTE256 | red
  if (kind !== 2 || i + 4 >= count || red > 255 || green > 255 || blue > 255) return undefined
  return (word & ATTRIBUTES) | RGB | (red << 16) | (green << 8) | blue
}
