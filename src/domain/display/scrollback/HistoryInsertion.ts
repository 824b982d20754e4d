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
 * Inserts lines. Some rows at the top of the screen are blank afterwards and have to be drawn again. A line of as many rows
 * as the screen, or more, is cut.
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
    const longest = Math.max(1, region - 1)
    for (let from = 0; from < line.rows.length; from += longest) {
      const part = line.rows.slice(from, from + longest)
      const isLast = from + longest >= line.rows.length
      // A row wraps only if the next one is inside the region.
      const isContinued = isLast && line.continuation !== undefined && part.length + 1 < region
      // The row below is not drawn yet, so the last one does not wrap.
      continued = isContinued ? Row.asBottom(line.continuation as Row.Row) : undefined
      paint(writer, continued === undefined ? part : [...part, continued], shown.size.columns)
      writer.scrollOut(region, part.length)
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

/** Draws a line's rows on blank ones from the top of the screen. */
const paint = (writer: TerminalWriter, rows: ReadonlyArray<Row.Row>, columns: number): void => {
  const blank = Row.blank(columns)
  let entered = false
  for (const [y, row] of rows.entries()) {
    const bottom = y === rows.length - 1
    const after = bottom ? Row.asBottom(row) : row
    const next = rows[y + 1]?.words[Cell.GLYPH] ?? Cell.EMPTY
    entered = RowPainter.paint(writer, { y, before: blank, after, next, entered, bottom })
  }
}
