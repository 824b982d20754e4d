/**
 * Draws the notification bar over a frame's top row: bold white on blue, as wide as the screen (spec 10.5).
 */
import { palette } from "../terminal/Color.ts"
import type { Frame } from "../terminal/Frame.ts"
import { BOLD, type Rendition } from "../terminal/Rendition.ts"
import * as Row from "../terminal/Row.ts"
import { RowEditor } from "../terminal/RowEditor.ts"

const WHITE = palette(7)
const BLUE = palette(4)
const pen: Rendition = { foreground: WHITE | BOLD, background: BLUE, underline: 0, link: undefined }

/** The frame with the bar; what the bar has no room for is cut. The cursor is hidden where the bar covers it. */
export const draw = (frame: Frame, text: string): Frame => {
  const bar = new RowEditor(Row.blank(frame.size.columns, BLUE))
  bar.write(0, text, pen)
  const { cursor } = frame
  return {
    ...frame,
    rows: [bar.row(), ...frame.rows.slice(1)],
    cursor: cursor.row === 0 ? { ...cursor, visible: false } : cursor
  }
}
