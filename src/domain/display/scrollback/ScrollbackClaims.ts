/**
 * Rows of the screen that a terminal moved into its history by itself, because it was resized.
 *
 * When the server scrolls such a row off its screen, the terminal has it already. A row is claimed only if the terminal
 * certainly has it: a row claimed wrongly is lost, a row not claimed appears twice.
 */
import type { Frame, Size } from "../../terminal/Frame.ts"
import * as Row from "../../terminal/Row.ts"
import * as LogicalLine from "./LogicalLine.ts"

/** A row in the terminal's history that is still on the server's screen. */
export interface Claim {
  /** Its number, as of `ScreenPosition`. */
  readonly number: number
  readonly row: Row.Row
}

/** Claims in order, with consecutive numbers. */
export type Claims = ReadonlyArray<Claim>

export const NONE: Claims = []

/** What a terminal did to its screen when it was resized. */
export type Moved =
  /** It moved rows of the screen into its history: `rows` of those that were painted. */
  | { readonly _tag: "Pushed"; readonly rows: number }
  /** It moved `lines` rows of its history onto the screen. */
  | { readonly _tag: "Pulled"; readonly lines: number }

/** How a terminal was resized. */
export interface Resizing {
  /** What was painted before. */
  readonly shown: Frame
  /** The new width. */
  readonly columns: number
  /** The row of the cursor now, from 1. */
  readonly cursorRow: number
  /** Whether the terminal re-wraps lines when its width changes. */
  readonly reflows: boolean
  /** Whether the last row of the history wraps into the screen. */
  readonly continues: boolean
}

/** What a terminal did when it was resized. */
export const moved = ({ columns, continues, cursorRow, reflows, shown }: Resizing): Moved => {
  const heights = rowHeights(shown, columns, reflows)
  const expected = heights.slice(0, shown.cursor.row).reduce((sum, height) => sum + height, 0) + 1
  // The first row of the screen may begin with the end of a line in the history, re-wrapped.
  const shared = continues && reflows && columns !== shown.size.columns ? 1 : 0
  if (cursorRow + shared > expected) return { _tag: "Pulled", lines: cursorRow + shared - expected }
  let left = expected - cursorRow
  let rows = 0
  // The end of a row that is pushed in part is on the screen, where it is drawn over.
  for (; rows < heights.length && (heights[rows] as number) <= left; rows++) left -= heights[rows] as number
  return { _tag: "Pushed", rows }
}

/** How many rows of a terminal's history may be on its screen after a resize, because that got larger or its lines shorter. */
export const freedRows = ({
  reflows,
  shown,
  size
}: Pick<Resizing, "shown" | "reflows"> & { readonly size: Size }): number => {
  const rewraps = reflows && size.columns > shown.size.columns
  const heights = rewraps ? rowHeights(shown, size.columns, true) : []
  const joined = rewraps ? shown.rows.length - heights.reduce((sum, height) => sum + height, 0) : 0
  const lines = Math.max(0, size.rows - shown.size.rows) + joined
  return rewraps ? Math.ceil((lines * size.columns) / shown.size.columns) : lines
}

/** How many rows of a terminal of `columns` each painted row takes. A row that continues a line may take none. */
const rowHeights = ({ rows }: Frame, columns: number, reflows: boolean): ReadonlyArray<number> => {
  const heights: Array<number> = []
  let length = 0
  let taken = 0
  for (const row of rows) {
    length += row.wraps ? Row.columns(row) : LogicalLine.drawnLength(row)
    const total = reflows ? Math.max(1, Math.ceil(length / columns)) : taken + 1
    heights.push(total - taken)
    taken = row.wraps ? total : 0
    if (!row.wraps) length = 0
  }
  return heights
}

/** The claims after the terminal pushed the first `count` painted rows, of which the first has the number `top`. */
export const claim = (claims: Claims, shown: Frame, top: number, count: number): Claims => {
  // The terminal may have pulled rows back and pushed them again.
  if (claims.length >= count) return claims
  return shown.rows.slice(0, count).map((row, y) => ({ number: top + y, row }))
}

/** Whether a claim is for this row: the server may have cut it to a new width since. */
export const isFor = (claim: Claim | undefined, number: number, row: Row.Row): boolean => {
  if (claim === undefined || claim.number !== number) return false
  const claimed = Row.line(claim.row)
  const line = Row.line(row)
  return claimed === line || (Row.columns(row) < Row.columns(claim.row) && claimed.startsWith(line))
}
