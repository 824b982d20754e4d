/**
 * Reduces the numbers that callers give as a size to sizes that a screen can have.
 */

/** The longest side of any screen, cells (`ResizeMessage.MAX_SIDE`). */
const LONGEST = 4096

/** A whole number from 1 to `most`. `NaN` becomes 1. */
export const clampSide = (cells: number, most: number = LONGEST): number =>
  Math.min(Math.max(Math.floor(cells) || 1, 1), most)
