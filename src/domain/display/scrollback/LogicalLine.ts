/**
 * A logical line: text that a program printed without a line end, which a screen shows in one row or in several that wrap.
 */
import * as Cell from "../../terminal/Cell.ts"
import * as Row from "../../terminal/Row.ts"

/**
 * The rows of a logical line on a screen of `columns` columns. Every row but the last wraps, where its last cell holds a
 * character; the last one never does. Rows that have the width already are returned as they are.
 *
 * `rows` are the line's rows on a screen of any width, of which all but the last wrap.
 */
export const reflow = (rows: ReadonlyArray<Row.Row>, columns: number): ReadonlyArray<Row.Row> => {
  if (rows.every((row) => Row.columns(row) === columns)) {
    return rows.map((row, y) => (y === rows.length - 1 ? Row.asBottom(row) : row))
  }
  const target = new Reflow(columns)
  for (const row of rows) target.append(row)
  return target.finish()
}

/** Number of cells up to the last one that was drawn: what a terminal that re-wraps lines takes for the row's length. */
export const drawnLength = ({ words }: Row.Row): number => {
  let length = words.length / Cell.WORDS
  while (length > 0 && isUndrawn(words, (length - 1) * Cell.WORDS)) length--
  return length
}

const isUndrawn = (words: Uint32Array, at: number): boolean =>
  words[at] === Cell.EMPTY && words[at + Cell.BACKGROUND] === 0

/** Cuts the cells of a line into rows. */
class Reflow {
  private readonly columns: number
  private readonly rows: Array<Row.Row> = []
  private words: Uint32Array
  private clusters: Map<number, string> | undefined
  private links: Map<number, NonNullable<ReturnType<typeof Row.rendition>["link"]>> | undefined
  private column = 0

  constructor(columns: number) {
    this.columns = columns
    this.words = Row.blank(columns).words.slice()
  }

  append(row: Row.Row): void {
    const end = row.wraps ? Row.columns(row) : drawnLength(row)
    for (let x = 0; x < end;) {
      const at = x * Cell.WORDS
      const width = Math.max(1, Cell.widthOf(row.words[at] ?? 0))
      if (width > this.columns) {
        x += width
        continue
      }
      if (this.column + width > this.columns) this.next(true)
      this.words.set(row.words.subarray(at, at + width * Cell.WORDS), this.column * Cell.WORDS)
      this.copyBeside(row, x, width)
      this.column += width
      x += width
    }
  }

  finish(): ReadonlyArray<Row.Row> {
    this.next(false)
    return this.rows
  }

  private copyBeside(row: Row.Row, from: number, width: number): void {
    const cluster = row.clusters?.get(from)
    if (cluster !== undefined) (this.clusters ??= new Map()).set(this.column, cluster)
    for (let x = 0; x < width; x++) {
      const link = row.links?.get(from + x)
      if (link !== undefined) (this.links ??= new Map()).set(this.column + x, link)
    }
  }

  private next(continues: boolean): void {
    const { clusters, columns, links, words } = this
    // A wide character that did not fit left the last cell empty: such a row cannot be made to wrap.
    const wraps = continues && words[(columns - 1) * Cell.WORDS] !== Cell.EMPTY
    this.rows.push({ words, wraps, clusters, links })
    this.words = Row.blank(columns).words.slice()
    this.clusters = this.links = undefined
    this.column = 0
  }
}
