/**
 * The text that an echo of what was typed would add to the screen, and where: from where the cursor was.
 *
 * A program may print the same there by chance, so this decides only how soon something is sent.
 */
import * as Bytes from "effect/Bytes"
import type { Cursor, Frame } from "../terminal/Frame.ts"
import * as Row from "../terminal/Row.ts"

export interface ExpectedEcho {
  readonly row: number
  readonly column: number
  /** In UTF-8; never empty. */
  readonly text: Uint8Array
}

/** Typing without a pause that a program leaves without an echo is not kept beyond this, bytes. */
const MAX_TEXT = 64

const encoder = new TextEncoder()

/** The echo of `typed`, of which nothing is to be expected if it is empty: it contained other events than keys. */
export const at = ({ column, row }: Cursor, typed: Uint8Array): ExpectedEcho | undefined =>
  typed.length === 0 || typed.length > MAX_TEXT ? undefined : { row, column, text: typed }

/** The echo of what was expected before, followed by that of `typed`. */
export const followedBy = ({ column, row, text }: ExpectedEcho, typed: Uint8Array): ExpectedEcho | undefined =>
  typed.length === 0 || text.length + typed.length > MAX_TEXT
    ? undefined
    : { row, column, text: Bytes.concat([text, typed]) }

/** Whether the cursor is behind the whole text. A program that hides the cursor is still drawing. */
export const isShown = ({ column, row, text }: ExpectedEcho, { cursor, rows }: Frame): boolean => {
  const shown = cursor.visible && cursor.row === row ? rows[row] : undefined
  if (shown === undefined || cursor.column <= column || cursor.column > Row.columns(shown)) return false
  const bytes = encoder.encode(Row.textBetween(shown, column, cursor.column))
  return bytes.length === text.length && bytes.every((byte, i) => byte === text[i])
}
