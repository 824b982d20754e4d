/**
 * Draws the notification bar over a frame's top row, as wide as the screen: bold white on blue (spec 10.5), or in reverse
 * video where colours are not wanted or not had.
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

/** The frame with the bar; what the bar has no room for is cut. The cursor is hidden where the bar covers it. */
export const draw = (frame: Frame, text: string, colored = true): Frame => {
  const { columns } = frame.size
  const bar = new RowEditor(Row.blank(columns, colored ? BLUE : 0))
  // Reverse video is of characters, not of empty cells.
  bar.write(0, colored ? text : text + " ".repeat(columns), colored ? COLORED : REVERSE)
  const { cursor } = frame
  return {
    ...frame,
    rows: [bar.row(), ...frame.rows.slice(1)],
    cursor: cursor.row === 0 ? { ...cursor, visible: false } : cursor
  }
}
