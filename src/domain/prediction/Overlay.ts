/**
 * Draws a predicted screen over the frame it was made from.
 */
import type { Frame } from "../terminal/Frame.ts"
import { Underline, UNDERLINE_BITS, UNDERLINE_SHIFT } from "../terminal/Rendition.ts"
import * as Row from "../terminal/Row.ts"
import { RowEditor } from "../terminal/RowEditor.ts"
import type { PredictedScreen } from "./PredictedScreen.ts"

/** The frame with the rows and the caret of a screen. If `underlined`, characters that differ from the frame are underlined. */
export const draw = (frame: Frame, { caret, rows }: PredictedScreen, underlined: boolean): Frame => ({
  ...frame,
  rows: underlined ? rows.map((row, y) => underline(row, frame.rows[y] as Row.Row)) : rows,
  cursor: caret.softwareCursor ? frame.cursor : { ...frame.cursor, row: caret.row, column: caret.column }
})

const underline = (row: Row.Row, shown: Row.Row): Row.Row => {
  if (row === shown) return row
  const editor = new RowEditor(row)
  for (let column = 0; column < editor.columns; column++) {
    if (Row.isBlank(row, column) || Row.textEquals(row, column, shown, column)) continue
    const pen = Row.rendition(row, column)
    const line = (pen.underline & ~UNDERLINE_BITS) | (Underline.single << UNDERLINE_SHIFT)
    editor.restyle(column, { ...pen, underline: line >>> 0 })
  }
  return editor.row()
}
