/**
 * How a program goes on in the next row where a line is full: what it was seen to do, and will do again.
 *
 * Terminals and shells go on after the last column, editors a column earlier, or with the whole word, and a box grows by
 * a row for it.
 */
import * as Cell from "../terminal/Cell.ts"
import * as Row from "../terminal/Row.ts"
import { RowEditor } from "../terminal/RowEditor.ts"
import * as Draft from "./Draft.ts"
import * as Line from "./Line.ts"

export interface Wrap {
  readonly way: Way
  /** The column that a character wraps at. */
  readonly column: number
  /** The first column that has not been seen to take a character, up to that one. */
  readonly from: number
  /** The column at which the next row begins. */
  readonly left: number
  /** Between which edges of a line it was seen. */
  readonly edges: readonly [from: number, to: number]
}

/**
 * What becomes of a character at the column: it goes there, and the caret to the next row (`fill`), to which the next
 * character takes the word (`late`); or it goes to the next row, alone (`turn`) or with the word before it (`word`).
 */
export type Way = "fill" | "late" | "turn" | "word"

/** The likeliest first. */
export const WAYS: ReadonlyArray<Way> = ["fill", "turn", "word", "late"]

/** Whether a character may wrap so at a column: where no wall is, before the last column only words are. */
export const isLikely = (way: Way, column: number, line: Line.Line): boolean => {
  const edge = Line.rightEdge(line)
  return edge < Row.columns(line.cells) ? way !== "late" : way === "word" || column === edge - 1
}

const SPACE = 0x20

/** Whether a wrap is known for a line. */
export const isOf = (wrap: Wrap | undefined, line: Line.Line): wrap is Wrap =>
  wrap !== undefined && wrap.edges[0] === Line.leftEdge(line) && wrap.edges[1] === Line.rightEdge(line)

/** What is known after a wrap was seen, and perhaps others before. */
export const refined = (before: Wrap | undefined, seen: Wrap): Wrap => {
  const [from, to] = seen.edges
  const same = before !== undefined && before.way === seen.way && before.edges[0] === from && before.edges[1] === to
  if (!same) return seen
  const column = Math.min(before.column, seen.column)
  return { ...seen, column, from: Math.min(column, Math.max(before.from, seen.from)) }
}

/** Whether a character at the caret wraps. */
export const isDue = (wrap: Wrap, draft: Draft.Draft, line: Line.Line, codePoint: number, width: number): boolean => {
  const { column, way } = wrap
  if (way === "late" && isLate(wrap, draft)) return true
  if (line.suggestion !== undefined || Line.hasTail(line)) return false
  if (way === "word") return codePoint !== SPACE && line.column + width > column
  return way === "turn" ? line.column + width > column && line.column <= column : line.column === column
}

/** Whether a character at the caret that does not wrap surely goes there: a blank may hang over where a word would not. */
export const isSure = ({ from, way }: Wrap, line: Line.Line, codePoint: number, width: number): boolean =>
  line.column + width <= from || (way === "word" && codePoint === SPACE)

/** Whether the caret is in the next row only because that above is full. */
const isLate = ({ edges, left }: Wrap, { caret, rows }: Draft.Draft): boolean => {
  const above = rows[caret.row - 1]
  const cells = rows[caret.row] as Row.Row
  if (above === undefined || caret.column !== left) return false
  return Draft.isFree(cells, edges[0], edges[1]) || (edges[0] === 0 && Draft.isFiller(cells))
}

