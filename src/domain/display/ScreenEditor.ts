/**
 * A screen that is being edited: a frame's rows and cursor, and the state that ends with the host string (pending wrap,
 * scrolling region, the cell that combining marks join).
 *
 * It moves, prints, erases and scrolls exactly as stock mosh's emulator does (spec 8.2–8.5). Rows that are not written
 * keep their identity, also when they move.
 */
import * as CharWidth from "../terminal/CharWidth.ts"
import { colorOf, type Rendition } from "../terminal/Rendition.ts"
import type { Frame } from "../terminal/Frame.ts"
import * as Row from "../terminal/Row.ts"
import { RowEditor } from "../terminal/RowEditor.ts"
import * as Effort from "./Effort.ts"

export class ScreenEditor {
  pen: Rendition
  row: number
  column: number
  private readonly columns: number
  private readonly height: number
  private readonly before: ReadonlyArray<Row.Row>
  /** A copy of `before`, once something was written. */
  private rows: Array<Row.Row> | undefined
  private readonly editors: Array<RowEditor | undefined>
  private wrapPending = false
  private top = 0
  private bottom: number
  private markRow: number
  private markColumn: number
  private readonly effort: Effort.Effort
  private readonly effortLimit: number

  /** `effort` is what the instruction has cost so far; the editor adds its work. */
  constructor(frame: Frame, effort: Effort.Effort) {
    this.effort = effort
    this.effortLimit = Effort.limit(frame.size)
    this.before = frame.rows
    this.columns = frame.size.columns
    this.height = frame.size.rows
    this.editors = Array.from({ length: this.height })
    this.bottom = this.height
    this.pen = frame.pen
    this.row = this.markRow = frame.cursor.row
    this.column = this.markColumn = frame.cursor.column
  }

  /** Whether the instruction has caused as much work as is allowed. */
  get exhausted(): boolean {
    return this.effort.spent > this.effortLimit
  }

  /** Prints a character, unless its width says that it is not printed. */
  print(codePoint: number): void {
    const width = CharWidth.of(codePoint)
    if (width > 0) {
      this.effort.spent += width === 1 ? Effort.PRINT : Effort.PRINT_WIDE
      if (this.pen.link !== undefined) this.effort.spent += Effort.PRINT_LINKED
      const editor = this.advance(width)
      editor.put(this.markColumn, codePoint, width, this.pen)
    } else if (width === 0) {
      this.combine(codePoint)
    }
  }

  /** Prints a character with what is joined to it, in so many columns. */
  printCluster(text: string, columns: 1 | 2): void {
    this.effort.spent += Effort.PRINT_WIDE
    if (this.pen.link !== undefined) this.effort.spent += Effort.PRINT_LINKED
    const editor = this.advance(columns)
    editor.putCluster(this.markColumn, text, columns, this.pen)
  }

  /** Prints an empty cell: the cursor moves as for a character of width 1, and the cell shows only its background. */
  printEmpty(): void {
    this.effort.spent += Effort.PRINT
    this.advance(1).erase(this.markColumn, this.markColumn + 1, this.pen.background)
  }

  lineFeed(): void {
    if (this.row === this.bottom - 1) this.scroll(this.top, this.bottom, 1)
    else if (this.row < this.height - 1) this.row++
    this.moved()
  }

  /** Moves the cursor, as far as the screen goes. */
  move(row: number, column: number): void {
    this.row = Math.max(0, Math.min(this.height - 1, row))
    this.column = Math.max(0, Math.min(this.columns - 1, column))
    this.moved()
  }

  /** Cancels a pending wrap, as nearly every control does. */
  settle(): void {
    this.wrapPending = false
  }

  /** Erases in the cursor's row, from one column up to another. */
  erase(from: number, to: number): void {
    this.effort.spent += Math.min(to, this.columns) - from
    this.edit(this.row).erase(from, to, this.pen.background)
  }

