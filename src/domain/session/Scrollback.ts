/**
 * The setting for how many rows that scrolled off the screen a session keeps.
 */
import * as History from "../history/History.ts"

/**
 * Parses an environment variable that holds a whole number of rows, from 0 (none) to `History.MAX_ROWS`. `rows` is the
 * default if the variable is unset or invalid; if it is invalid, `warning` is a line for the user.
 */
export const read = (
  variable: string,
  text: string | undefined
): { readonly rows: number; readonly warning: string | undefined } => {
  const rows = History.DEFAULT_ROWS
  if (text === undefined || text === "") return { rows, warning: undefined }
  if (!/^[+-]?\d+$/.test(text)) return { rows, warning: `${variable} not a valid integer, ignoring` }
  const number = Number(text)
  if (number < 0) return { rows, warning: `${variable} is negative, ignoring` }
  if (number > History.MAX_ROWS) return { rows, warning: `${variable} is above ${History.MAX_ROWS}, ignoring` }
  return { rows: number, warning: undefined }
}
