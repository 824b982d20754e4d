/**
 * The bytes that turn one frame into another at a receiver: the inverse of `FramePatch`. They also draw on terminals.
 *
 * The result consists of printable characters and the controls that the receiver's `Capabilities` allow. It contains no
 * queries, and no content of a frame can start or end a control in it: control characters are removed from titles and
 * clusters, and hyperlinks that are not printable ASCII and clipboards that are not base64 are omitted.
 *
 * Titles, clipboard selections and bells can be added and changed, but not removed.
 *
 * ```ts
 * import { Capabilities, Frame, FrameDiff, FramePatch } from "effect-mosh"
 *
 * const before = Frame.blank({ columns: 20, rows: 3 })
 * const after = FramePatch.patch(before, "\x1b[2;1Hhello")
 * export const bytes = FrameDiff.diff(before, after, Capabilities.full)
 * export const isSame = Frame.equals(FramePatch.patch(before, bytes), after) // true, for all frames
 * ```
 */
import * as Cell from "../terminal/Cell.ts"
import * as Frame from "../terminal/Frame.ts"
import * as KeptMarks from "../events/KeptMarks.ts"
import * as Row from "../terminal/Row.ts"
import type { Capabilities } from "./Capabilities.ts"
import * as ModeDiff from "./ModeDiff.ts"
import * as NotificationDiff from "./NotificationDiff.ts"
import * as OscText from "./OscText.ts"
import * as PropertyDiff from "./PropertyDiff.ts"
import * as RowPainter from "./RowPainter.ts"
import * as ScrollDetection from "./ScrollDetection.ts"
import { TerminalWriter } from "./TerminalWriter.ts"
import * as WidthDoubt from "./WidthDoubt.ts"

/** Maximum number of bells in one difference. */
const BELLS = 16

/**
 * The bytes after which a receiver that shows `from` shows `to`; empty if it already does. If the sizes differ, the
 * receiver has already resized its screen, and everything is drawn.
 */
export const diff = (from: Frame.Frame, to: Frame.Frame, capabilities: Capabilities): string => {
  if (from === to) return ""
  const writer = new TerminalWriter(capabilities, from, to.size.columns)
  writer.out +=
    bells(from, to, capabilities) +
    NotificationDiff.diff(from.notifications, to.notifications, capabilities.notifications) +
    (capabilities.marks === "numbered" ? KeptMarks.diff(from.marks, to.marks) : "") +
    properties(from, to, capabilities) +
    titles(from, to, capabilities) +
    clipboard(from, to, capabilities) +
    ModeDiff.reverseVideo(from.modes, to.modes)
  if (!Frame.sizeEquals(from.size, to.size)) {
    writer.clear(to.size.rows)
    paint(writer, Frame.blank(to.size).rows, to.rows)
  } else if (from.rows !== to.rows) {
    paint(writer, prepare(writer, from.rows, to.rows), to.rows)
  }
  settle(writer, to, from.cursor.shape, from.modes)
  return writer.out
}

/**
 * The bytes that make any receiver show `to`, whatever it showed before. Bells, clipboards and notifications are omitted; a
 * cursor shape, alternate scroll and properties are set only if `to` has them.
 */
export const repaint = (to: Frame.Frame, capabilities: Capabilities): string => {
  const blank = Frame.blank(to.size)
  const writer = new TerminalWriter(capabilities, blank, to.size.columns)
  writer.out +=
    properties(blank, to, capabilities) + titles(blank, to, capabilities) + ModeDiff.reverseVideo(undefined, to.modes)
  writer.clear(to.size.rows)
  paint(writer, blank.rows, to.rows)
  settle(writer, to, 0, undefined)
  return writer.out
}

/** Writes cursor, pen and modes, after the rows are drawn. */
const settle = (
  writer: TerminalWriter,
  to: Frame.Frame,
  shape: number,
  modes: Frame.Frame["modes"] | undefined
): void => {
  const { capabilities } = writer
  const { cursor } = to
  writer.move(cursor.row, cursor.column)
  writer.show(cursor.visible)
  if (capabilities.cursorShape && shape !== cursor.shape) writer.out += `\x1b[${cursor.shape} q`
  writer.style(to.pen)
  writer.out += ModeDiff.modes(modes, to.modes, capabilities)
}

const paint = (writer: TerminalWriter, before: ReadonlyArray<Row.Row>, after: ReadonlyArray<Row.Row>): void => {
  const bottom = after.length - 1
  let entered = false
  for (let y = 0; y <= bottom; y++) {
    const a = before[y]
    const b = after[y]
    if (a === undefined || b === undefined || (a === b && !entered)) continue
    const next = after[y + 1]?.words[Cell.GLYPH] ?? Cell.EMPTY
    entered = RowPainter.paint(writer, { y, before: a, after: b, next, entered, bottom: y === bottom })
  }
}

