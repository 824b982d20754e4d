/**
 * A program, a server and a terminal for tests of `NativeScrollback`: what the program prints is numbered as a server does it,
 * and the terminal is `@xterm/headless` with a history.
 */
import xterm from "@xterm/headless"
import * as FramePatch from "../../src/domain/display/FramePatch.ts"
import * as NativeScrollback from "../../src/domain/display/scrollback/NativeScrollback.ts"
import type { HistoryEntry } from "../../src/domain/display/scrollback/OwedRows.ts"
import type { Millis } from "../../src/domain/Machine.ts"
import * as Frame from "../../src/domain/terminal/Frame.ts"
import * as Rendition from "../../src/domain/terminal/Rendition.ts"
import * as Row from "../../src/domain/terminal/Row.ts"
import { RowEditor } from "../../src/domain/terminal/RowEditor.ts"

/** A server's screen: prints, and numbers the rows that scroll off. */
export class Server {
  size: Frame.Size
  /** Rows that scrolled off, by number. */
  readonly history: Array<Row.Row> = []
  first = 0
  private rows: ReadonlyArray<Row.Row>
  private hidden: { rows: ReadonlyArray<Row.Row>; row: number; column: number } | undefined
  private row = 0
  private column = 0

  constructor(size: Frame.Size) {
    this.size = size
    this.rows = Frame.blank(size).rows
  }

  /** Prints text, which wraps; `\n` ends a line. */
  print(text: string, pen: Rendition.Rendition = Rendition.DEFAULT): void {
    for (const character of text) {
      if (character === "\n") {
        this.column = 0
        this.feed()
        continue
      }
      if (this.column === this.size.columns) {
        this.edit(this.row, (editor) => (editor.wraps = true))
        this.column = 0
        this.feed()
      }
      this.edit(this.row, (editor) => (this.column = editor.write(this.column, character, pen)))
    }
  }

  /** Writes over part of a row, without moving the cursor. */
  overwrite(row: number, column: number, text: string): void {
    this.edit(row % this.size.rows, (editor) => editor.write(column % this.size.columns, text, Rendition.DEFAULT))
  }

  clear(): void {
    this.rows = Frame.blank(this.size).rows
    this.row = this.column = 0
  }

  /** Erases the screen, whose written rows enter the history. */
  erase(): void {
    this.history.push(...this.rows.slice(0, this.rows.findLastIndex((row) => Row.line(row) !== "") + 1))
    this.clear()
  }

  eraseHistory(): void {
    this.first = this.history.length
  }

  alternate(on: boolean): void {
    if (on === (this.hidden !== undefined)) return
    if (on) {
      this.hidden = { rows: this.rows, row: this.row, column: this.column }
      return this.clear()
    }
    const { column, row, rows } = this.hidden as NonNullable<typeof this.hidden>
    this.hidden = undefined
    this.rows = rows
    this.row = row
    this.column = column
  }

  resize(size: Frame.Size): void {
    if (this.hidden !== undefined) {
      const alternate = this.fitted(this.rows, this.row, size, false)
      const primary = this.fitted(this.hidden.rows, this.hidden.row, size, true)
      this.hidden = { ...this.hidden, ...primary }
      this.rows = alternate.rows
      this.row = alternate.row
    } else {
      const { row, rows } = this.fitted(this.rows, this.row, size, true)
      this.rows = rows
      this.row = row
    }
    this.size = size
    this.column = Math.min(this.column, size.columns)
  }

  picture(): NativeScrollback.Picture {
    const blank = Frame.blank(this.size)
    const screen = {
      ...blank,
      rows: this.rows,
      cursor: { ...blank.cursor, row: this.row, column: Math.min(this.column, this.size.columns - 1) }
    }
    const position = { top: this.history.length, first: this.first, alternate: this.hidden !== undefined }
    return { frame: screen, screen, position }
  }

  private edit(y: number, change: (editor: RowEditor) => void): void {
    this.rows = this.rows.map((row, i) => {
      if (i !== y) return row
      const editor = new RowEditor(row)
      change(editor)
      return i === this.size.rows - 1 && this.row !== i ? Row.asBottom(editor.row()) : editor.row()
    })
  }

