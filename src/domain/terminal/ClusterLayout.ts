/**
 * Lays out cells for a receiver that joins other sequences of characters than the one for which a row was laid out.
 *
 * A cell whose text a receiver would not draw in one cell of the same width is replaced: by the same text without U+FE0F, if
 * the receiver draws that in one such cell, otherwise by as many of the cells in which the receiver would draw the text as fit.
 * All other cells stay where they are, so a row takes the same columns for every receiver.
 *
 * Law: a receiver with these rules draws each cell of a fitted row in as many columns as the cell has.
 */
import * as Cell from "./Cell.ts"
import * as CharWidth from "./CharWidth.ts"
import * as ClusterRules from "./ClusterRules.ts"
import type { Frame } from "./Frame.ts"
import * as Row from "./Row.ts"
import { RowEditor } from "./RowEditor.ts"

/** The text of one cell. */
export interface LaidOut {
  readonly text: string
  readonly columns: 1 | 2
}

/** Size of a cell's text, bytes of UTF-8, from which on it takes no further mark without rules (spec 8.3). */
const MARKED_BYTES = 32

/** The cells of a text that is printed from the start of an empty row. Marks before the first character are omitted. */
export const layOut = (text: string, rules: ClusterRules.ClusterRules): ReadonlyArray<LaidOut> => {
  const limit = rules === ClusterRules.NONE ? MARKED_BYTES : ClusterRules.MAX_BYTES
  const cells: Array<string> = []
  for (const character of text) {
    const codePoint = character.codePointAt(0) ?? 0
    const width = CharWidth.of(codePoint)
    const last = cells.at(-1)
    if (width < 0) continue
    if (last === undefined) {
      if (width > 0) cells.push(character)
    } else if (width > 0 && !(utf8Length(last) < limit && ClusterRules.isJoined(last, codePoint, rules))) {
      cells.push(character)
    } else if (utf8Length(last) < limit) {
      cells[cells.length - 1] = last + character
    }
  }
  return cells.map((cell) => ({ text: cell, columns: ClusterRules.columnsOf(cell, rules) }))
}

/** Whether a receiver draws a text in one cell of so many columns. */
export const isOneCell = (text: string, columns: number, rules: ClusterRules.ClusterRules): boolean => {
  const [first, second] = layOut(text, rules)
  return second === undefined && first?.text === text && first.columns === columns
}

/** A row for a receiver with other rules; the same object if the receiver draws it as it is. */
export const row = (original: Row.Row, rules: ClusterRules.ClusterRules): Row.Row => {
  const { clusters, words } = original
  if (clusters === undefined) return original
  let editor: RowEditor | undefined
  for (const [column, text] of clusters) {
    const glyph = words[column * Cell.WORDS] ?? 0
    const columns = Cell.widthOf(glyph)
    // A cell that was overwritten may leave its text behind.
    if ((glyph & Cell.CLUSTER) === 0 || isOneCell(text, columns, rules)) continue
    editor ??= new RowEditor(original)
    const pen = Row.rendition(original, column)
    const { wraps } = editor
    let at = column
    for (const cell of replacement(text, columns, rules)) {
      if (at + cell.columns > column + columns) break
      editor.putCluster(at, cell.text, cell.columns, pen)
      at += cell.columns
    }
    for (; at < column + columns; at++) editor.put(at, SPACE, 1, pen)
    editor.wraps = wraps
  }
  return editor?.row() ?? original
}

const SPACE = 0x20

const replacement = (text: string, columns: number, rules: ClusterRules.ClusterRules): ReadonlyArray<LaidOut> => {
  const bare = text.replaceAll("\ufe0f", "")
  return layOut(isOneCell(bare, columns, rules) ? bare : text, rules)
}

/** Remembers the fitted rows of a receiver. */
export interface Fitting {
  readonly rules: ClusterRules.ClusterRules
  readonly rows: WeakMap<Row.Row, Row.Row>
}

export const fitting = (rules: ClusterRules.ClusterRules): Fitting => ({ rules, rows: new WeakMap() })

/** A row for the receiver. The same row gives the same object. */
export const fitRow = ({ rows, rules }: Fitting, original: Row.Row): Row.Row => {
  if (original.clusters === undefined) return original
  let fitted = rows.get(original)
  if (fitted === undefined) rows.set(original, (fitted = row(original, rules)))
  return fitted
}

/** A frame for the receiver; the same object if none of its rows differ. */
export const fit = (fitting: Fitting, frame: Frame): Frame => {
  let rows: Array<Row.Row> | undefined
  for (let y = 0; y < frame.rows.length; y++) {
    const original = frame.rows[y] as Row.Row
    const fitted = fitRow(fitting, original)
    if (fitted !== original) (rows ??= frame.rows.slice())[y] = fitted
  }
  return rows === undefined ? frame : { ...frame, rows }
}

/** Whether a peer without widths, stock or older, may get this cell's text: it draws it in one cell of that width. */
export const isPlain = (text: string, columns: number): boolean => isOneCell(text, columns, ClusterRules.NONE)

/**
 * Whether a text may be that of a cell with an explicit width: characters that can be printed, the first of them with a width of
 * its own that is not larger than the cell, and not too many.
 */
export const isCluster = (text: string, columns: number): boolean => {
  const base = CharWidth.of(text.codePointAt(0) ?? 0)
  if (text.length > ClusterRules.MAX_BYTES || base < 1 || base > columns) return false
  for (const character of text) if (CharWidth.of(character.codePointAt(0) ?? 0) < 0) return false
  return utf8Length(text) <= ClusterRules.MAX_BYTES + 4
}

const utf8Length = (text: string): number => {
  let length = 0
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    // A surrogate is half of four bytes.
    length += unit < 0x80 ? 1 : unit < 0x800 || (unit >= 0xd800 && unit < 0xe000) ? 2 : 3
  }
  return length
}
