/**
 * Draws the notification bar over a frame's top row: bold white on blue (spec 10.5), or in reverse video if colours are
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

/** `frame` with the bar. Text beyond the width of the screen is cut off. A cursor in the top row is hidden. */
export const draw = (frame: Frame, text: string, colored = true): Frame => {
  const { columns } = frame.size
  const bar = new RowEditor(Row.blank(columns, colored ? BLUE : 0))
  // Reverse video applies to characters, not to empty cells.
  bar.write(0, colored ? text : text + " ".repeat(columns), colored ? COLORED : REVERSE)
  const { cursor } = frame
  return {
    ...frame,
    rows: [bar.row(), ...frame.rows.slice(1)],
    cursor: cursor.row === 0 ? { ...cursor, visible: false } : cursor
  }
}
