/**
 * Whether a screen shows something else altogether: a program took it over, left it, or turned a page.
 */
import type { Frame } from "../terminal/Frame.ts"
import type { Row } from "../terminal/Row.ts"

/** Whether hardly a row of `before` is left in `after`, wherever it is now. */
export const isAnother = (before: Frame, after: Frame): boolean => {
  const { rows } = before
  let changed = 0
  for (let y = 0; y < rows.length; y++) if (rows[y] !== after.rows[y]) changed++
  if (changed * 2 < rows.length) return false
  const left = new Set<Row>(after.rows)
  const kept = new Set<Row>()
  for (const row of rows) if (left.has(row)) kept.add(row)
  return kept.size * 4 < new Set(rows).size
}
