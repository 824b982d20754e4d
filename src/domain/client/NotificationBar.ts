/**
 * Draws the notification bar over the top rows of a screen, one for each line of its text: bold white on blue (spec 10.5), or
 * in reverse video if colours are unwanted or unavailable.
 */
import { palette } from "../terminal/Color.ts"
import type { Frame } from "../terminal/Frame.ts"
import { BOLD, INVERSE, type Rendition } from "../terminal/Rendition.ts"
import * as Row from "../terminal/Row.ts"
import { RowEditor } from "../terminal/RowEditor.ts"

const WHITE = palette(7)
const BLUE = palette(4)
const COLORED: Rendition = { foreground: WHITE | BOLD, background: BLUE, underline: 0, link: undefined }
const REVERSE: Rendition = { foreground: BOLD | INVERSE, background: 0, underline: 0, link: undefined }

/**
 * `frame` with the bar, by default in the first rows; a terminal lower than the frame may show only others. What exceeds the
 * screen is cut off. A cursor in the rows of the bar is hidden.
 */
export const draw = (frame: Frame, text: string, colored = true, top = 0): Frame => {
  const { columns, rows } = frame.size
  const bars = text
    .split("\n")
    .slice(0, Math.max(0, rows - top))
    .map((line) => {
      const bar = new RowEditor(Row.blank(columns, colored ? BLUE : 0))
      // Reverse video applies to characters, not to empty cells.
      bar.write(0, colored ? line : line + " ".repeat(columns), colored ? COLORED : REVERSE)
      return bar.row()
    })
  const { cursor } = frame
  const isCovered = cursor.row >= top && cursor.row < top + bars.length
  return {
    ...frame,
    rows: frame.rows.map((row, at) => bars[at - top] ?? row),
    cursor: isCovered ? { ...cursor, visible: false } : cursor
  }
}
