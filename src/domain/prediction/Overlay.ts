/**
 * Draws a predicted picture over the frame it was made from.
 */
import type { Frame } from "../terminal/Frame.ts"
import { Underline, UNDERLINE_BITS, UNDERLINE_SHIFT } from "../terminal/Rendition.ts"
import * as Row from "../terminal/Row.ts"
import { RowEditor } from "../terminal/RowEditor.ts"
import type { Draft } from "./Draft.ts"

/** The frame as the draft has it; characters that the server has not shown yet are underlined if `underlined`. */
export const draw = (frame: Frame, { caret, rows }: Draft, underlined: boolean): Frame => ({
  ...frame,
  rows: underlined ? rows.map((row, y) => underline(row, frame.rows[y] as Row.Row)) : rows,
  cursor: caret.painted ? frame.cursor : { ...frame.cursor, row: caret.row, column: caret.column }
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
