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
 */
import { COLOR_BITS, type Color } from "./Color.ts"

export interface Rendition {
  readonly foreground: number
  readonly background: number
  readonly underline: number
  readonly link: Hyperlink | undefined
}

/** The target of OSC 8. `params` is the raw parameter text (such as `id=x`); `uri` is never empty. */
export interface Hyperlink {
  readonly params: string
  readonly uri: string
}

export const linkEquals = (a: Hyperlink | undefined, b: Hyperlink | undefined): boolean =>
  a === b || (a !== undefined && b !== undefined && a.uri === b.uri && a.params === b.params)

/** Attributes in the foreground word. */
export const BOLD = 1 << 26
export const DIM = 1 << 27
export const ITALIC = 1 << 28
export const BLINK = 1 << 29
export const INVERSE = 1 << 30
export const INVISIBLE = 0x80000000

/** Attributes in the background word. */
export const STRIKETHROUGH = 1 << 26
export const OVERLINE = 1 << 27

/** The underline style field of the underline word. */
export const UNDERLINE_SHIFT = 26
export const UNDERLINE_BITS = 7 << UNDERLINE_SHIFT
/** Set in a cell's underline word when the row's `links` holds a hyperlink for it. Never set in a `Rendition`. */
export const LINKED = 1 << 29

/** Underline styles, numbered as in `SGR 4:n`. */
export const Underline = { none: 0, single: 1, double: 2, curly: 3, dotted: 4, dashed: 5 } as const
export type Underline = (typeof Underline)[keyof typeof Underline]

export const DEFAULT: Rendition = { foreground: 0, background: 0, underline: 0, link: undefined }

export const underlineStyle = (word: number): number => (word & UNDERLINE_BITS) >>> UNDERLINE_SHIFT
export const colorOf = (word: number): Color => word & COLOR_BITS

export const equals = (a: Rendition, b: Rendition): boolean =>
  a === b ||
  (a.foreground === b.foreground &&
    a.background === b.background &&
    a.underline === b.underline &&
    linkEquals(a.link, b.link))
