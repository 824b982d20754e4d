/**
 * Applies the bytes of a difference to a frame: the other half of `FrameDiff`.
 *
 * It interprets what a mosh server sends, stock (spec 8.8) or ours (`Capabilities.full`), exactly as stock mosh's emulator
 * would, and skips everything else. A frame is a value, so a host string can be applied to any state that SSP retains.
 * Every function is total: any text gives a well-formed frame of the same size, in time and memory linear in the text.
 *
 * ```ts
 * import { Frame, FramePatch } from "effect-mosh"
 *
 * const frame = FramePatch.patch(Frame.blank({ columns: 20, rows: 3 }), "one\r\ntwo")
 * export const larger = FramePatch.resize(frame, { columns: 40, rows: 5 })
 * ```
 */
import type { Frame, Size } from "../terminal/Frame.ts"
import { cursorEquals, sizeEquals } from "../terminal/Frame.ts"
import * as Cell from "../terminal/Cell.ts"
import { colorOf } from "../terminal/Rendition.ts"
import * as Row from "../terminal/Row.ts"
import { RowEditor } from "../terminal/RowEditor.ts"
import { HostInterpreter } from "./HostInterpreter.ts"

/** The frame after a host string. The parser starts and ends in its ground state; an unfinished sequence is dropped. */
export const patch = (base: Frame, host: string): Frame => {
  if (host === "") return base
  return new HostInterpreter(base).run(host)
}

/**
 * The frame on a screen of another size (spec 8.5): nothing moves; rows come and go at the bottom, cells at the right, on
 * the pen's background. A wide character cut in half is gone. `size` is at least 1 by 1.
 */
export const resize = (base: Frame, size: Size): Frame => {
  if (sizeEquals(base.size, size)) return base
  const background = colorOf(base.pen.background)
  const blank = Row.blank(size.columns, background)
  const rows = Array.from({ length: size.rows }, (_, y) => {
    const row = base.rows[y]
    return row === undefined ? blank : resizeRow(row, size.columns, background)
  })
  const row = Math.min(base.cursor.row, size.rows - 1)
  const column = Math.min(base.cursor.column, size.columns - 1)
  const cursor = { ...base.cursor, row, column }
  return { ...base, size, rows, cursor: cursorEquals(cursor, base.cursor) ? base.cursor : cursor }
}

const resizeRow = (row: Row.Row, columns: number, background: number): Row.Row => {
  const before = Row.columns(row)
  if (before === columns) return row
  const editor = new RowEditor(Row.blank(columns, background))
  for (let column = 0; column < Math.min(before, columns); column++) {
    if (row.words[column * Cell.WORDS] !== Cell.RIGHT_HALF) editor.copy(column, row, column)
  }
  return editor.row()
}
