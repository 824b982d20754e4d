/**
 * Where a screen is in the sequence of all rows that its program has printed.
 *
 * Rows that scroll off the top of the primary screen are numbered from 0, in the order in which they leave. The row at the
 * top of the primary screen therefore has the number `top`, and rows below `top` are in the history (`History`). A position
 * belongs to a frame: both are read at the same moment and travel in the same state (`Screen`), so a client that shows a
 * frame knows exactly which rows have left that screen.
 *
 * Laws:
 *
 * - `0 <= first <= top`, both safe integers (`isValid`).
 * - In the course of a session neither `top` nor `first` decreases (`follows`). `alternate` may change either way.
 * - While `alternate` holds, `top` changes only when the height of the screen does.
 * - Rows never return from the history to the screen: a screen that becomes higher keeps its `top`.
 */
export interface ScreenPosition {
  /** The number of the row at the top of the primary screen: how many rows have scrolled off it so far. */
  readonly top: number
  /** The smallest number that the program has not erased from the history. `CSI 3 J` and a full reset raise it to `top`. */
  readonly first: number
  /** Whether the frame shows the alternate screen, whose rows never enter the history. */
  readonly alternate: boolean
}

/** The position of the blank screen from which every session starts. */
export const START: ScreenPosition = { top: 0, first: 0, alternate: false }

/** Whether two positions are equal; `undefined` equals `undefined`. */
export const equals = (a: ScreenPosition | undefined, b: ScreenPosition | undefined): boolean =>
  a === b ||
  (a !== undefined && b !== undefined && a.top === b.top && a.first === b.first && a.alternate === b.alternate)

/** Whether the numbers are safe integers in the right order. */
export const isValid = ({ first, top }: ScreenPosition): boolean =>
  Number.isSafeInteger(top) && Number.isSafeInteger(first) && first >= 0 && first <= top

/** Whether `after` can be a later position of the session in which `before` was one. Everything follows `undefined`. */
export const follows = (before: ScreenPosition | undefined, after: ScreenPosition): boolean =>
  isValid(after) && (before === undefined || (after.top >= before.top && after.first >= before.first))
