/**
 * The line that a person edits, as far as a screen tells: where its text begins and ends, in one row.
 *
 * A screen does not say which of its cells are the line. What stands right of the caret after two blanks (a prompt on
 * the right, the next column of a form) or after a box's wall is taken not to belong to it.
 */
import * as Cell from "../terminal/Cell.ts"
import * as Row from "../terminal/Row.ts"
import * as Draft from "./Draft.ts"

export interface Line extends Ends {
  readonly cells: Row.Row
  /** The caret's column. */
  readonly column: number
}

/** What has been learned of where a line begins and ends. */
export interface Ends {
  /** Where the text begins, if known: what stands before it is a prompt. */
  readonly home: number | undefined
  /** Where what a shell suggests begins, behind the text; `undefined` when there is no suggestion. */
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

/** Blank, and so is what follows: nothing, a wall, or a second blank. */
const isGap = (cells: Row.Row, column: number): boolean =>
  Row.isBlank(cells, column) &&
  (column + 1 >= Row.columns(cells) || Row.isBlank(cells, column + 1) || isWall(cells, column + 1))

/** How many columns are free right of the text, up to a wall or, where there is none, the end of the row. */
export const room = (line: Line): { readonly columns: number; readonly wall: boolean } => {
  const { cells } = line
  const from = tailEnd(line)
  const width = Row.columns(cells)
  let at = from
  while (at < width && Row.isBlank(cells, at)) at++
  return at < width && isWall(cells, at) ? { columns: at - from, wall: true } : { columns: width - from, wall: false }
}

/** The first column between the walls that the caret stands between, or of the row. */
export const leftEdge = ({ cells, column }: Line): number => {
  let at = column
  while (at > 0 && !isWall(cells, at - 1)) at--
  return at
}

/** The column after the last one between those walls. */
export const rightEdge = ({ cells, column }: Line): number => {
  let at = column
  while (at < Row.columns(cells) && !isWall(cells, at)) at++
  return at
}

/** Vertical lines of box drawing, and block elements that full-screen programs frame their boxes with. */
export const isWall = ({ words }: Row.Row, column: number): boolean => {
  const codePoint = Cell.codePointOf(words[column * Cell.WORDS] ?? 0)
  return (
    (codePoint >= 0x2500 && codePoint <= 0x257f && codePoint !== 0x2500 && codePoint !== 0x2501) ||
    (codePoint >= 0x2589 && codePoint <= 0x2590)
  )
}

/** Whether the caret stands where nothing can be taken away on its left: at the row's beginning, or at a wall. */
export const isAtStart = ({ cells, column }: Line): boolean => column === 0 || isWall(cells, column - 1)

/** Whether something stands before the line's text that tells a person to type. */
export const hasPrompt = ({ cells, home }: Line): boolean => {
  for (let at = 0; at < (home ?? 0); at++) if (!Row.isBlank(cells, at)) return true
  return false
}

/**
 * Where the word left of the caret begins; words are runs of what `isPart` holds for. `undefined` when it may begin in
 * another row.
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

/** Everything but blanks. */
export const isInk = (cells: Row.Row, column: number): boolean => !Row.isBlank(cells, column)

/** The column that the character left of the caret begins at. */
export const before = ({ cells, column }: Line): number => Draft.leftOf(cells, column)
