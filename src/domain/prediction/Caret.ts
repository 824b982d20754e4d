/**
 * Where the next character will appear: at the cursor, or at what a program paints in its place.
 *
 * Many full-screen programs hide the cursor and draw one of their own: a single inverse cell.
 */
import * as Cell from "../terminal/Cell.ts"
import type { Frame } from "../terminal/Frame.ts"
import { INVERSE } from "../terminal/Rendition.ts"
import type { Row } from "../terminal/Row.ts"

export interface Caret {
  readonly row: number
  readonly column: number
  /** Drawn by the program as an inverse cell; otherwise it is the terminal's cursor. */
  readonly painted: boolean
}

/**
 * The caret of a frame; `undefined` when there is none, or no telling which one it is. Of several painted ones, that in
 * the row `near` is meant.
 */
export const of = (frame: Frame, near: number): Caret | undefined => {
  const { cursor } = frame
  if (cursor.visible) return { row: cursor.row, column: cursor.column, painted: false }
  const nearby = frame.rows[near]
  const there = nearby === undefined ? undefined : paintedIn(nearby)
  if (there !== undefined) return there < 0 ? undefined : { row: near, column: there, painted: true }
  let found: Caret | undefined
  for (const [row, cells] of frame.rows.entries()) {
    const column = paintedIn(cells)
    if (column === undefined) continue
    if (column < 0 || found !== undefined) return undefined
    found = { row, column, painted: true }
  }
  return found
}

/** The column of a row's only inverse character that stands alone; -1 when there are several or it is a longer stretch. */
const paintedIn = ({ words }: Row): number | undefined => {
  let found: number | undefined
  for (let at = 0; at < words.length; at += Cell.WORDS) {
    if (((words[at + Cell.FOREGROUND] ?? 0) & INVERSE) === 0 || words[at] === Cell.RIGHT_HALF) continue
    if (found !== undefined) return -1
    found = at / Cell.WORDS
  }
  return found
}

/** The character left of the caret; 0 when there is none. */
export const leftCodePoint = (frame: Frame, { row, column }: Caret): number => {
  const cells = frame.rows[row]
  if (cells === undefined || column === 0) return 0
  return Cell.codePointOf(
    cells.words[
      (column >= 2 && cells.words[(column - 1) * Cell.WORDS] === Cell.RIGHT_HALF ? column - 2 : column - 1) * Cell.WORDS
    ] ?? 0
  )
}
