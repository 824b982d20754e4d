/**
 * A colour as one number: bits 24–25 say the kind, bits 0–23 the value.
 *
 * `DEFAULT` is the terminal's own colour; `palette(n)` one of 256 (0–7 standard, 8–15 bright); `rgb(r, g, b)` a direct
 * colour. Being a number, it is compared by `===` and stored in a `Row` word beside attribute bits.
 */
export type Color = number

export const DEFAULT: Color = 0

const KIND_PALETTE = 1 << 24
const KIND_RGB = 2 << 24

/** The bits of a row word that a colour occupies. */
export const COLOR_BITS = 0x3ffffff

export const palette = (index: number): Color => KIND_PALETTE | (index & 0xff)

export const rgb = (red: number, green: number, blue: number): Color =>
  KIND_RGB | ((red & 0xff) << 16) | ((green & 0xff) << 8) | (blue & 0xff)

export const isPalette = (color: Color): boolean => (color & (3 << 24)) === KIND_PALETTE
export const isRgb = (color: Color): boolean => (color & (3 << 24)) === KIND_RGB

/** The palette index of a palette colour. */
export const index = (color: Color): number => color & 0xff
export const red = (color: Color): number => (color >>> 16) & 0xff
export const green = (color: Color): number => (color >>> 8) & 0xff
export const blue = (color: Color): number => color & 0xff
