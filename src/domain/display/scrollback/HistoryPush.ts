/**
 * Decides how rows that left the server's screen get into the terminal's history.
 */
import type { KeptErasures } from "../../history/Erasure.ts"
import type { Frame } from "../../terminal/Frame.ts"
import * as Rendition from "../../terminal/Rendition.ts"
import * as Row from "../../terminal/Row.ts"
import { RowEditor } from "../../terminal/RowEditor.ts"
import type { Capabilities } from "../Capabilities.ts"
import * as HistoryInsertion from "./HistoryInsertion.ts"
import * as LogicalLine from "./LogicalLine.ts"
import * as NaturalScroll from "./NaturalScroll.ts"
import * as OwedRows from "./OwedRows.ts"
import * as ScrollbackClaims from "./ScrollbackClaims.ts"

/** What is to be pushed, and what is on the screens. */
export interface PushOptions {
  readonly owed: OwedRows.OwedRows
  readonly claims: ScrollbackClaims.Claims
  /** The rows erased by programs that are to be pushed, too. */
  readonly keeps: KeptErasures
  /** What the terminal shows, at its size. */
  readonly shown: Frame
  /** The server's screen that is drawn next, and the number of its first row. */
  readonly screen: Frame
  readonly top: number
  /** How many entries to push at most. */
  readonly limit: number
  readonly capabilities: Capabilities
}

/** Bytes to write, and the state afterwards. */
export interface Pushed extends HistoryInsertion.Drawn {
  /** Whether the last row of the history wraps into the screen; `undefined` if nothing was pushed. */
  readonly continues: boolean | undefined
  readonly owed: OwedRows.OwedRows
  readonly claims: ScrollbackClaims.Claims
}

/**
 * Pushes known rows that are above the screen. A line that wraps stays one line: if its next row is not known yet, its rows
 * wait for that, unless they are more than `LONGEST` and than the screen has.
 */
export const push = (options: PushOptions): Pushed => {
  const { capabilities, keeps, owed, screen, shown, top } = options
  const entries = OwedRows.due(owed, top, options.limit)
  if (entries.length === 0) return { text: "", shown, owed, claims: options.claims, continues: undefined }
  const { columns, rows: height } = shown.size
  const longest = Math.max(height, Math.min(LONGEST, options.limit - 1))
  const lines: Array<HistoryInsertion.Line> = []
  /** The rows as they are on the server; `undefined` once they are not what the screen could scroll out. */
  let plain: Array<Row.Row> | undefined = []
  let { claims } = options
  let next = owed.next
  let line: Array<Row.Row> = []
  const end = (continuation: Row.Row | undefined): void => {
    const rows = continuation === undefined ? LogicalLine.reflow(line, columns) : line
    if (line.length > 0) lines.push({ rows, continuation })
    line = []
  }
  for (const entry of entries) {
    if (entry._tag === "Missing") {
      end(undefined)
      lines.push({ rows: missing(entry.count, columns), continuation: undefined })
      plain = undefined
      claims = ScrollbackClaims.NONE
      next = entry.number + entry.count
    } else if (
      ScrollbackClaims.isFor(claims[0], entry.number, entry.row) ||
      (entry.erasure !== undefined && !keeps.includes(entry.erasure))
    ) {
      end(undefined)
      claims = claims.slice(claims[0]?.number === entry.number ? 1 : 0)
      plain = undefined
      next = entry.number + 1
    } else {
      claims = ScrollbackClaims.NONE
      line.push(entry.row)
      plain?.push(entry.row)
      if (entry.row.wraps && line.length < longest) continue
      end(undefined)
      next = entry.number + 1
    }
  }
  // The screen continues the last line.
  let continuation: Row.Row | undefined
  if (line.length > 0 && next + line.length === top) {
    next = top
    const first = screen.rows[0] as Row.Row
    continuation = [...line, first].every((row) => Row.columns(row) === columns) ? first : undefined
    end(continuation)
  }
  const rest = OwedRows.dropBelow(owed, next)
  if (lines.length === 0) return { text: "", shown, owed: rest, claims, continues: undefined }
  // Rows of a line that is not complete wait.
  if (line.length > 0) plain?.splice(plain.length - line.length)
  const scrolls =
    plain !== undefined &&
    plain.every((row) => Row.columns(row) === columns) &&
    plain.length < height + (continuation === undefined ? 1 : 0) &&
    NaturalScroll.isPossible(shown, plain)
  const drawn =
    scrolls && plain !== undefined
      ? NaturalScroll.scroll(shown, plain, continuation, capabilities)
      : HistoryInsertion.insert(shown, lines, capabilities)
  return { ...drawn, owed: rest, claims, continues: continuation !== undefined }
}

/** Maximum rows of a line. A longer one is cut: a program may print without end and without a line end. */
const LONGEST = 256

const PEN = Rendition.DEFAULT

/** The line in the place of rows that will not arrive. */
const missing = (count: number, columns: number): ReadonlyArray<Row.Row> => {
  const text = `[mosh: ${grouped(count)} ${count === 1 ? "line is" : "lines are"} missing]`
  const row = new RowEditor(Row.blank(text.length))
  row.write(0, text, PEN)
  return LogicalLine.reflow([row.row()], columns)
}

/** A number with a comma before each group of three digits. `toLocaleString` would load 28 ms of language data for it. */
const grouped = (count: number): string => String(count).replaceAll(/(?<=\d)(?=(?:\d{3})+$)/g, ",")
