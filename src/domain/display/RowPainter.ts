/**
 * Draws the cells of one row that differ from what the receiver shows there.
 */
import * as Cell from "../terminal/Cell.ts"
import { COLOR_BITS, named } from "../terminal/Color.ts"
import { LINKED, linkEquals } from "../terminal/Rendition.ts"
import { isBlank, type Row } from "../terminal/Row.ts"
import type { Capabilities } from "./Capabilities.ts"
import * as JoinDoubt from "./JoinDoubt.ts"
import { doubtOf, type TerminalWriter } from "./TerminalWriter.ts"
import * as WidthDoubt from "./WidthDoubt.ts"

/** Up to this many empty cells before other text are drawn instead of erased, which takes fewer bytes. */
const SHORT = 4

export interface RowChange {
  /** The row's index from the top of the screen. */
  readonly y: number
  readonly before: Row
  readonly after: Row
  /** The first glyph of the next row, in which the line continues if this row wraps. */
  readonly next: number
  /** The row above was drawn up to its end and wraps: its pending wrap must be used by our first cell. */
  readonly entered: boolean
  /** No row is below, so it cannot be made to wrap. */
  readonly bottom: boolean
}

/** Draws a row's changes. Returns whether the next row must be entered by wrapping. */
export const paint = (writer: TerminalWriter, change: RowChange): boolean => {
  const { after, before, bottom, entered, y } = change
  const { capabilities } = writer
  const { words } = after
  const columns = words.length / Cell.WORDS
  const wraps = wrapsFor(capabilities, after)
  // A row starts to wrap if its last cell is drawn and then the next row's first; it ceases to wrap if its last cell
  // alone is drawn.
  const redrawn = wraps === wrapsFor(capabilities, before) || (wraps && bottom) ? columns : lastCell(words)
  let x = 0
  if (entered) {
    writer.wrap()
    x = enter(writer, after)
  }
  let end = x
  while (x < columns) {
    const glyph = words[x * Cell.WORDS] ?? 0
    const width = Math.max(1, Cell.widthOf(glyph))
    if (x !== redrawn && sameCell(capabilities, before, after, x)) {
      x += width
    } else if (capabilities.joins !== "none" && isJoined(after, x, width)) {
      x = paintJoined(writer, change, x)
      // The cursor is not where the row was drawn last.
      end = -1
    } else if (Cell.codePointOf(glyph) === 0 || x + width > columns) {
      x = end = paintEmpty(writer, change, x)
    } else {
      writer.approach(y, x, capabilities.sameWidths ? WidthDoubt.SURE : doubtOf(glyph))
      writer.draw(after, x)
      const to = isAscii(glyph) ? runEnd(change, x + 1) : x + width
      if (to > x + width) writer.drawText(after, x + 1, to)
      x = end = to
    }
  }
  const joins = capabilities.joins !== "none" && JoinDoubt.mayJoinAcross(after, change.next)
  return wraps && !bottom && end === columns && !joins
}

/** The glyph of the first printable ASCII character, and the number of these. */
const ASCII = Cell.glyph(0x20, 1)
const ASCII_COUNT = 0x5f

const isAscii = (glyph: number): boolean => (glyph - ASCII) >>> 0 < ASCII_COUNT

/** No code point below this one joins a character of ASCII before it. */
const FIRST_MARK = 0x300

/**
 * The end of the run of ASCII from `x` on that continues the rendition of the cell before, which is of ASCII, and that has to be
 * drawn: most text is such, and is drawn at once.
 */
const runEnd = ({ after, before }: RowChange, x: number): number => {
  const { words } = after
  const shown = before.words
  let at = x * Cell.WORDS
  const foreground = words[at - Cell.WORDS + Cell.FOREGROUND]
  const background = words[at - Cell.WORDS + Cell.BACKGROUND]
  const underline = words[at - Cell.WORDS + Cell.UNDERLINE] ?? 0
  if ((underline & LINKED) !== 0) return x
  for (; at < words.length; at += Cell.WORDS) {
    const glyph = words[at] ?? 0
    if (
      !isAscii(glyph) ||
      glyph === shown[at] ||
      words[at + Cell.FOREGROUND] !== foreground ||
      words[at + Cell.BACKGROUND] !== background ||
      words[at + Cell.UNDERLINE] !== underline ||
      ((words[at + Cell.WORDS] ?? 0) & Cell.CODE_POINT_BITS) >= FIRST_MARK
    )
      break
  }
  return at / Cell.WORDS
}

/** Whether a cell may be joined to the one before it, or the one after to it. */
const isJoined = (row: Row, x: number, width: number): boolean =>
  JoinDoubt.mayJoin(row, x) || ((x + width) * Cell.WORDS < row.words.length && JoinDoubt.mayJoin(row, x + width))

/**
 * Draws cells that may be joined. Each must be printed while the cell before it is blank, so all are blanked, then
 * drawn from the last to the first. Returns the column after them.
 */
