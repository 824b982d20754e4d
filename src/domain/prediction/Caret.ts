/**
 * Where the next character will appear: at the terminal's cursor, or at a software cursor.
 *
 * Many full-screen programs hide the terminal's cursor and draw one themselves: a single inverse cell.
 */
import * as Cell from "../terminal/Cell.ts"
import type { Frame } from "../terminal/Frame.ts"
import { INVERSE } from "../terminal/Rendition.ts"
import type { Row } from "../terminal/Row.ts"

export interface Caret {
  readonly row: number
  readonly column: number
  /** Whether the program draws it as an inverse cell; otherwise it is the terminal's cursor. */
  readonly softwareCursor: boolean
}

/**
 * The caret of a frame; `undefined` if there is none, or several that may be it. A software cursor in the row `near` has
 * precedence over those in other rows.
 */
export const of = (frame: Frame, near: number): Caret | undefined => {
  const { cursor } = frame
  if (cursor.visible) return { row: cursor.row, column: cursor.column, softwareCursor: false }
  const nearby = frame.rows[near]
  const there = nearby === undefined ? undefined : inverseIn(nearby)
  if (there !== undefined) return there < 0 ? undefined : { row: near, column: there, softwareCursor: true }
  let found: Caret | undefined
  for (const [row, cells] of frame.rows.entries()) {
    const column = inverseIn(cells)
    if (column === undefined) continue
    if (column < 0 || found !== undefined) return undefined
    found = { row, column, softwareCursor: true }
  }
  return found
}

/** The column of a row's only inverse character; -1 if there are several, `undefined` if there is none. */
const inverseIn = ({ words }: Row): number | undefined => {
  let found: number | undefined
  for (let at = 0; at < words.length; at += Cell.WORDS) {
    if (((words[at + Cell.FOREGROUND] ?? 0) & INVERSE) === 0 || words[at] === Cell.RIGHT_HALF) continue
    if (found !== undefined) return -1
    found = at / Cell.WORDS
  }
  return found
}

/** The code point left of the caret; 0 if there is none. */
export const leftCodePoint = (frame: Frame, { row, column }: Caret): number => {
  const cells = frame.rows[row]
  if (cells === undefined || column === 0) return 0
  return Cell.codePointOf(
    cells.words[
      (column >= 2 && cells.words[(column - 1) * Cell.WORDS] === Cell.RIGHT_HALF ? column - 2 : column - 1) * Cell.WORDS
    ] ?? 0
  )
}
