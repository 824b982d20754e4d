/**
 * Counts and limits the work that one instruction causes by its host strings and sizes.
 *
 * A host string of 4 MiB takes 4 kB on the wire, so the size of datagrams does not bound the work. The unit is the
 * cheapest step: erasing a cell, or moving a row. A step takes 3 to 6 ns; `node test/security/costly.ts` measures what
 * the limits allow.
 *
 * No real server comes near the limit. Printing each cell of a screen once takes 8 steps a cell, or 16 if each has a
 * rendition of its own. 4 MiB have room for 700,000 such cells, which take 11 million steps; the largest screen may take
 * 14 million. Screens of up to 60,000 cells may take more than 128 steps a cell, enough for a mark on each.
 */
import type { Size } from "../terminal/Frame.ts"

export interface Effort {
  spent: number
}

export const none = (): Effort => ({ spent: 0 })

const LEAST = 8 * 1024 * 1024
const OF_A_CELL = 14

/** The steps that one instruction may take on a screen. */
export const limit = ({ columns, rows }: Size): number => Math.max(LEAST, OF_A_CELL * columns * rows)

/** Printing a character in a row without hyperlinks. */
export const PRINT = 8
/** The same for a wide character, whose neighbours must be checked. */
export const PRINT_WIDE = 16
/** Added for a character with a hyperlink. */
export const PRINT_LINKED = 32
/** Joining a mark to a cell without marks, and to one with marks. */
export const FIRST_MARK = 128
export const MARK = 32
/** A cell with an explicit width. */
export const CLUSTER = 1024
/** A control sequence, and each private mode that it sets. */
export const SEQUENCE = 8
export const MODE = 24
/** An OSC string; added for a hyperlink that is new in the instruction, and for text that is copied. */
export const STRING = 48
export const NEW_LINK = 384
export const CLIPBOARD = 384
/** Added for a notification; and for properties, whose maps are copied, and each character of their text. */
export const NOTIFICATION = 384
export const PROPERTIES = 6144
export const PROPERTY_CHARACTER = 32
/** Creating a cell of a resized screen, or of a row that is blank in a colour. */
export const RESIZED_CELL = 2
