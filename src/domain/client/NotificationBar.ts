/**
 * Draws the notification bar over a frame's top rows, one for each line of its text: bold white on blue (spec 10.5), or in reverse video if colours are
 * unwanted or unavailable.
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

/** `frame` with the bar. What exceeds the screen is cut off. A cursor in the rows of the bar is hidden. */
export const draw = (frame: Frame, text: string, colored = true): Frame => {
  const { columns, rows } = frame.size
  const bars = text
    .split("\n")
    .slice(0, rows)
    .map((line) => {
      const bar = new RowEditor(Row.blank(columns, colored ? BLUE : 0))
      // Reverse video applies to characters, not to empty cells.
      bar.write(0, colored ? line : line + " ".repeat(columns), colored ? COLORED : REVERSE)
      return bar.row()
    })
  const { cursor } = frame
  return {
    ...frame,
    rows: [...bars, ...frame.rows.slice(bars.length)],
    cursor: cursor.row < bars.length ? { ...cursor, visible: false } : cursor
  }
}
