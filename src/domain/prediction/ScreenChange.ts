/**
 * Whether the screen was replaced: a program took it over, left it, or turned a page.
 */
import type { Frame } from "../terminal/Frame.ts"
import * as Row from "../terminal/Row.ts"
import * as Line from "./program/Line.ts"
import * as Observation from "./Observation.ts"
import { KEPT_ROWS, ROW_IDENTITY } from "./Tuning.ts"

/** Whether hardly a row of the frame before is anywhere in the new one. Rows count from the wall left of the caret. */
export const isReplaced = (before: Frame, seen: Observation.WithCaret): boolean => {
  const cells = Observation.row(seen)
  const from = Line.leftEdge({ cells, column: seen.caret.column, home: undefined, suggestion: undefined })
  const now = new Set(beginnings(seen.frame, from))
  const earlier = beginnings(before, from)
  return earlier.filter((text) => now.has(text)).length < KEPT_ROWS * earlier.length
}

/** The text with which each row begins at a column; rows that are blank there are left out. */
const beginnings = ({ rows, size }: Frame, from: number): ReadonlyArray<string> => {
  const texts: Array<string> = []
  const end = Math.min(from + ROW_IDENTITY, size.columns)
  for (const row of rows) {
    let text = ""
    let ink = false
    for (let column = from; column < end; column++) {
      const blank = Row.isBlank(row, column)
      ink ||= !blank
      text += blank ? " " : Row.text(row, column)
    }
    if (ink) texts.push(text)
  }
  return texts
}
