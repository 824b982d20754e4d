/**
 * A rendition is how a cell is drawn: colours, attributes, underline and hyperlink.
 *
 * It is kept as three unsigned 32-bit words, the same words a `Row` stores for every cell, plus the hyperlink. So taking a cell's
 * rendition, or comparing two, touches no objects.
 *
 * | word         | bits 0–25        | bits 26–31                                      |
 * |--------------|------------------|-------------------------------------------------|
 * | `foreground` | foreground color | bold, dim, italic, blink, inverse, invisible    |
 * | `background` | background color | strikethrough, overline                         |
 * | `underline`  | underline color  | underline style (3 bits), linked (1 bit)        |
 *
 * ```ts
 * import { Color, Frame, FramePatch, Rendition, Row } from "effect-mosh"
 *
 * const { rows } = FramePatch.patch(Frame.blank({ columns: 5, rows: 1 }), "\x1b[1;31mhi")
 * const { foreground } = Rendition.DEFAULT
 * export const drawn = rows[0] === undefined ? foreground : Row.rendition(rows[0], 0).foreground
 * export const isBold = (drawn & Rendition.BOLD) !== 0
 * export const isRed = Rendition.colorOf(drawn) === Color.palette(1)
 * ```
 */
import { COLOR_BITS, type Color } from "./Color.ts"

/** The three words of the table above, and the hyperlink. */
export interface Rendition {
  /** The colour of the character, and most attributes. */
  readonly foreground: number
  /** The background colour, strikethrough and overline. */
  readonly background: number
  /** The underline's style and colour. */
  readonly underline: number
  /** The hyperlink; `undefined` if there is none. */
  readonly link: Hyperlink | undefined
}

/** A hyperlink of OSC 8. */
export interface Hyperlink {
  /** The raw parameter text before the target, such as `id=x`. */
  readonly params: string
  /** The target; never empty. */
  readonly uri: string
}

/** Whether two links are equal; `undefined` equals `undefined`. */
export const linkEquals = (a: Hyperlink | undefined, b: Hyperlink | undefined): boolean =>
  a === b || (a !== undefined && b !== undefined && a.uri === b.uri && a.params === b.params)

/** Bold: an attribute in the foreground word. */
export const BOLD = 1 << 26
/** Dim: an attribute in the foreground word. */
export const DIM = 1 << 27
/** Italic: an attribute in the foreground word. */
export const ITALIC = 1 << 28
/** Blinking: an attribute in the foreground word. */
export const BLINK = 1 << 29
/** Colours exchanged: an attribute in the foreground word. */
export const INVERSE = 1 << 30
/** Not shown: an attribute in the foreground word. */
export const INVISIBLE = 0x80000000

/** Struck through: an attribute in the background word. */
export const STRIKETHROUGH = 1 << 26
/** A line above: an attribute in the background word. */
export const OVERLINE = 1 << 27

/** Offset of the underline style in the underline word, bits. */
export const UNDERLINE_SHIFT = 26
/** The bits of the underline style in the underline word. */
export const UNDERLINE_BITS = 7 << UNDERLINE_SHIFT
/** Set in a cell's underline word if the row's `links` contains its hyperlink. Never set in a `Rendition`. */
export const LINKED = 1 << 29

/** Underline styles, numbered as in `SGR 4:n`. */
export const Underline = { none: 0, single: 1, double: 2, curly: 3, dotted: 4, dashed: 5 } as const
export type Underline = (typeof Underline)[keyof typeof Underline]

/** The terminal's own colours, without any attribute. */
export const DEFAULT: Rendition = { foreground: 0, background: 0, underline: 0, link: undefined }

/** The underline style (`Underline`) of an underline word. */
export const underlineStyle = (word: number): number => (word & UNDERLINE_BITS) >>> UNDERLINE_SHIFT
/** The colour of a rendition word. */
export const colorOf = (word: number): Color => word & COLOR_BITS

/** Whether two renditions look the same. */
export const equals = (a: Rendition, b: Rendition): boolean =>
  a === b ||
  (a.foreground === b.foreground &&
    a.background === b.background &&
    a.underline === b.underline &&
    linkEquals(a.link, b.link))
