/**
 * How a program continues a full line in the next row: what it was seen to do, applied to further lines.
 *
 * Terminals and shells continue after the last column, editors a column earlier or with the whole word, and a box grows by
 * a row for it. `WrapInference` finds the rule.
 */
import * as Cell from "../../terminal/Cell.ts"
import * as Row from "../../terminal/Row.ts"
import { RowEditor } from "../../terminal/RowEditor.ts"
import * as PredictedScreen from "../PredictedScreen.ts"
import * as Line from "./Line.ts"

export interface WrapRule {
  readonly kind: Kind
  /** The column that a character wraps at. */
  readonly column: number
  /** Columns before this one have been seen to take a character; at most `column`. */
  readonly certainUntil: number
  /** The column at which the next row begins. */
  readonly nextColumn: number
  /** The edges of the line that it was seen in: the first column, and the one after the last. */
  readonly edges: readonly [from: number, to: number]
}

/**
 * What becomes of a character at the column:
 * - `fill`: it is put there, and the caret goes to the next row;
 * - `lateWord`: as `fill`, and the next character takes the word along to the next row;
 * - `character`: it goes to the next row;
 * - `word`: it goes to the next row, with the word before it.
 */
export type Kind = "fill" | "lateWord" | "character" | "word"

/** The most likely first. */
export const KINDS: ReadonlyArray<Kind> = ["fill", "character", "word", "lateWord"]

/** Whether a rule of a kind is plausible at a column: without a wall, only words wrap before the last column. */
export const isLikely = (kind: Kind, column: number, line: Line.Line): boolean => {
  const edge = Line.rightEdge(line)
  return edge < Row.columns(line.cells) ? kind !== "lateWord" : kind === "word" || column === edge - 1
}

const SPACE = 0x20

/** Whether a rule was seen in a line with the same edges. */
export const appliesTo = (rule: WrapRule | undefined, line: Line.Line): rule is WrapRule =>
  rule !== undefined && rule.edges[0] === Line.leftEdge(line) && rule.edges[1] === Line.rightEdge(line)

/** The rule after another line wrapped by it. */
export const refined = (before: WrapRule | undefined, seen: WrapRule): WrapRule => {
  const [from, to] = seen.edges
  const same = before !== undefined && before.kind === seen.kind && before.edges[0] === from && before.edges[1] === to
  if (!same) return seen
  const column = Math.min(before.column, seen.column)
  return { ...seen, column, certainUntil: Math.min(column, Math.max(before.certainUntil, seen.certainUntil)) }
}

/** Whether a character at the caret wraps. */
export const isDue = (
  rule: WrapRule,
  screen: PredictedScreen.PredictedScreen,
  line: Line.Line,
  codePoint: number,
  width: number
): boolean => {
  const { column, kind } = rule
  if (kind === "lateWord" && isLate(rule, screen)) return true
  if (line.suggestion !== undefined || Line.hasTail(line)) return false
  if (kind === "word") return codePoint !== SPACE && line.column + width > column
  return kind === "character" ? line.column + width > column && line.column <= column : line.column === column
}

/** Whether a character that is not due to wrap certainly goes to the caret. Blanks may hang over a margin of words. */
export const isCertain = (
  { certainUntil, kind }: WrapRule,
  line: Line.Line,
  codePoint: number,
  width: number
): boolean => line.column + width <= certainUntil || (kind === "word" && codePoint === SPACE)

/** Whether the caret is at the beginning of an empty row, below one that is full. */
const isLate = ({ edges, nextColumn }: WrapRule, { caret, rows }: PredictedScreen.PredictedScreen): boolean => {
  const above = rows[caret.row - 1]
  const cells = rows[caret.row] as Row.Row
  if (above === undefined || caret.column !== nextColumn) return false
  return PredictedScreen.isFree(cells, edges[0], edges[1]) || (edges[0] === 0 && PredictedScreen.isFiller(cells))
}

