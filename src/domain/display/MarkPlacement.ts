/**
 * Sets the marks of lines on a terminal, which marks the line of its cursor.
 */
import type { Frame } from "../terminal/Frame.ts"
import * as KeptEvents from "../events/KeptEvents.ts"
import * as KeptMarks from "../events/KeptMarks.ts"
import type { Capabilities } from "./Capabilities.ts"

/** A prompt, at whose mark terminals begin a line unless the cursor is at the beginning of one. */
const PROMPT = "133;A"

/**
 * The sequences that set the marks of a frame with numbers above `after` on a terminal that shows the frame, whose first row is
 * line `top`. The cursor returns to its place. Empty if no marked line is on the screen.
 */
export const place = (
  { cursor, marks, size }: Frame,
  after: number,
  top: number,
  { marks: receiver }: Capabilities
): string => {
  if (receiver !== "placed" || marks.count <= after) return ""
  let out = ""
  for (const [, { column, line, osc }] of KeptEvents.since(marks, after).list) {
    if (line < top || line >= top + size.rows || column >= size.columns) continue
    if (KeptMarks.isMark(osc) && (column === 0 || !osc.startsWith(PROMPT)))
      out += `\x1b[${line - top + 1};${column + 1}H\x1b]${osc}\x07`
  }
  return out === "" ? "" : `${out}\x1b[${cursor.row + 1};${cursor.column + 1}H`
}
