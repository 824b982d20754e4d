/**
 * The newest lines of text that were taken from output, in as many places as the screen has rows.
 *
 * A line is its text, and the places in it from which the text has another rendition. It is encoded when it leaves the screen,
 * and drawn if it is on the screen when that is read.
 */
import * as CompactRow from "../../../../domain/history/CompactRow.ts"
import * as History from "../../../../domain/history/History.ts"
import * as Reader from "../Reader.ts"
import type { Pen } from "./SgrPen.ts"

const CR = 0x0d
const LF = 0x0a
/** Size of a line's end, bytes. */
const CRLF = 2

/** Maximum number of changes of the rendition in a line. */
const MAX_CHANGES = 48
/** Where a change is, and the two words of the pen. */
const CHANGE_WORDS = 3
/** Size of the longest run of cells, bytes. */
const RUN_BYTES = 14

/** Those on the screen may be drawn. The functions of this file change it in place. */
export interface TakenLines {
  readonly columns: number
  readonly rows: number
  /** The text of each place. */
  readonly text: Uint8Array
  /** The lengths of the complete lines. */
  readonly lengths: Uint16Array
  /** Whether the line continues the one above it: 0 or 1. */
  readonly wrapped: Uint8Array
  /** The changes of each place: from a column on, `fg` and `bg`. Before the first one, the rendition is the default one. */
  readonly changes: Int32Array
  readonly changeCounts: Uint8Array
  readonly pen: Pen
  /** The number of complete lines, of which all but the last `rows - 1` have left the screen. */
  count: number
  /** The place of the current line, its length so far, and whether its CR has been read. */
  place: number
  length: number
  isReturned: boolean
  /** How many sequences have been read, and whether one was read last. */
  sequences: number
  endsInSequence: boolean
  /** What of this had been read when the lines were drawn. */
  readonly drawn: { count: number; length: number; isReturned: boolean; sequences: number }
}

/** Places that no terminal uses now. One is kept for all terminals: a terminal takes lines again and again. */
let spare: TakenLines | undefined

/** Places for a screen, whose contents are undefined until `begin`. */
export const take = (columns: number, rows: number): TakenLines => {
  const lines = spare?.columns === columns && spare.rows === rows ? spare : make(columns, rows)
  if (lines === spare) spare = undefined
  return lines
}

/** The places are not used any more. */
export const giveBack = (lines: TakenLines): void => {
  spare = lines
}

const make = (columns: number, rows: number): TakenLines => ({
  columns,
  rows,
  text: new Uint8Array(columns * rows),
  lengths: new Uint16Array(rows),
  wrapped: new Uint8Array(rows),
  changes: new Int32Array(rows * MAX_CHANGES * CHANGE_WORDS),
  changeCounts: new Uint8Array(rows),
  pen: { fg: 0, bg: 0 },
  count: 0,
  place: 0,
  length: 0,
  isReturned: false,
  sequences: 0,
  endsInSequence: false,
  drawn: { count: 0, length: 0, isReturned: false, sequences: 0 }
})

/** Begins with an empty line in the rendition of a pen. */
export const begin = (lines: TakenLines, { bg, fg }: Pen): void => {
  lines.pen.fg = fg | 0
  lines.pen.bg = bg | 0
  lines.count = lines.place = lines.sequences = 0
  nextLine(lines, false)
  markDrawn(lines)
}

/** Ends the current line: the screen scrolls by one row. */
export const endLine = (lines: TakenLines): void => {
  lines.lengths[lines.place] = lines.length
  lines.count++
  lines.place = lines.place + 1 === lines.rows ? 0 : lines.place + 1
}

/** Begins the line in the place whose line has left the screen. `isWrapped`: it continues the line above. */
export const nextLine = (lines: TakenLines, isWrapped: boolean): void => {
  lines.length = 0
  lines.isReturned = false
  lines.endsInSequence = false
  lines.wrapped[lines.place] = isWrapped ? 1 : 0
  lines.changeCounts[lines.place] = 0
  if (lines.pen.fg !== 0 || lines.pen.bg !== 0) penChanged(lines)
}

/** Whether the line in a place is continued by the one below it. */
const isContinued = ({ rows, wrapped }: TakenLines, place: number): boolean => wrapped[(place + 1) % rows] === 1

/** Whether the rendition can change here: a line with more changes is not taken. */
export const mayChange = ({ changeCounts, place }: TakenLines): boolean => (changeCounts[place] as number) < MAX_CHANGES

/** The text that follows has the rendition of the pen. */
export const penChanged = ({ changeCounts, changes, length, pen, place }: TakenLines): void => {
  let count = changeCounts[place] as number
  let at = (place * MAX_CHANGES + count) * CHANGE_WORDS
  if (count > 0 && changes[at - CHANGE_WORDS] === length) at -= CHANGE_WORDS
  else count++
  changes[at] = length
  changes[at + 1] = pen.fg
  changes[at + 2] = pen.bg
  changeCounts[place] = count
}

/** Where runs are written. */
const runs = { bytes: new Uint8Array(RUN_BYTES * (MAX_CHANGES + 1)), at: 0 }