/** Prepares the screen for painting. Returns the rows that the receiver then shows. */
const prepare = (
  writer: TerminalWriter,
  before: ReadonlyArray<Row.Row>,
  after: ReadonlyArray<Row.Row>
): ReadonlyArray<Row.Row> =>
  writer.capabilities.inPlace ? unwrap(writer, before, after) : scroll(writer, before, after)

/**
 * Erases each row that ceases to wrap, and the one below it: terminals keep the wrap of a row that is drawn over, some of
 * them at the row itself, others at its continuation.
 */
const unwrap = (
  writer: TerminalWriter,
  before: ReadonlyArray<Row.Row>,
  after: ReadonlyArray<Row.Row>
): ReadonlyArray<Row.Row> => {
  const { capabilities } = writer
  const ceases = (row: Row.Row, y: number): boolean =>
    row !== after[y] &&
    RowPainter.wrapsFor(capabilities, row) &&
    !RowPainter.wrapsFor(capabilities, after[y] as Row.Row)
  if (capabilities.keepsWraps) {
    const last = before.findLastIndex(ceases)
    if (last < 0) return before
    // ED 1 erases the continuation, and all above it.
    const count = Math.min(last + 2, before.length)
    writer.show(false)
    writer.clearAbove(count, before.length)
    return before.map((row, y) => (y < count ? Row.blank(Row.columns(row)) : row))
  }
  if (!before.some(ceases)) return before
  const rows = [...before]
  const erased = new Set<number>()
  const erase = (y: number): void => {
    const row = before[y]
    if (row === undefined || erased.has(y)) return
    erased.add(y)
    rows[y] = Row.blank(Row.columns(row))
    writer.approach(y, 0, WidthDoubt.SURE)
    writer.erase(Infinity, 0)
  }
  for (const [y, row] of before.entries()) {
    if (!ceases(row, y)) continue
    erase(y)
    erase(y + 1)
  }
  return rows
}

/** Scrolls if that saves bytes. Returns the rows that the receiver then shows. */
const scroll = (
  writer: TerminalWriter,
  before: ReadonlyArray<Row.Row>,
  after: ReadonlyArray<Row.Row>
): ReadonlyArray<Row.Row> => {
  const found = ScrollDetection.detect(before, after, writer.capabilities.editing)
  if (found === undefined) return before
  const { bottom, count, top } = found
  writer.scroll(top, bottom, before.length, count)
  const blank = Row.blank(Row.columns(before[0] as Row.Row))
  return before.map((row, y) => {
    if (y < top || y >= bottom) return row
    const from = y + count
    return from < top || from >= bottom ? blank : (before[from] as Row.Row)
  })
}

const properties = (from: Frame.Frame, to: Frame.Frame, capabilities: Capabilities): string =>
  capabilities.properties ? PropertyDiff.diff(from.properties, to.properties) : ""

const bells = (from: Frame.Frame, to: Frame.Frame, capabilities: Capabilities): string =>
  capabilities.bells && to.bells > from.bells ? "\x07".repeat(Math.min(BELLS, to.bells - from.bells)) : ""

const titles = (from: Frame.Frame, to: Frame.Frame, capabilities: Capabilities): string => {
  if (!capabilities.titles) return ""
  const icon = to.iconTitle !== from.iconTitle ? to.iconTitle : undefined
  const title = to.title !== from.title ? to.title : undefined
  if (icon === undefined && title === undefined) return ""
  if (to.title !== undefined && to.title === to.iconTitle) return `\x1b]0;${OscText.title(to.title)}\x07`
  return (
    (icon === undefined ? "" : `\x1b]1;${OscText.title(icon)}\x07`) +
    (title === undefined ? "" : `\x1b]2;${OscText.title(title)}\x07`)
  )
}

const clipboard = (from: Frame.Frame, to: Frame.Frame, capabilities: Capabilities): string => {
  let out = ""
  if (from.clipboard === to.clipboard && from.copies === to.copies) return out
  const { clipboard: mode, clipboardLimit, selections } = capabilities
  for (const [selection, text] of to.clipboard) {
    const copies = to.copies.get(selection) ?? 0
    const isWritten = mode !== "changes" && copies > (from.copies.get(selection) ?? 0)
    if ((!isWritten && from.clipboard.get(selection) === text) || text.length > clipboardLimit) continue
    if (selection.length !== 1 || !selections.includes(selection) || !OscText.isBase64(text)) continue
    out += `\x1b]52;${selection}${mode === "numbered writes" ? `=${copies}` : ""};${text}\x07`
  }
  return out
}
