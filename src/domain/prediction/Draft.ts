/**
 * A picture in the making: the server's newest frame, with the effects of keys that the server has not shown yet.
 *
 * A draft is a value: editing one gives another, which shares the rows that the edit leaves alone. So the picture after
 * each of many keys is kept for little, and any of them can be held against what the server shows next.
 */
import * as Cell from "../terminal/Cell.ts"
import { COLOR_BITS } from "../terminal/Color.ts"
import { INVERSE, type Rendition } from "../terminal/Rendition.ts"
import * as Row from "../terminal/Row.ts"
import { RowEditor } from "../terminal/RowEditor.ts"
import type { Caret } from "./Caret.ts"

export interface Draft {
  readonly rows: ReadonlyArray<Row.Row>
  readonly caret: Caret
}

/** The row that the caret is in. */
export const row = ({ caret, rows }: Draft): Row.Row => rows[caret.row] as Row.Row

/** A move within the caret's row: the cells of `from` up to `to` go to `target` and after. */
export interface Shift {
  readonly from: number
  readonly to: number
  readonly target: number
}

const SPACE = 0x20

/** Puts a character at the caret, after moving what must make room, and the caret behind it. */
export const put = (draft: Draft, codePoint: number, width: 1 | 2, shift: Shift | undefined): Draft => {
  const { column } = draft.caret
  const before = row(draft)
  const editor = new RowEditor(before)
  const pen = penAt(draft)
  unpaint(editor, draft)
  if (shift !== undefined) moveCells(editor, before, shift)
  editor.put(column, codePoint, width, pen)
  return finish(draft, editor, column + width)
}

/** Joins a combining mark to the character before the caret. */
export const combine = (draft: Draft, codePoint: number): Draft => {
  const before = row(draft)
  const editor = new RowEditor(before)
  editor.combine(leftOf(before, draft.caret.column), codePoint)
  return finish(draft, editor, draft.caret.column)
}

/** Removes the cells of `from` up to `to`; those up to `end` close the gap. The caret goes to `from`. */
export const remove = (draft: Draft, from: number, to: number, end: number): Draft => {
  const unpainted = new RowEditor(row(draft))
  unpaint(unpainted, draft)
  const before = unpainted.row()
  const background = (before.words[from * Cell.WORDS + Cell.BACKGROUND] ?? 0) & COLOR_BITS
  const editor = new RowEditor(before)
  moveCells(editor, before, { from: to, to: end, target: from })
  editor.erase(Math.max(from, from + end - to), Math.max(end, to), background)
  return finish(draft, editor, from)
}

/** Moves the caret within its row. */
export const moveTo = (draft: Draft, column: number): Draft => {
  if (!draft.caret.painted) return { rows: draft.rows, caret: { ...draft.caret, column } }
  const editor = new RowEditor(row(draft))
  unpaint(editor, draft)
  return finish(draft, editor, column)
}

/** Moves the caret to another row. Only the terminal's own cursor can. */
export const moveToRow = (draft: Draft, row: number, column: number): Draft => ({
  rows: draft.rows,
  caret: { row, column, painted: false }
})

/**
 * The caret at a column of the next row; below the last row everything moves up. `undefined` when something stands in that
 * row already, between two edges, so that who knows what becomes of it.
 */
export const toNextRow = (draft: Draft, column: number, from: number, end: number): Draft | undefined => {
  const { caret, rows } = draft
  if (caret.painted) return undefined
  const below = rows[caret.row + 1]
  const columns = Row.columns(row(draft))
  if (below === undefined)
    return end < columns ? undefined : { rows: [...rows.slice(1), Row.blank(columns)], caret: { ...caret, column } }
  const next = moveToRow(draft, caret.row + 1, column)
  if (isFree(below, from, end)) return next
  return from === 0 && isFiller(below) ? cleared(next) : undefined
}

/** The caret's row without what is drawn in it. */
export const cleared = (draft: Draft): Draft => ({
  ...draft,
  rows: draft.rows.with(draft.caret.row, Row.blank(Row.columns(row(draft))))
})

/** Whether there is nothing in a row between two columns. */
export const isFree = (cells: Row.Row, from: number, to: number): boolean => {
  for (let x = from; x < to; x++) if (!Row.isBlank(cells, x)) return false
  return true
}

/** Whether a row is one that vi and its kin draw where the text has ended. */
export const isFiller = (cells: Row.Row): boolean => Row.text(cells, 0) === "~" && isFree(cells, 1, Row.columns(cells))

/** The column of the character before a column: two before it when that is wide. */
export const leftOf = (cells: Row.Row, column: number): number =>
  column >= 2 && cells.words[(column - 1) * Cell.WORDS] === Cell.RIGHT_HALF ? column - 2 : column - 1

/** The column after the character at a column. */
export const rightOf = (cells: Row.Row, column: number): number =>
  cells.words[(column + 1) * Cell.WORDS] === Cell.RIGHT_HALF ? column + 2 : column + 1

/** How a character at the caret is likely drawn: as the one before it; the first of a row as what it replaces. */
const penAt = (draft: Draft): Rendition => {
  const { column } = draft.caret
  const cells = row(draft)
  const pen = Row.rendition(cells, column === 0 ? 0 : leftOf(cells, column))
  return draft.caret.painted && column === 0 ? withoutInverse(pen) : pen
}

const withoutInverse = (pen: Rendition): Rendition => ({ ...pen, foreground: (pen.foreground & ~INVERSE) >>> 0 })

/** Copies a stretch of characters within a row, from what it was `before`. */
const moveCells = (editor: RowEditor, before: Row.Row, { from, to, target }: Shift): void => {
  const by = target - from
  const copy = (column: number): void => {
    if (before.words[column * Cell.WORDS] !== Cell.RIGHT_HALF) editor.copy(column + by, before, column)
  }
  if (by > 0) for (let column = to - 1; column >= from; column--) copy(column)
  else for (let column = from; column < to; column++) copy(column)
}

/** Takes a painted caret away from where it is. */
const unpaint = (editor: RowEditor, draft: Draft): void => {
  if (!draft.caret.painted) return
  const { column } = draft.caret
  editor.restyle(column, withoutInverse(Row.rendition(row(draft), column)))
}

/** The draft with the edited row, and the caret at a column of it. */
const finish = (draft: Draft, editor: RowEditor, column: number): Draft => {
  let edited = editor.row()
  if (draft.caret.painted && column < editor.columns) {
    const painter = new RowEditor(edited)
    const pen = Row.rendition(edited, column)
    const painted = { ...pen, foreground: (pen.foreground | INVERSE) >>> 0 }
    if (edited.words[column * Cell.WORDS] === Cell.EMPTY) painter.put(column, SPACE, 1, painted)
    else painter.restyle(column, painted)
    edited = painter.row()
  }
  const rows = edited === row(draft) ? draft.rows : draft.rows.with(draft.caret.row, edited)
  return { rows, caret: { ...draft.caret, column } }
}