/** Adds the line in a place to the history. */
export const push = (history: History.History, lines: TakenLines, place: number): void => {
  const { changeCounts, columns, lengths, text } = lines
  const length = lengths[place] as number
  const runsEnd = changeCounts[place] === 0 ? 0 : writeRuns(lines, place, length)
  const block = History.reserve(history, CompactRow.HEAD + length + runsEnd)
  const start = History.endOf(block)
  const { bytes } = block
  CompactRow.writeHead(bytes, start, columns, isContinued(lines, place), length)
  const from = place * columns
  const to = start + CompactRow.HEAD
  for (let i = 0; i < length; i++) bytes[to + i] = text[from + i] as number
  for (let i = 0; i < runsEnd; i++) bytes[to + length + i] = runs.bytes[i] as number
  History.commit(history, block, to + length + runsEnd)
}

/** Writes the runs of a line. Returns the end of the last one that has not the default rendition. */
const writeRuns = ({ changeCounts, changes }: TakenLines, place: number, length: number): number => {
  runs.at = 0
  let end = 0
  let start = 0
  let fg = 0
  let bg = 0
  const first = place * MAX_CHANGES * CHANGE_WORDS
  const last = first + (changeCounts[place] as number) * CHANGE_WORDS
  for (let at = first; at <= last; at += CHANGE_WORDS) {
    const column = at < last ? (changes[at] as number) : length
    const isSame = at < last && changes[at + 1] === fg && changes[at + 2] === bg
    if (isSame) continue
    if (column > start) {
      const underline = Reader.underlineOf(fg, undefined)
      const foreground = Reader.foregroundOf(fg, bg) >>> 0
      const has = CompactRow.writeRun(runs, column - start, foreground, Reader.backgroundOf(fg, bg) >>> 0, underline)
      if (has !== 0) end = runs.at
    }
    start = column
    fg = changes[at + 1] as number
    bg = changes[at + 2] as number
  }
  return end
}

/** Whether everything that was taken is drawn. */
export const isDrawn = ({ count, drawn, isReturned, length, sequences }: TakenLines): boolean =>
  drawn.count === count && drawn.length === length && drawn.isReturned === isReturned && drawn.sequences === sequences

/** Everything that was taken is drawn. */
export const markDrawn = ({ count, drawn, isReturned, length, sequences }: TakenLines): void => {
  drawn.count = count
  drawn.length = length
  drawn.isReturned = isReturned
  drawn.sequences = sequences
}

/** The text of the lines which are on the screen, as far as they are not drawn: output for a pen of the default rendition. */
export const undrawnText = (lines: TakenLines): Uint8Array => {
  const { columns, count, drawn, isReturned, length, lengths, place, rows, text } = lines
  const output = new Uint8Array(isDrawn(lines) ? 0 : CRLF + rows * (columns + CRLF))
  let at = 0
  /** The length of the first line, as far as it is drawn, and whether its CR is. */
  let from = drawn.length
  let isBegun = drawn.isReturned
  const add = (place: number, length: number, isReturned: boolean): void => {
    output.set(text.subarray(place * columns + from, place * columns + length), at)
    at += length - from
    if (isReturned && !isBegun) output[at++] = CR
    from = 0
    isBegun = false
  }
  let left = count - drawn.count
  if (left >= rows) {
    // Everything that is drawn leaves the screen.
    left = rows - 1
    from = 0
    if (drawn.count > 0 || drawn.length > 0) {
      if (!isBegun) output[at++] = CR
      output[at++] = LF
    }
    isBegun = false
  }
  for (; left > 0; left--) {
    const before = (place - left + rows) % rows
    const isWhole = !isContinued(lines, before)
    add(before, lengths[before] as number, isWhole)
    if (isWhole) output[at++] = LF
  }
  add(place, length, isReturned)
  return output.subarray(0, at)
}

/** Receives the cells from column `from` to `end` of row `y` on the screen. */
type Fill = (y: number, from: number, end: number, fg: number, bg: number) => void

/** Calls `begin` for each line that is not drawn, and `fill` for its cells that have not the default rendition. */
export const forEachUndrawn = (lines: TakenLines, begin: (y: number, isWrapped: boolean) => void, fill: Fill): void => {
  const { changeCounts, changes, count, drawn, lengths, place, rows, wrapped } = lines
  for (let above = Math.min(count - drawn.count, rows - 1); above >= 0; above--) {
    const at = (place - above + rows) % rows
    const y = rows - 1 - above
    begin(y, wrapped[at] === 1)
    const length = above === 0 ? lines.length : (lengths[at] as number)
    const first = at * MAX_CHANGES * CHANGE_WORDS
    const last = first + (changeCounts[at] as number) * CHANGE_WORDS
    for (let change = first; change < last; change += CHANGE_WORDS) {
      const next = change + CHANGE_WORDS
      const end = next < last ? (changes[next] as number) : length
      const [from, fg, bg] = [changes[change] as number, changes[change + 1] as number, changes[change + 2] as number]
      if (from < end && (fg !== 0 || bg !== 0)) fill(y, from, end, fg, bg)
    }
  }
}