  private feed(): void {
    if (this.row < this.size.rows - 1) {
      this.row++
      return
    }
    if (this.hidden === undefined) this.history.push(this.rows[0] as Row.Row)
    this.rows = [...this.rows.slice(1), Row.blank(this.size.columns)]
  }

  private fitted(rows: ReadonlyArray<Row.Row>, row: number, size: Frame.Size, keeps: boolean) {
    const above = Math.max(0, row + 1 - size.rows)
    if (keeps) this.history.push(...rows.slice(0, above))
    const blank = Frame.blank({ columns: this.size.columns, rows: rows.length - above })
    return { rows: FramePatch.resize({ ...blank, rows: rows.slice(above) }, size).rows, row: row - above }
  }
}

/** A terminal with a history, driven by a machine in virtual time. */
export class Terminal {
  state: NativeScrollback.NativeScrollback
  now = 0
  readonly xterm: xterm.Terminal
  /** Everything that was written. */
  written = ""

  constructor(options: NativeScrollback.InitialOptions, before = "") {
    this.state = NativeScrollback.initial(options)
    this.xterm = new xterm.Terminal({
      cols: options.size.columns,
      rows: options.size.rows,
      allowProposedApi: true,
      scrollback: 100_000
    })
    if (before !== "") this.write(before)
  }

  offer(input: NativeScrollback.Input): void {
    const [state, outputs] = NativeScrollback.machine.step(this.state, input, this.now)
    this.state = state
    for (const output of outputs) {
      this.write(output.text)
      if (output._tag === "AskCursor") this.answer()
    }
  }

  /** Lets time pass until nothing is due. */
  settle(): void {
    for (let turn = 0; turn < 10_000; turn++) {
      const due = NativeScrollback.machine.deadline(this.state)
      if (due === Infinity) return
      this.now = Math.max(this.now, due)
      this.offer({ _tag: "Tick" })
    }
    throw new Error("The machine never comes to rest.")
  }

  resize(size: Frame.Size): void {
    this.change(size)
    this.notice()
  }

  /** The terminal is resized, and the machine does not know yet. */
  change({ columns, rows }: Frame.Size): void {
    this.xterm.resize(columns, rows)
  }

  notice(): void {
    this.offer({ _tag: "Resized", size: { columns: this.xterm.cols, rows: this.xterm.rows } })
  }

  wait(ms: Millis): void {
    this.now += ms
  }

  write(text: string): void {
    this.written += text
    // After user input xterm parses the next write at once.
    this.xterm.input("", true)
    this.xterm.write(text)
  }

  /** Rows of the terminal's history. */
  history(): ReadonlyArray<ShownRow> {
    return this.read(0, this.xterm.buffer.normal.baseY)
  }

  /** Rows of the screen. */
  screen(): ReadonlyArray<string> {
    const { baseY } = this.xterm.buffer.active
    return Array.from({ length: this.xterm.rows }, (_, y) =>
      (this.xterm.buffer.active.getLine(baseY + y)?.translateToString(true) ?? "").trimEnd()
    )
  }

  cursor(): readonly [number, number] {
    const { cursorX, cursorY } = this.xterm.buffer.active
    return [cursorY, Math.min(cursorX, this.xterm.cols - 1)]
  }

  private answer(): void {
    const { cursorX, cursorY } = this.xterm.buffer.active
    this.offer({ _tag: "CursorAt", row: cursorY + 1, column: Math.min(cursorX, this.xterm.cols - 1) + 1 })
  }

  private read(from: number, to: number): ReadonlyArray<ShownRow> {
    const buffer = this.xterm.buffer.normal
    return Array.from({ length: to - from }, (_, i) => ({
      text: (buffer.getLine(from + i)?.translateToString(true) ?? "").trimEnd(),
      wraps: buffer.getLine(from + i + 1)?.isWrapped === true
    }))
  }
}

/** A row as a terminal keeps it. */
export interface ShownRow {
  readonly text: string
  readonly wraps: boolean
}

/** Rows as a server sends them. */
export const entriesOf = (server: Server, from: number, to: number): ReadonlyArray<HistoryEntry> =>
  server.history.slice(from, to).map((row, i) => ({ _tag: "Row", number: from + i, row }))