  /** Blanks the rows from one up to another. */
  clear(from: number, to: number): void {
    const blank = this.blank()
    const rows = this.writable()
    this.effort.spent += to - from
    for (let y = from; y < to; y++) {
      rows[y] = blank
      this.editors[y] = undefined
    }
  }

  /**
   * Sets the scrolling region (rows from `top` up to `bottom`) and homes the cursor. An impossible region is ignored.
   */
  setRegion(top: number, bottom: number): void {
    if (bottom <= top + 1 || top >= this.height) return
    this.top = top
    this.bottom = Math.min(bottom, this.height)
    this.move(0, 0)
  }

  /** Inserts blank lines at the cursor's row (IL), or deletes lines when `count` is negative (DL), within the region. */
  insertLines(count: number): void {
    if (this.row < this.top || this.row >= this.bottom) return
    this.scroll(this.row, this.bottom, -count)
    this.move(this.row, 0)
  }

  /** The edited rows; the original array if nothing was written. The editor must not be used afterwards. */
  finish(): ReadonlyArray<Row.Row> {
    const { before, editors, rows } = this
    if (rows === undefined) return before
    let same = true
    for (let y = 0; y < rows.length; y++) {
      const editor = editors[y]
      if (editor !== undefined) rows[y] = editor.row()
      if (y === rows.length - 1) rows[y] = Row.asBottom(rows[y] as Row.Row)
      if (rows[y] !== before[y]) same = false
    }
    return same ? before : rows
  }

  /**
   * Makes room for a character of a width at the cursor, and moves the cursor behind it. Returns the row to write the
   * character in; its column is `markColumn`.
   */
  private advance(width: number): RowEditor {
    if (this.wrapPending) {
      this.edit(this.row).wraps = true
      this.column = 0
      this.lineFeed()
    } else if (width === 2 && this.column === this.columns - 1) {
      this.erase(this.column, this.columns)
      this.column = 0
      this.lineFeed()
    }
    this.markRow = this.row
    this.markColumn = this.column
    this.column += width
    if (this.column >= this.columns) {
      this.column = this.columns - 1
      this.wrapPending = true
    }
    return this.edit(this.row)
  }

  private combine(codePoint: number): void {
    const editor = this.edit(this.markRow)
    this.effort.spent += editor.hasMarks(this.markColumn) ? Effort.MARK : Effort.FIRST_MARK
    const stoodAlone = editor.combine(this.markColumn, codePoint)
    if (stoodAlone && this.markRow === this.row && this.markColumn === this.column) {
      this.column = Math.min(this.column + 1, this.columns - 1)
      this.wrapPending = this.markColumn === this.columns - 1
    }
  }

  private moved(): void {
    this.wrapPending = false
    this.markRow = this.row
    this.markColumn = this.column
  }

  /** Moves the rows from `top` up to `bottom` up by `count` (down when negative), and blanks those left behind. */
  private scroll(top: number, bottom: number, count: number): void {
    const rows = this.writable()
    const { editors } = this
    const by = Math.max(top - bottom, Math.min(bottom - top, count))
    this.effort.spent += bottom - top
    if (by > 0) {
      for (let y = top; y < bottom - by; y++) {
        rows[y] = rows[y + by] as Row.Row
        editors[y] = editors[y + by]
      }
      this.clear(bottom - by, bottom)
    } else {
      for (let y = bottom - 1; y >= top - by; y--) {
        rows[y] = rows[y + by] as Row.Row
        editors[y] = editors[y + by]
      }
      this.clear(top, top - by)
    }
  }

  private blank(): Row.Row {
    if (colorOf(this.pen.background) !== 0) this.effort.spent += Effort.RESIZED_CELL * this.columns
    return Row.blank(this.columns, colorOf(this.pen.background))
  }

  private writable(): Array<Row.Row> {
    return (this.rows ??= this.before.slice())
  }

  private edit(row: number): RowEditor {
    const present = this.editors[row]
    if (present !== undefined) return present
    this.effort.spent += this.columns
    return (this.editors[row] = new RowEditor(this.writable()[row] as Row.Row))
  }
}
