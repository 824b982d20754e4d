/**
 * What a user reads on a screen: its text, cell by cell, and the position of the caret. Colours are ignored.
 */
import type { Frame } from "../../src/domain/terminal/Frame.ts"
import * as Row from "../../src/domain/terminal/Row.ts"

/** A row's text by cells; blank cells are " ". Rows of one `Reader` that read the same are the same object. */
export type Text = ReadonlyArray<string>

export interface Caret {
  readonly row: number
  readonly column: number
  readonly visible: boolean
}

export interface Picture {
  readonly rows: ReadonlyArray<Text>
  readonly caret: Caret
}

/** Turns frames into pictures. */
export interface Reader {
  readonly read: (frame: Frame) => Picture
}

export const makeReader = (): Reader => {
  const texts = new Map<string, Text>()
  const known = new WeakMap<Row.Row, Text>()
  const text = (row: Row.Row): Text => {
    const seen = known.get(row)
    if (seen !== undefined) return seen
    const cells: Array<string> = []
    for (let column = 0; column < Row.columns(row); column++) cells.push(Row.text(row, column) || " ")
    const key = cells.join("\u0000")
    const same = texts.get(key) ?? cells
    texts.set(key, same)
    known.set(row, same)
    return same
  }
  return {
    read: ({ rows, cursor }) => ({
      rows: rows.map(text),
      caret: { row: cursor.row, column: cursor.column, visible: cursor.visible }
    })
  }
}

export const equals = (a: Picture, b: Picture): boolean =>
  a === b ||
  (a.caret.row === b.caret.row &&
    a.caret.column === b.caret.column &&
    a.caret.visible === b.caret.visible &&
    a.rows.every((row, y) => row === b.rows[y]))

/** Whether both show a caret at the same place, with the same text on its left: echo changes nothing else. */
export const sameAtCaret = (a: Picture, b: Picture): boolean => {
  const { row, column, visible } = a.caret
  if (!visible || !b.caret.visible || row !== b.caret.row || column !== b.caret.column) return false
  const [left, right] = [a.rows[row], b.rows[row]]
  if (left === right) return true
  for (let x = 0; x < column; x++) if (left?.[x] !== right?.[x]) return false
  return true
}

/**
 * Whether both show the caret in the same line, perhaps in different rows: output above the edited line moves it. A line is
 * identified by its text before the caret.
 */
export const sameLine = (a: Picture, b: Picture): boolean => {
  const { column } = a.caret
  if (!a.caret.visible || !b.caret.visible || column !== b.caret.column) return false
  const [left, right] = [a.rows[a.caret.row], b.rows[b.caret.row]]
  let ink = false
  for (let x = 0; x < column; x++) {
    if (left?.[x] !== right?.[x]) return false
    ink ||= left?.[x] !== " "
  }
  return ink
}

/** Whether the top row is mosh's own notification bar. */
export const hasBar = (picture: Picture): boolean => picture.rows[0]?.slice(0, 5).join("") === "mosh:"
