/**
 * Inserts rows into a terminal's history above a screen that it keeps.
 *
 * A terminal moves a row into its history when a line feed scrolls a region that starts at the first row. A small region is
 * enough: each line is drawn at the top of it and scrolled out, and the rest of the screen stays. The bytes were measured
 * in eleven terminals, of which every one stored the rows exactly; other ways (`SU`, `DL`, larger regions) fail in some.
 */
import * as Cell from "../../terminal/Cell.ts"
import type { Frame } from "../../terminal/Frame.ts"
import * as Rendition from "../../terminal/Rendition.ts"
import * as Row from "../../terminal/Row.ts"
import type { Capabilities } from "../Capabilities.ts"
import * as RowPainter from "../RowPainter.ts"
import { TerminalWriter } from "../TerminalWriter.ts"

/** Bytes to write, and what the terminal's screen shows then. */
export interface Drawn {
  readonly text: string
  readonly shown: Frame
}

/** A logical line to insert. */
export interface Line {
  /** Rows of the terminal's width, at least one; all but the last wrap, and that too if it is continued. */
  readonly rows: ReadonlyArray<Row.Row>
  /**
   * The row in which the line continues: the first row of the screen that is drawn next. It is drawn, but not inserted.
   * Only the last line can have one.
   */
  readonly continuation: Row.Row | undefined
}

/**
 * Inserts lines. Some rows at the top of the screen are blank afterwards and have to be drawn again. A line of more rows than the
 * screen is inserted in parts: the first row of each is the last one drawn of the part before, so that it remains one line.
 */
export const insert = (shown: Frame, lines: ReadonlyArray<Line>, capabilities: Capabilities): Drawn => {
  const height = shown.size.rows
  const region = Math.min(height, Math.max(2, ...lines.map(rowsNeeded)))
  const writer = new TerminalWriter(capabilities, shown, shown.size.columns)
  writer.show(false)
  writer.style(Rendition.DEFAULT)
  writer.out += region === height ? "\x1b[r" : `\x1b[1;${region}r`
  writer.clearAbove(region, height)
  let continued: Row.Row | undefined
  for (const line of lines) {
    continued = undefined
    for (let from = 0; from < line.rows.length;) {
      const { length, next } = partOf(line, from, region)
      const part = line.rows.slice(from, from + length)
      // The row below is not drawn yet, so the last one does not wrap.
      const below = next === undefined ? undefined : Row.asBottom(next)
      paint(writer, below === undefined ? part : [...part, below], shown.size.columns, continued)
      writer.scrollOut(region, length)
      continued = below
      from += length
    }
  }
  // The end of a region homes the cursor.
  writer.out += "\x1b[r"
  writer.home()
  const blank = Row.blank(shown.size.columns)
  // Some terminals keep a wrap at the continuation: that of the last row of the region is erased.
  const isEntered = shown.rows[region - 1]?.wraps === true && region < height
  if (isEntered) {
    writer.move(region, 0)
    writer.erase(Infinity, 0)
  }
  const erased = isEntered ? region + 1 : region
  const rows = shown.rows.map((row, y) => (y === 0 && continued ? continued : y < erased ? blank : row))
  return { text: writer.out, shown: writer.state({ ...shown, rows }) }
}

/** Rows of a region in which a line wraps above the last row. Automatic wraps in the last row are lost in VTE. */
const rowsNeeded = ({ continuation, rows }: Line): number => rows.length + (continuation === undefined ? 1 : 2)

/**
 * How many rows of a line to draw and scroll out at once, from `from` on, and the row that is drawn below them, in which the line
 * continues: a row wraps only if the next one is inside the region, and not its last row. In a region of two rows none does.
 */
const partOf = (
  { continuation, rows }: Line,
  from: number,
  region: number
): { readonly length: number; readonly next: Row.Row | undefined } => {
  const left = rows.length - from
  if (left + (continuation === undefined ? 0 : 1) < region) return { length: left, next: continuation }
  if (region < 3) return { length: 1, next: undefined }
  const length = Math.min(left, region - 2)
  return { length, next: rows[from + length] ?? continuation }
}

/** Draws a line's rows from the top of the screen, on blank ones, of which the first may show its text already. */
const paint = (
  writer: TerminalWriter,
  rows: ReadonlyArray<Row.Row>,
  columns: number,
  first: Row.Row | undefined
): void => {
  const blank = Row.blank(columns)
  let entered = false
  for (const [y, row] of rows.entries()) {
    const bottom = y === rows.length - 1
    const before = y === 0 && first !== undefined ? first : blank
    const after = bottom ? Row.asBottom(row) : row
    const next = rows[y + 1]?.words[Cell.GLYPH] ?? Cell.EMPTY
    entered = RowPainter.paint(writer, { y, before, after, next, entered, bottom })
  }
}