/** The picture after a character that wraps; `undefined` when it cannot be told. */
export const put = (
  wrap: Wrap,
  draft: Draft.Draft,
  line: Line.Line,
  codePoint: number,
  width: 1 | 2
): Draft.Draft | undefined => {
  const { edges, left, way } = wrap
  if (way === "late" && isLate(wrap, draft)) {
    const row = draft.caret.row - 1
    const above = { ...line, cells: draft.rows[row] as Row.Row, column: edges[1] }
    const from = codePoint === SPACE ? edges[1] : wordStart(above)
    return from === undefined
      ? undefined
      : carry(Draft.moveToRow(Draft.cleared(draft), draft.caret.row, left), above, from, wrap, codePoint, width)
  }
  if (way === "fill") return opened(Draft.put(draft, codePoint, width, undefined), wrap)
  if (way === "late") {
    if (draft.caret.painted || draft.caret.row + 1 >= draft.rows.length) return undefined
    const filled = Draft.put(draft, codePoint, width, undefined)
    return Draft.moveToRow(filled, draft.caret.row + 1, left)
  }
  const from = way === "word" ? wordStart(line) : line.column
  const next = from === undefined ? undefined : opened(draft, wrap)
  return from === undefined || next === undefined ? undefined : carry(next, line, from, wrap, codePoint, width)
}

/** Takes what `line`, the row above the caret's, has from a column on to where the caret is, and a character after it. */
const carry = (
  draft: Draft.Draft,
  { cells, column }: Line.Line,
  from: number,
  { edges, left }: Wrap,
  codePoint: number,
  width: 1 | 2
): Draft.Draft | undefined => {
  const { caret } = draft
  const at = left + column - from
  const full = draft.rows[caret.row - 1]
  if (full === undefined || at + width >= edges[1]) return undefined
  const above = new RowEditor(full)
  const below = new RowEditor(Draft.row(draft))
  for (let x = from; x < column; x++) if (!isRightHalf(cells, x)) below.copy(left + x - from, cells, x)
  above.erase(from, column, 0)
  below.put(at, codePoint, width, Row.rendition(cells, column === 0 ? 0 : Draft.leftOf(cells, column)))
  const rows = draft.rows.with(caret.row - 1, above.row()).with(caret.row, below.row())
  return { rows, caret: { ...caret, column: at + width } }
}

const isRightHalf = (cells: Row.Row, column: number): boolean => cells.words[column * Cell.WORDS] === Cell.RIGHT_HALF

/** Where the word that ends at the caret begins; `undefined` when it is all that the line has. */
export const wordStart = (line: Line.Line): number | undefined => {
  const edge = Line.leftEdge(line)
  let at = line.column
  while (at > edge && !Row.isBlank(line.cells, at - 1)) at--
  for (let x = edge; x < at; x++) if (!Row.isBlank(line.cells, x)) return at
  return undefined
}

/** The caret at the column at which the next row begins: an empty one, or one that a box makes room for. */
const opened = (draft: Draft.Draft, { edges: [from, to], left }: Wrap): Draft.Draft | undefined => {
  const next = Draft.toNextRow(draft, left, from, to)
  if (next !== undefined) return next
  return !draft.caret.painted && isBox(Draft.row(draft), from, to) ? grown(draft, from, to, left) : undefined
}

/** Whether there is nothing but walls around a line. */
const isBox = (cells: Row.Row, from: number, to: number): boolean =>
  from > 0 &&
  to < Row.columns(cells) &&
  Draft.isFree(cells, 0, from - 1) &&
  Draft.isFree(cells, to + 1, Row.columns(cells))

/** A box grows down, to where nothing is; at the bottom of the screen it grows up. */
const grown = ({ caret, rows }: Draft.Draft, from: number, to: number, left: number): Draft.Draft => {
  const editor = new RowEditor(rows[caret.row] as Row.Row)
  editor.erase(from, to, 0)
  const free = rows.findIndex((cells, y) => y > caret.row + 1 && Draft.isFree(cells, 0, Row.columns(cells)))
  const [above, below] = [rows.slice(0, caret.row + 1), rows.slice(caret.row + 1)]
  if (free < 0) return { rows: [...above.slice(1), editor.row(), ...below], caret: { ...caret, column: left } }
  below.splice(free - caret.row - 1, 1)
  return { rows: [...above, editor.row(), ...below], caret: { ...caret, row: caret.row + 1, column: left } }
}
