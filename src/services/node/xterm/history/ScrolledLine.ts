/**
 * Encodes a line of xterm's for a history in one pass over its cells, without making a `Row`.
 *
 * Law: the bytes are those of `CompactRow.encode` for the row that `Reader` makes of the line. Lines with combining marks,
 * underline styles or hyperlinks are left to that way: they are rare, and what belongs to their cells is in objects.
 */
import * as Cell from "../../../../domain/terminal/Cell.ts"
import { COLOR_BITS } from "../../../../domain/terminal/Color.ts"
import * as CompactRow from "../../../../domain/history/CompactRow.ts"
import * as History from "../../../../domain/history/History.ts"
import * as Xterm from "../Internals.ts"
import * as Reader from "../Reader.ts"

/** Size of the longest text and the longest run of one cell, bytes. */
const BYTES_PER_CELL = 4 + 14

/** What a row has of a cell's third word: whether the cell is protected concerns erasing only. */
const IN_ROW = ~Xterm.Background.protected

/** The glyph of the first printable ASCII character, and the number of these. */
const ASCII = (1 << Cell.WIDTH_SHIFT) | 0x20
const ASCII_COUNT = 0x5f
/** What to add to `ASCII_COUNT` for the first number of 8 bits. */
const BEYOND = 0x80 - ASCII_COUNT

/** Where runs are written, because they follow the text. */
let runs = { bytes: new Uint8Array(4096), at: 0 }

/** Adds a line to a history; false if it must be converted to a `Row` first, and was not added. */
export const push = (history: History.History, line: Xterm.BufferLine, columns: number, wraps: boolean): boolean => {
  const data = line._data
  const block = History.reserve(history, CompactRow.HEAD + BYTES_PER_CELL * columns)
  const { bytes } = block
  const start = History.endOf(block)
  const textStart = start + CompactRow.HEAD
  if (runs.bytes.length < BYTES_PER_CELL * columns) runs = { bytes: new Uint8Array(BYTES_PER_CELL * columns), at: 0 }
  runs.at = 0
  /** Where the next character is written, and where the last one that is not an empty cell ends. */
  let at = textStart
  let textEnd = textStart
  let runsEnd = 0
  /** The column after the last character. */
  let lastColumn = 0
  /** The words of the current run, and the column in which it begins. */
  let fgOfRun = 0
  let bgOfRun = 0
  let startOfRun = 0

  const end = endOfText(data, columns)

  let x = 0
  for (let from = 0; x < end; x++, from += Xterm.CELL_WORDS) {
    let content = data[from] as number
    let fg = (data[from + 1] as number) | 0
    let bg = (data[from + 2] as number) & IN_ROW
    if ((content - ASCII) >>> 0 < ASCII_COUNT && fg === fgOfRun && bg === bgOfRun) {
      // Most text continues for many cells, so four are looked at together.
      while (x + 4 <= end && areAscii(data, from, fgOfRun, bgOfRun)) {
        bytes[at] = data[from] as number
        bytes[at + 1] = data[from + 3] as number
        bytes[at + 2] = data[from + 6] as number
        bytes[at + 3] = data[from + 9] as number
        at += 4
        x += 4
        from += 4 * Xterm.CELL_WORDS
      }
      while (x < end) {
        content = data[from] as number
        fg = (data[from + 1] as number) | 0
        bg = (data[from + 2] as number) & IN_ROW
        if ((content - ASCII) >>> 0 >= ASCII_COUNT || fg !== fgOfRun || bg !== bgOfRun) break
        bytes[at++] = content
        x++
        from += Xterm.CELL_WORDS
      }
      textEnd = at
      lastColumn = x
      if (x === end) break
    }
    const codePoint = content & Xterm.HAS_CONTENT
    const isWide = content >>> Cell.WIDTH_SHIFT === 2
    const isEmpty = codePoint === 0 || (isWide && (x + 1 >= columns || data[from + Xterm.CELL_WORDS] !== 0))
    if (isEmpty) {
      fg = 0
      bg &= COLOR_BITS
    } else if ((content & Xterm.IS_COMBINED) !== 0 || (bg & Xterm.Background.hasExtended) !== 0) return false
    if (fg !== fgOfRun || bg !== bgOfRun) {
      if (x > startOfRun) runsEnd = writeRun(x - startOfRun, fgOfRun, bgOfRun, runsEnd)
      fgOfRun = fg
      bgOfRun = bg
      startOfRun = x
    }
    if (isEmpty) {
      bytes[at++] = CompactRow.EMPTY_CELL
      continue
    }
    if (codePoint < 0x80) bytes[at++] = codePoint
    else at = CompactRow.writeCodePoint(bytes, at, codePoint)
    if (isWide) {
      x++
      from += Xterm.CELL_WORDS
    }
    textEnd = at
    lastColumn = x + 1
  }
  if (fgOfRun !== 0 || bgOfRun !== 0) runsEnd = writeRun(x - startOfRun, fgOfRun, bgOfRun, runsEnd)
  CompactRow.writeHead(bytes, start, columns, wraps && lastColumn === columns, textEnd - textStart)
  for (let i = 0; i < runsEnd; i++) bytes[textEnd + i] = runs.bytes[i] as number
  History.commit(history, block, textEnd + runsEnd)
  return true
}

