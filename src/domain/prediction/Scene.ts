/**
 * Whether a screen shows something else altogether: a program took it over, left it, or turned a page.
 */
import type { Frame } from "../terminal/Frame.ts"
import * as Row from "../terminal/Row.ts"
import type { Caret } from "./Caret.ts"
import * as Line from "./Line.ts"

/** How many columns tell a row from others. */
const TELLING = 24

/** Whether hardly a row of `before` is left in `after`, wherever it is now. Only what stands between the caret's walls counts. */
export const isAnother = (before: Frame, after: Frame, caret: Caret): boolean => {
  const line = { cells: after.rows[caret.row] as Row.Row, column: caret.column, home: undefined, suggestion: undefined }
  const from = Line.leftEdge(line)
  const left = new Set(linesOf(after, from))
  const lines = linesOf(before, from)
  let kept = 0
  for (const text of lines) if (left.has(text)) kept++
  return kept * 4 < lines.length
}

/** How the rows begin that are not blank there. */
const linesOf = ({ rows, size }: Frame, from: number): ReadonlyArray<string> => {
  const lines: Array<string> = []
  const end = Math.min(from + TELLING, size.columns)
  for (const row of rows) {
    let text = ""
    let ink = false
    for (let column = from; column < end; column++) {
      const blank = Row.isBlank(row, column)
      ink ||= !blank
      text += blank ? " " : Row.text(row, column)
    }
    if (ink) lines.push(text)
  }
  return lines
}
