/**
 * A colour as one number: bits 24–25 are the kind, bits 0–23 the value.
 *
 * `DEFAULT` is the terminal's own colour; `palette(n)` one of 256 (0–7 standard, 8–15 bright); `indexed(n)` the same,
 * requested by its index (`38;5;n`), which terminals may draw otherwise below 16 (bold text in bright colours); `rgb(r, g,
 * b)` a direct colour. Being a number, it is compared by `===` and stored in a `Row` word beside attribute bits.
 *
 * ```ts
 * import { Color } from "effect-mosh"
 *
 * export const orange = Color.rgb(255, 165, 0)
 * export const css = (color: Color.Color) =>
 *   Color.isRgb(color) ? `rgb(${Color.red(color)} ${Color.green(color)} ${Color.blue(color)})` : "inherit"
 * ```
 */
export type Color = number

/** The terminal's own colour. */
export const DEFAULT: Color = 0

const KIND_PALETTE = 1 << 24
const KIND_RGB = 2 << 24
/** Only of the first sixteen; `KIND_PALETTE` is one of its bits. */
const KIND_INDEXED = 3 << 24
const KIND_BITS = 3 << 24
const NAMED = 16

/** The bits of a row word that a colour occupies. */
export const COLOR_BITS = 0x3ffffff

/** The palette's colour of an index, 0–255. */
export const palette = (index: number): Color => KIND_PALETTE | (index & 0xff)

/** The palette's colour of an index, 0–255, requested by that index. */
export const indexed = (index: number): Color =>
  (index & 0xff) < NAMED ? KIND_INDEXED | (index & 0xff) : palette(index)

/** A colour, or a rendition word with one, as if a palette colour had been requested in the shortest way. */
export const named = (color: number): number =>
  (color & KIND_BITS) === KIND_INDEXED ? (color & ~KIND_BITS) | KIND_PALETTE : color

/** A direct colour; each share is 0–255. */
export const rgb = (red: number, green: number, blue: number): Color =>
  KIND_RGB | ((red & 0xff) << 16) | ((green & 0xff) << 8) | (blue & 0xff)

/** Whether a colour is one of the palette. */
export const isPalette = (color: Color): boolean => (color & KIND_PALETTE) !== 0
/** Whether a colour was requested by its index; only known of the first 16. */
export const isIndexed = (color: Color): boolean => (color & KIND_BITS) === KIND_INDEXED
/** Whether a colour is a direct one. */
export const isRgb = (color: Color): boolean => (color & KIND_BITS) === KIND_RGB

/** The palette index of a palette colour. */
export const index = (color: Color): number => color & 0xff
/** The share of red in a direct colour, 0–255. */
export const red = (color: Color): number => (color >>> 16) & 0xff
/** The share of green in a direct colour, 0–255. */
export const green = (color: Color): number => (color >>> 8) & 0xff
/** The share of blue in a direct colour, 0–255. */
export const blue = (color: Color): number => color & 0xff
