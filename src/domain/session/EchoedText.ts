/**
 * Whether a screen shows typed text as an echo does: left of the cursor.
 *
 * It may be there by chance, so this decides only how soon something is sent.
 */
import type { Frame } from "../terminal/Frame.ts"
import * as Row from "../terminal/Row.ts"

const encoder = new TextEncoder()

/** Whether `typed` ends with the character left of the cursor. */
export const shows = ({ cursor, rows }: Frame, typed: Uint8Array): boolean => {
  const row = rows[cursor.row]
  if (row === undefined || cursor.column === 0) return false
  // A wide character has its text in the left one of its cells.
  const text = Row.text(row, cursor.column - 1) || Row.text(row, cursor.column - 2)
  const bytes = encoder.encode(text)
  const from = typed.length - bytes.length
  return bytes.length > 0 && from >= 0 && bytes.every((byte, i) => typed[from + i] === byte)
}
