/**
 * Counts and limits the work that the host strings and sizes of one instruction cause.
 *
 * A host string of 4 MiB takes 4 kB on the wire, so its length bounds nothing. The unit is the cheapest step: to erase a
 * cell, or to move a row. A step takes 3 to 6 ns; `node test/security/costly.ts` measures what the limits allow.
 *
 * No server comes near the limit. To print each cell of a screen once takes 8 steps a cell, and 16 where each has a
 * rendition of its own; 4 MiB have room for 700,000 such cells, which is 11 million steps, and the largest screen may take
 * 14. Screens of up to 60,000 cells may take more than 128 steps a cell, so that each can have marks.
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

/** To print a character whose row has no hyperlinks. */
export const PRINT = 8
/** The same for a wide character, whose neighbours must be looked at. */
export const PRINT_WIDE = 16
/** What it takes more to print a character with a hyperlink. */
export const PRINT_LINKED = 32
/** To join a mark to a cell that has none, and to one that has. */
export const FIRST_MARK = 128
export const MARK = 32
/** Any control sequence, and each private mode that one sets. */
export const SEQUENCE = 8
export const MODE = 24
/** An OSC string; what it takes more to open a hyperlink that the instruction has not opened before, or to copy text. */
export const STRING = 48
export const NEW_LINK = 384
export const CLIPBOARD = 384
/** To make a cell of another size of screen, or of a row that is blank in a colour. */
export const RESIZED_CELL = 2
