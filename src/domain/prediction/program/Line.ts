/**
 * The line that the user edits: where its text begins and ends in the caret's row.
 *
 * A screen does not tell which of its cells are the line. Text right of the caret after two blanks (a prompt on the right,
 * the next column of a form) or after the wall of a box is assumed not to belong to it.
 */
import * as Cell from "../../terminal/Cell.ts"
import * as Row from "../../terminal/Row.ts"
import * as PredictedScreen from "../PredictedScreen.ts"

export interface Line extends Bounds {
  readonly cells: Row.Row
  /** The caret's column. */
  readonly column: number
}

/** Where the text of a line begins and ends, as far as that was learned. */
export interface Bounds {
  /** The column where the text begins, after the prompt; `undefined` if unknown. */
  readonly home: number | undefined
  /** The column where a shell's suggestion begins, after the text; `undefined` if there is none. */
  readonly suggestion: number | undefined
}

/** Whether the characters right of the caret are the line's own. */
export const hasTail = (line: Line): boolean => tailEnd(line) > line.column

/** The column after the text that follows the caret without a gap; the caret's column when there is none. */
export const tailEnd = ({ cells, column, suggestion }: Line): number => {
  const end = Math.min(suggestion ?? Infinity, Row.columns(cells))
  let at = column
  while (at < end && !isWall(cells, at) && !isGap(cells, at)) at++
  return Math.max(at, column)
}

/** Whether a blank ends the text: the end of the row, a wall or a second blank follows. */
const isGap = (cells: Row.Row, column: number): boolean =>
  Row.isBlank(cells, column) &&
  (column + 1 >= Row.columns(cells) || Row.isBlank(cells, column + 1) || isWall(cells, column + 1))

/** How many columns are free right of the text, up to a wall or the end of the row. */
export const room = (line: Line): { readonly columns: number; readonly wall: boolean } => {
  const { cells } = line
  const from = tailEnd(line)
  const width = Row.columns(cells)
  let at = from
  while (at < width && Row.isBlank(cells, at)) at++
  return at < width && isWall(cells, at) ? { columns: at - from, wall: true } : { columns: width - from, wall: false }
}

/** The column after the wall left of the caret; 0 without one. */
export const leftEdge = ({ cells, column }: Line): number => {
  let at = column
  while (at > 0 && !isWall(cells, at - 1)) at--
  return at
}

/** The column of the wall right of the caret; the width of the row without one. */
export const rightEdge = ({ cells, column }: Line): number => {
  let at = column
  while (at < Row.columns(cells) && !isWall(cells, at)) at++
  return at
}

/** Whether a cell holds a vertical line of a box, or a block element that full-screen programs frame boxes with. */
export const isWall = ({ words }: Row.Row, column: number): boolean => {
  const codePoint = Cell.codePointOf(words[column * Cell.WORDS] ?? 0)
  return (
    (codePoint >= 0x2500 && codePoint <= 0x257f && codePoint !== 0x2500 && codePoint !== 0x2501) ||
    (codePoint >= 0x2589 && codePoint <= 0x2590)
  )
}

/** Whether the caret is at the beginning of the row, or right of a wall. */
export const isAtStart = ({ cells, column }: Line): boolean => column === 0 || isWall(cells, column - 1)

/** Whether there is a prompt before the line's text. */
export const hasPrompt = ({ cells, home }: Line): boolean => {
  for (let at = 0; at < (home ?? 0); at++) if (!Row.isBlank(cells, at)) return true
  return false
}

/**
 * The column where the word left of the caret begins; `undefined` if it may begin in another row. Words are runs of
 * cells that `isPart` accepts.
 */
export const wordStart = (line: Line, isPart: (cells: Row.Row, column: number) => boolean): number | undefined => {
  const least = line.home ?? 0
  let at = line.column
  while (at > least && !isPart(line.cells, at - 1)) at--
  while (at > least && isPart(line.cells, at - 1)) at--
  return at === 0 && line.home === undefined ? undefined : at
}

/** The column after the word right of the caret. */
export const wordEnd = (line: Line, isPart: (cells: Row.Row, column: number) => boolean): number => {
  const end = tailEnd(line)
  let at = line.column
  while (at < end && !isPart(line.cells, at)) at++
  while (at < end && isPart(line.cells, at)) at++
  return at
}

/** The column of the word after the one that the caret is in. */
export const nextWord = (line: Line, isPart: (cells: Row.Row, column: number) => boolean): number => {
  const end = tailEnd(line)
  let at = line.column
  while (at < end && isPart(line.cells, at)) at++
  while (at < end && !isPart(line.cells, at)) at++
  return at
}

/** Letters and digits. */
export const isAlphanumeric = (cells: Row.Row, column: number): boolean => {
  const glyph = cells.words[column * Cell.WORDS] ?? 0
  return glyph === Cell.RIGHT_HALF || /[\p{L}\p{N}]/u.test(Row.text(cells, column))
}

/** Whether a cell is not blank. */
export const isInk = (cells: Row.Row, column: number): boolean => !Row.isBlank(cells, column)

/** The column where the character left of the caret begins. */
export const before = ({ cells, column }: Line): number => PredictedScreen.leftOf(cells, column)
