/**
 * Whether the shell may have been ordered not to show what is typed: after `stty -echo`, readline hides the command line, and
 * its terminal looks to the kernel as always.
 */
import * as Row from "../../terminal/Row.ts"
import type * as PredictedScreen from "../PredictedScreen.ts"

/** Rows above the caret's in which the command may stand: a prompt may have several, and the command wraps. */
const ROWS = 4
const COMMAND = "stty"

/** Whether the command that switches echo off is in the rows above the caret's. */
export const isNear = ({ caret, rows }: PredictedScreen.PredictedScreen): boolean => {
  let text = ""
  for (const row of rows.slice(Math.max(0, caret.row - ROWS), caret.row))
    for (let x = 0; x < Row.columns(row); x++) text += Row.isBlank(row, x) ? " " : Row.text(row, x)
  return text.includes(COMMAND)
}