const paintJoined = (writer: TerminalWriter, { after, before, y }: RowChange, x: number): number => {
  const { words } = after
  const columns = words.length / Cell.WORDS
  let start = x
  while (JoinDoubt.mayJoin(after, start)) start = JoinDoubt.previous(after, start)
  let end = x + cellWidth(words, x)
  while (end < columns && JoinDoubt.mayJoin(after, end)) end += cellWidth(words, end)
  if (start < x || !isBlankBetween(before, start, end)) {
    writer.approach(y, start, WidthDoubt.UNSURE)
    writer.drawEmpty(end - start, backgroundOf(words, start))
  }
  for (let cell = JoinDoubt.previous(after, end); cell >= start; cell = JoinDoubt.previous(after, cell)) {
    writer.approach(y, cell, WidthDoubt.UNSURE)
    const glyph = words[cell * Cell.WORDS] ?? 0
    if (Cell.codePointOf(glyph) === 0 || cell + Cell.widthOf(glyph) > columns)
      writer.drawEmpty(1, backgroundOf(words, cell))
    else writer.draw(after, cell)
  }
  return end
}

/** How many columns a cell takes, within its row. */
const cellWidth = (words: Uint32Array, x: number): number =>
  Math.min(Math.max(1, Cell.widthOf(words[x * Cell.WORDS] ?? 0)), words.length / Cell.WORDS - x)

const isBlankBetween = (row: Row, from: number, to: number): boolean => {
  for (let x = from; x < to; x++) if (!isBlank(row, x)) return false
  return true
}

/** Draws the first cell, which the cursor enters by wrapping. Returns the column after it. */
const enter = (writer: TerminalWriter, row: Row): number => {
  const glyph = row.words[0] ?? 0
  const width = Cell.widthOf(glyph)
  if (Cell.codePointOf(glyph) === 0 || width * Cell.WORDS > row.words.length) {
    writer.drawEmpty(1, backgroundOf(row.words, 0))
    return 1
  }
  writer.draw(row, 0)
  return width
}

/** Empties a run of cells of one background that begins with a changed cell. Returns the column after the run. */
const paintEmpty = (writer: TerminalWriter, change: RowChange, x: number): number => {
  const { after, before, y } = change
  const { capabilities } = writer
  const { words } = after
  const columns = words.length / Cell.WORDS
  const background = backgroundOf(words, x)
  let end = x + 1
  let changed = end
  while (end < columns && words[end * Cell.WORDS] === Cell.EMPTY && backgroundOf(words, end) === background) {
    if (!sameCell(capabilities, before, after, end)) changed = end + 1
    end++
  }
  writer.approach(y, x, WidthDoubt.SURE)
  const erases = background === 0 || capabilities.backgroundErase
  if (end === columns) {
    if (erases) writer.erase(Infinity, background)
    else writer.drawEmpty(columns - x, background)
    return columns
  }
  const count = changed - x
  const continues = changed === end && !sameCell(capabilities, before, after, end)
  if (erases && capabilities.eraseCharacters && !(continues && count <= SHORT)) writer.erase(count, background)
  else writer.drawEmpty(count, background)
  return changed
}

const backgroundOf = (words: Uint32Array, x: number): number =>
  (words[x * Cell.WORDS + Cell.BACKGROUND] ?? 0) & COLOR_BITS

/** The column of the last character or empty cell. */
const lastCell = (words: Uint32Array): number => {
  const last = words.length / Cell.WORDS - 1
  return last > 0 && words[last * Cell.WORDS] === Cell.RIGHT_HALF ? last - 1 : last
}

/** Whether the receiver can be made to wrap a row: the last cell must hold a character whose width is certain. */
export const wrapsFor = (capabilities: Capabilities, row: Row): boolean => {
  if (!row.wraps) return false
  const glyph = row.words[lastCell(row.words) * Cell.WORDS] ?? 0
  return Cell.codePointOf(glyph) !== 0 && (capabilities.sameWidths || doubtOf(glyph) === WidthDoubt.SURE)
}

/** Whether a column that begins a cell shows the same to a receiver. */
const sameCell = (capabilities: Capabilities, before: Row, after: Row, x: number): boolean => {
  const at = x * Cell.WORDS
  const a = before.words
  const b = after.words
  const glyph = b[at] ?? 0
  const underline = b[at + Cell.UNDERLINE] ?? 0
  return (
    a[at] === glyph &&
    sameColors(capabilities, a[at + Cell.FOREGROUND] ?? 0, b[at + Cell.FOREGROUND] ?? 0, capabilities.foreground) &&
    sameColors(capabilities, a[at + Cell.BACKGROUND] ?? 0, b[at + Cell.BACKGROUND] ?? 0, capabilities.background) &&
    (((a[at + Cell.UNDERLINE] ?? 0) ^ underline) & capabilities.underline) === 0 &&
    ((glyph & Cell.CLUSTER) === 0 || before.clusters?.get(x) === after.clusters?.get(x)) &&
    ((underline & LINKED) === 0 || !capabilities.links || linkEquals(before.links?.get(x), after.links?.get(x)))
  )
}

/** Whether two words are the same to a receiver that knows some of their bits. */
const sameColors = ({ palette }: Capabilities, a: number, b: number, known: number): boolean =>
  ((a ^ b) & known) === 0 || (palette !== "requested" && ((named(a) ^ named(b)) & known) === 0)
