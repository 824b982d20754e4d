/**
 * Prints tables on a terminal: a heading, columns as wide as their widest cell, numbers aligned to the right.
 */

export type Value = string | number | undefined

export interface Table {
  readonly title: string
  /** One line: what was measured, and its unit. */
  readonly note: string
  readonly columns: ReadonlyArray<string>
  readonly rows: ReadonlyArray<ReadonlyArray<Value>>
}

/** Three significant digits; a noisy machine gives no more. */
const cell = (value: Value): string =>
  value === undefined || Number.isNaN(value)
    ? "–"
    : typeof value === "string"
      ? value
      : Number.isInteger(value) || value >= 100
        ? value.toFixed(0)
        : value.toPrecision(3)

export const format = ({ title, note, columns, rows }: Table): string => {
  const cells = [columns, ...rows.map((row) => row.map(cell))]
  const widths = columns.map((_, index) => Math.max(...cells.map((row) => (row[index] ?? "").length)))
  const line = (row: ReadonlyArray<string>) =>
    row
      .map((text, index) => (index === 0 ? text.padEnd(widths[index] ?? 0) : text.padStart(widths[index] ?? 0)))
      .join("  ")
      .trimEnd()
  const rule = widths.map((width) => "-".repeat(width)).join("  ")
  const [head = [], ...body] = cells
  return [title, note, "", line(head), rule, ...body.map(line), ""].join("\n")
}

/** The ratio of `value` to `reference`. */
export const ratio = (value: number | undefined, reference: number | undefined): string | undefined =>
  value === undefined || reference === undefined ? undefined : `${(value / reference).toFixed(2)} ×`
