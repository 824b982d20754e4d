/**
 * The text on a screen.
 */
import type { Frame } from "../../../src/domain/terminal/Frame.ts"
import * as Row from "../../../src/domain/terminal/Row.ts"

/** A row's text, without trailing blanks. */
export const rowText = (frame: Frame, y: number): string => {
  const row = frame.rows[y]
  if (row === undefined) return ""
  let text = ""
  for (let column = 0; column < frame.size.columns; column++) text += Row.text(row, column) || " "
  return text.trimEnd()
}
