/**
 * Moves the rows at the top of the screen into the terminal's history by scrolling the screen, as the program did.
 */
import type { Frame } from "../../terminal/Frame.ts"
import * as Row from "../../terminal/Row.ts"
import type { Capabilities } from "../Capabilities.ts"
import * as FrameDiff from "../FrameDiff.ts"
import type { Drawn } from "./HistoryInsertion.ts"
import { TerminalWriter } from "../TerminalWriter.ts"

/** Whether the rows at the top of the screen are these, apart from how they wrap. */
export const isPossible = (shown: Frame, rows: ReadonlyArray<Row.Row>): boolean =>
  rows.length <= shown.rows.length && rows.every((row, y) => isSameText(row, shown.rows[y] as Row.Row))

const isSameText = (a: Row.Row, b: Row.Row): boolean =>
  a === b || Row.equals(a.wraps === b.wraps ? a : { ...a, wraps: b.wraps }, b)

/**
 * Scrolls `rows`, for which `isPossible` holds, out of the screen. Wraps that the screen does not have are drawn first.
 *
 * `continuation`: what the screen shows below the last of them if that one wraps.
 */
export const scroll = (
  shown: Frame,
  rows: ReadonlyArray<Row.Row>,
  continuation: Row.Row | undefined,
  capabilities: Capabilities
): Drawn => {
  const height = shown.rows.length
  const top = continuation === undefined ? rows : [...rows, continuation]
  const wrapped = {
    ...shown,
    rows: shown.rows.map((row, y) => {
      const wanted = top[y] ?? row
      return Row.equals(row, wanted) ? row : y === height - 1 ? Row.asBottom(wanted) : wanted
    })
  }
  const isWrapped = wrapped.rows.every((row, y) => row === shown.rows[y])
  const before = isWrapped ? "" : FrameDiff.diff(shown, wrapped, capabilities)
  const writer = new TerminalWriter(capabilities, wrapped, shown.size.columns)
  writer.show(false)
  writer.scrollOut(height, rows.length)
  const blank = Row.blank(shown.size.columns)
  const scrolled = shown.rows.map((_, y) => wrapped.rows[y + rows.length] ?? blank)
  return { text: before + writer.out, shown: writer.state({ ...wrapped, rows: scrolled }) }
}