/**
 * The column after the last cell that needs bytes: empty cells at the end need none, unless they have a background. Most lines
 * end well before the screen does, so four cells are looked at together.
 */
const endOfText = (data: Uint32Array, columns: number): number => {
  let end = columns
  for (let at = (end - 4) * Xterm.CELL_WORDS; end >= 4; end -= 4, at -= 4 * Xterm.CELL_WORDS) {
    const contents = word(data, at) | word(data, at + 3) | word(data, at + 6) | word(data, at + 9)
    const backgrounds = word(data, at + 2) | word(data, at + 5) | word(data, at + 8) | word(data, at + 11)
    if (((contents & Xterm.HAS_CONTENT) | (backgrounds & COLOR_BITS)) !== 0) break
  }
  while (end > 0 && isBlank(data, (end - 1) * Xterm.CELL_WORDS)) end--
  return end
}

/** Whether four cells are printable ASCII in one rendition. Exact: bit 7 of a sum is set from the first number that is none. */
const areAscii = (data: Uint32Array, at: number, fg: number, bg: number): boolean => {
  const a = (word(data, at) - ASCII) | 0
  const b = (word(data, at + 3) - ASCII) | 0
  const c = (word(data, at + 6) - ASCII) | 0
  const d = (word(data, at + 9) - ASCII) | 0
  const foregrounds =
    (word(data, at + 1) ^ fg) | (word(data, at + 4) ^ fg) | (word(data, at + 7) ^ fg) | (word(data, at + 10) ^ fg)
  const backgrounds =
    (word(data, at + 2) ^ bg) | (word(data, at + 5) ^ bg) | (word(data, at + 8) ^ bg) | (word(data, at + 11) ^ bg)
  const beyond = (a | b | c | d | (a + BEYOND) | (b + BEYOND) | (c + BEYOND) | (d + BEYOND)) & ~0x7f
  return (foregrounds | (backgrounds & IN_ROW) | beyond) === 0
}

const word = (data: Uint32Array, at: number): number => data[at] as number

const isBlank = (data: Uint32Array, at: number): boolean =>
  ((data[at] as number) & Xterm.HAS_CONTENT) === 0 && ((data[at + 2] as number) & COLOR_BITS) === 0

/** Writes a run; the end of the last one that is not the default rendition. */
const writeRun = (columns: number, fg: number, bg: number, end: number): number => {
  const foreground = Reader.foregroundOf(fg, bg) >>> 0
  const background = Reader.backgroundOf(fg, bg) >>> 0
  const has = CompactRow.writeRun(runs, columns, foreground, background, Reader.underlineOf(fg, undefined))
  return has === 0 ? end : runs.at
}