/** The screen after a character that wraps; `undefined` if it cannot be computed. */
export const put = (
  rule: WrapRule,
  screen: PredictedScreen.PredictedScreen,
  line: Line.Line,
  codePoint: number,
  width: 1 | 2
): PredictedScreen.PredictedScreen | undefined => {
  const { edges, nextColumn, kind } = rule
  if (kind === "lateWord" && isLate(rule, screen)) {
    const row = screen.caret.row - 1
    const above = { ...line, cells: screen.rows[row] as Row.Row, column: edges[1] }
    const from = codePoint === SPACE ? edges[1] : wordStart(above)
    return from === undefined
      ? undefined
      : carry(
          PredictedScreen.moveToRow(PredictedScreen.cleared(screen), screen.caret.row, nextColumn),
          above,
          from,
          rule,
          codePoint,
          width
        )
  }
  if (kind === "fill") return opened(PredictedScreen.put(screen, codePoint, width, undefined), rule)
  if (kind === "lateWord") {
    if (screen.caret.softwareCursor || screen.caret.row + 1 >= screen.rows.length) return undefined
    const filled = PredictedScreen.put(screen, codePoint, width, undefined)
    return PredictedScreen.moveToRow(filled, screen.caret.row + 1, nextColumn)
  }
  const from = kind === "word" ? wordStart(line) : line.column
  const next = from === undefined ? undefined : opened(screen, rule)
  return from === undefined || next === undefined ? undefined : carry(next, line, from, rule, codePoint, width)
}

/** Moves the text of `line`, the row above the caret's, from a column on to the caret, and puts a character after it. */
const carry = (
  screen: PredictedScreen.PredictedScreen,
  { cells, column }: Line.Line,
  from: number,
  { edges, nextColumn }: WrapRule,
  codePoint: number,
  width: 1 | 2
): PredictedScreen.PredictedScreen | undefined => {
  const { caret } = screen
  const at = nextColumn + column - from
  const full = screen.rows[caret.row - 1]
  if (full === undefined || at + width >= edges[1]) return undefined
  const above = new RowEditor(full)
  const below = new RowEditor(PredictedScreen.row(screen))
  for (let x = from; x < column; x++) if (!isRightHalf(cells, x)) below.copy(nextColumn + x - from, cells, x)
  above.erase(from, column, 0)
  below.put(at, codePoint, width, Row.rendition(cells, column === 0 ? 0 : PredictedScreen.leftOf(cells, column)))
  const rows = screen.rows.with(caret.row - 1, above.row()).with(caret.row, below.row())
  return { rows, caret: { ...caret, column: at + width } }
}

const isRightHalf = (cells: Row.Row, column: number): boolean => cells.words[column * Cell.WORDS] === Cell.RIGHT_HALF

/** The column where the word that ends at the caret begins; `undefined` if the line has no other text. */
export const wordStart = (line: Line.Line): number | undefined => {
  const edge = Line.leftEdge(line)
  let at = line.column
  while (at > edge && !Row.isBlank(line.cells, at - 1)) at--
  for (let x = edge; x < at; x++) if (!Row.isBlank(line.cells, x)) return at
  return undefined
}

/** Moves the caret to the beginning of the next row: an empty one, or one that a box makes room for. */
const opened = (
  screen: PredictedScreen.PredictedScreen,
  { edges: [from, to], nextColumn }: WrapRule
): PredictedScreen.PredictedScreen | undefined => {
  const next = PredictedScreen.toNextRow(screen, nextColumn, from, to)
  if (next !== undefined) return next
  return !screen.caret.softwareCursor && isBox(PredictedScreen.row(screen), from, to)
    ? grown(screen, from, to, nextColumn)
    : undefined
}

/** Whether a line is in a box that has nothing beside it. */
const isBox = (cells: Row.Row, from: number, to: number): boolean =>
  from > 0 &&
  to < Row.columns(cells) &&
  PredictedScreen.isFree(cells, 0, from - 1) &&
  PredictedScreen.isFree(cells, to + 1, Row.columns(cells))

/** Lets a box grow down into a free row; without one it grows up. */
const grown = (
  { caret, rows }: PredictedScreen.PredictedScreen,
  from: number,
  to: number,
  nextColumn: number
): PredictedScreen.PredictedScreen => {
  const editor = new RowEditor(rows[caret.row] as Row.Row)
  editor.erase(from, to, 0)
  const free = rows.findIndex((cells, y) => y > caret.row + 1 && PredictedScreen.isFree(cells, 0, Row.columns(cells)))
  const [above, below] = [rows.slice(0, caret.row + 1), rows.slice(caret.row + 1)]
  if (free < 0) return { rows: [...above.slice(1), editor.row(), ...below], caret: { ...caret, column: nextColumn } }
  below.splice(free - caret.row - 1, 1)
  return { rows: [...above, editor.row(), ...below], caret: { ...caret, row: caret.row + 1, column: nextColumn } }
}
