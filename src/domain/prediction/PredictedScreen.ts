/**
 * The rows and the caret of a frame with the effects of keys that the server has not shown yet, and the edits that make it.
 *
 * A screen is a value: an edit gives another one, which shares the rows that did not change. So the screen after each of
 * many keys is cheap to keep, and each can be compared with the server's next frame.
 */
import * as Cell from "../terminal/Cell.ts"
import { COLOR_BITS } from "../terminal/Color.ts"
import { INVERSE, type Rendition } from "../terminal/Rendition.ts"
import * as Row from "../terminal/Row.ts"
import { RowEditor } from "../terminal/RowEditor.ts"
import type { Caret } from "./Caret.ts"

export interface PredictedScreen {
  readonly rows: ReadonlyArray<Row.Row>
  readonly caret: Caret
}

/** The row that the caret is in. */
export const row = ({ caret, rows }: PredictedScreen): Row.Row => rows[caret.row] as Row.Row

/** A move within the caret's row: the cells from `from` up to, not including, `to` go to `target` and after. */
export interface Shift {
  readonly from: number
  readonly to: number
  readonly target: number
}

const SPACE = 0x20

/** Puts a character at the caret, and moves the caret behind it. `shift` makes room first. */
export const put = (
  screen: PredictedScreen,
  codePoint: number,
  width: 1 | 2,
  shift: Shift | undefined
): PredictedScreen => {
  const { column } = screen.caret
  const before = row(screen)
  const editor = new RowEditor(before)
  const pen = penAt(screen)
  unpaint(editor, screen)
  if (shift !== undefined) moveCells(editor, before, shift)
  editor.put(column, codePoint, width, pen)
  return finish(screen, editor, column + width)
}

/** Joins a combining mark to the character before the caret. */
export const combine = (screen: PredictedScreen, codePoint: number): PredictedScreen => {
  const before = row(screen)
  const editor = new RowEditor(before)
  editor.combine(leftOf(before, screen.caret.column), codePoint)
  return finish(screen, editor, screen.caret.column)
}

/** Removes the cells from `from` up to `to`; those up to `end` close the gap. The caret goes to `from`. */
export const remove = (screen: PredictedScreen, from: number, to: number, end: number): PredictedScreen => {
  const unpainted = new RowEditor(row(screen))
  unpaint(unpainted, screen)
  const before = unpainted.row()
  const background = (before.words[from * Cell.WORDS + Cell.BACKGROUND] ?? 0) & COLOR_BITS
  const editor = new RowEditor(before)
  moveCells(editor, before, { from: to, to: end, target: from })
  editor.erase(Math.max(from, from + end - to), Math.max(end, to), background)
  return finish(screen, editor, from)
}

/** Moves the caret within its row. */
export const moveTo = (screen: PredictedScreen, column: number): PredictedScreen => {
  if (!screen.caret.softwareCursor) return { rows: screen.rows, caret: { ...screen.caret, column } }
  const editor = new RowEditor(row(screen))
  unpaint(editor, screen)
  return finish(screen, editor, column)
}

/** Moves the caret to another row; it becomes the terminal's cursor. */
export const moveToRow = (screen: PredictedScreen, row: number, column: number): PredictedScreen => ({
  rows: screen.rows,
  caret: { row, column, softwareCursor: false }
})

/**
 * Moves the caret to a column of the next row; below the last row the screen scrolls. `undefined` if there is text in that
 * row between two edges: its fate is unknown.
 */
export const toNextRow = (
  screen: PredictedScreen,
  column: number,
  from: number,
  end: number
): PredictedScreen | undefined => {
  const { caret, rows } = screen
  if (caret.softwareCursor) return undefined
  const below = rows[caret.row + 1]
  const columns = Row.columns(row(screen))
  if (below === undefined)
    return end < columns ? undefined : { rows: [...rows.slice(1), Row.blank(columns)], caret: { ...caret, column } }
  const next = moveToRow(screen, caret.row + 1, column)
  if (isFree(below, from, end)) return next
  return from === 0 && isFiller(below) ? cleared(next) : undefined
}

/** The screen with the caret's row blank. */
export const cleared = (screen: PredictedScreen): PredictedScreen => ({
  ...screen,
  rows: screen.rows.with(screen.caret.row, Row.blank(Row.columns(row(screen))))
})

/** Whether a row is blank from a column up to another. */
export const isFree = (cells: Row.Row, from: number, to: number): boolean => {
  for (let x = from; x < to; x++) if (!Row.isBlank(cells, x)) return false
  return true
}

/** Whether a row is the `~` that vi draws after the end of the text. */
export const isFiller = (cells: Row.Row): boolean => Row.text(cells, 0) === "~" && isFree(cells, 1, Row.columns(cells))

/** The column of the character before a column: two before it when that is wide. */
export const leftOf = (cells: Row.Row, column: number): number =>
  column >= 2 && cells.words[(column - 1) * Cell.WORDS] === Cell.RIGHT_HALF ? column - 2 : column - 1

/** The column after the character at a column. */
export const rightOf = (cells: Row.Row, column: number): number =>
  cells.words[(column + 1) * Cell.WORDS] === Cell.RIGHT_HALF ? column + 2 : column + 1

/** The likely rendition of a character at the caret: that of the one before it; in the first column that of the cell. */
const penAt = (screen: PredictedScreen): Rendition => {
  const { column } = screen.caret
  const cells = row(screen)
  const pen = Row.rendition(cells, column === 0 ? 0 : leftOf(cells, column))
  return screen.caret.softwareCursor && column === 0 ? withoutInverse(pen) : pen
}

const withoutInverse = (pen: Rendition): Rendition => ({ ...pen, foreground: (pen.foreground & ~INVERSE) >>> 0 })

/** Copies cells within a row, from what it was `before`. */
const moveCells = (editor: RowEditor, before: Row.Row, { from, to, target }: Shift): void => {
  const by = target - from
  const copy = (column: number): void => {
    if (before.words[column * Cell.WORDS] !== Cell.RIGHT_HALF) editor.copy(column + by, before, column)
  }
  if (by > 0) for (let column = to - 1; column >= from; column--) copy(column)
  else for (let column = from; column < to; column++) copy(column)
}

/** Removes a software cursor from its cell. */
const unpaint = (editor: RowEditor, screen: PredictedScreen): void => {
  if (!screen.caret.softwareCursor) return
  const { column } = screen.caret
  editor.restyle(column, withoutInverse(Row.rendition(row(screen), column)))
}

/** The screen with the edited row, and the caret at a column of that. */
const finish = (screen: PredictedScreen, editor: RowEditor, column: number): PredictedScreen => {
  let edited = editor.row()
  if (screen.caret.softwareCursor && column < editor.columns) {
    const painter = new RowEditor(edited)
    const pen = Row.rendition(edited, column)
    const softwareCursor = { ...pen, foreground: (pen.foreground | INVERSE) >>> 0 }
    if (edited.words[column * Cell.WORDS] === Cell.EMPTY) painter.put(column, SPACE, 1, softwareCursor)
    else painter.restyle(column, softwareCursor)
    edited = painter.row()
  }
  const rows = edited === row(screen) ? screen.rows : screen.rows.with(screen.caret.row, edited)
  return { rows, caret: { ...screen.caret, column } }
}
