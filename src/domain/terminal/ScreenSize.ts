/**
 * Reduces the numbers that callers give as a size to sizes that a screen can have.
 */
import type { Size } from "./Frame.ts"

/** The longest side of any screen, cells (`ResizeMessage.MAX_SIDE`). */
const LONGEST = 4096

/** A whole number from 1 to `most`. `NaN` becomes 1. */
export const clampSide = (cells: number, most: number = LONGEST): number =>
  Math.min(Math.max(Math.floor(cells) || 1, 1), most)

/** The longest sides of a screen that a program runs on. The minimum is 1×1. */
export const MAX_SIZE: Size = { columns: 2000, rows: 1000 }

/** Number of cells above which no peer accepts a size (`ResizeMessage.MAX_CELLS`), so that it would never be sent. */
const MAX_CELLS = 1_048_576

/**
 * `size` reduced to `MAX_SIZE`, in whole numbers, and then the rows until there are at most 1,048,576 cells. Fields may hold
 * any number, `NaN` too.
 */
export const clampSize = (size: Size): Size => {
  const columns = clampSide(size.columns, MAX_SIZE.columns)
  return { columns, rows: clampSide(size.rows, Math.min(MAX_SIZE.rows, Math.floor(MAX_CELLS / columns))) }
}
