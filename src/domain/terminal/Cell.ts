/**
 * The layout of a cell in a `Row`: four 32-bit words.
 *
 * | word | name         | content                                                                            |
 * |------|--------------|------------------------------------------------------------------------------------|
 * | 0    | glyph        | code point (bits 0–20, 0 = empty), `CLUSTER` (bit 21), width (bits 22–23)           |
 * | 1–3  | rendition    | the words of `Rendition`                                                           |
 *
 * Width is 1, or 2 for a wide character, whose right neighbour then has width 0 and code point 0 (its right half, which
 * carries the same rendition words). With `CLUSTER`, the cell's text (base character and combining marks) is in the
 * row's `clusters`, and the code point bits hold the base character.
 *
 * An *empty* cell (code point 0, width 1) was erased or never written: it has a background colour at most, no attribute
 * and no link. It looks like a space but is not one: a terminal may leave it out of a copied line.
 */

/** Words per cell. */
export const WORDS = 4

export const GLYPH = 0
export const FOREGROUND = 1
export const BACKGROUND = 2
export const UNDERLINE = 3

export const CODE_POINT_BITS = 0x1fffff
export const CLUSTER = 1 << 21
export const WIDTH_SHIFT = 22

/** The glyph word of an empty cell. */
export const EMPTY = 1 << WIDTH_SHIFT
/** The glyph word of the right half of a wide character. */
export const RIGHT_HALF = 0

export const glyph = (codePoint: number, width: 1 | 2): number => codePoint | (width << WIDTH_SHIFT)
export const codePointOf = (glyphWord: number): number => glyphWord & CODE_POINT_BITS
export const widthOf = (glyphWord: number): number => glyphWord >>> WIDTH_SHIFT
