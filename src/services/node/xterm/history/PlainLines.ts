/**
 * Takes lines of plain text that scroll through the screen faster than it is read, without xterm.
 *
 * Of 20 MB that a program prints in a second, a client sees some hundred screens. Most lines enter the screen at the bottom and
 * leave it at the top between two of them. Such a line is copied from the output into the history; only the lines that are on the
 * screen when it is read, or when the program prints something else, are drawn.
 *
 * A line is taken if it is printable ASCII in the default rendition, fits into the screen, and ends with CR LF, and if the cursor
 * is at the beginning of a blank bottom row of the primary screen, whose region is the whole screen. Everything else is xterm's.
 *
 * Law: screen and history are those of an emulator that takes no lines, whenever they are read.
 */
import * as CompactRow from "../../../../domain/history/CompactRow.ts"
import * as History from "../../../../domain/history/History.ts"
import { BLANK, CELL_WORDS, type Core, GROUND } from "../Internals.ts"
import type { ScrolledRows } from "./ScrolledRows.ts"

/** Size of the shortest output whose lines are taken, bytes. What a keystroke causes is mostly shorter. */
const MIN_BYTES = 256

const CR = 0x0d
const LF = 0x0a
/** Size of a line's end, bytes. */
const CRLF = 2
const FIRST_PRINTABLE = 0x20
const PRINTABLE_COUNT = 0x5f

export interface Options {
  readonly history: History.History | undefined
  readonly scrolled: ScrolledRows | undefined
  /** The width of the screen, which may be less than xterm's. */
  readonly columns: () => number
  /** Whether no sequence has begun that xterm does not know of, and no margins are set that it does not know of. */
  readonly isIdle: () => boolean
  /** Interprets any output. */
  readonly interpret: (bytes: Uint8Array) => void
  /** Lets xterm interpret text. */
  readonly parse: (bytes: Uint8Array) => void
}

/** The lines that one emulator has taken. */
export interface PlainLines {
  /** Takes lines from output. Returns the number of bytes that were interpreted; the rest is left to the caller. */
  readonly write: (bytes: Uint8Array) => number
  /** Draws the lines that are on the screen. To be called before the screen is read. */
  readonly draw: () => void
  /** Draws the lines, and takes those that follow anew. To be called before the screen is changed in another way. */
  readonly finish: () => void
}

/** Lines that were taken: the newest ones, in as many places as the screen has rows. Those on the screen may be drawn. */
interface Taken {
  readonly columns: number
  readonly rows: number
  /** The text of each place. */
  readonly text: Uint8Array
  /** The lengths of the complete lines. */
  readonly lengths: Uint16Array
  /** The number of complete lines, of which all but the last `rows - 1` have left the screen. */
  count: number
  /** The place of the current line, its length so far, and whether its CR has been read. */
  place: number
  length: number
  isReturned: boolean
  /** `count`, `length` and `isReturned` as they were when the lines were drawn. */
  readonly drawn: { count: number; length: number; isReturned: boolean }
}

export const install = (core: Core, { columns, history, interpret, isIdle, parse, scrolled }: Options): PlainLines => {
  const handler = core._inputHandler
  let taken: Taken | undefined

  /** Whether the cursor is in a row through which lines scroll. */
  const isAtBottom = (): boolean => {
    const buffer = handler._activeBuffer
    return (
      buffer === core.buffers.normal &&
      buffer.y === core.rows - 1 &&
      buffer.scrollTop === 0 &&
      buffer.scrollBottom === core.rows - 1 &&
      core.rows > 1 &&
      core.cols === columns()
    )
  }

  const isBeforePlainLine = (): boolean => {
    const buffer = handler._activeBuffer
    const { bg, fg } = handler._curAttrData
    if (buffer.x !== 0 || fg !== 0 || bg !== 0 || !isAtBottom() || !isIdle()) return false
    if (handler._parser.currentState !== GROUND || handler._charsetService.charset !== undefined) return false
    if (core.coreService.modes.insertMode) return false
    const line = buffer.lines.get(buffer.ybase + buffer.y)
    return line !== undefined && !line.isWrapped && isBlank(line._data)
  }

  const begin = (): Taken => ({
    columns: core.cols,
    rows: core.rows,
    text: new Uint8Array(core.cols * core.rows),
    lengths: new Uint16Array(core.rows),
    count: 0,
    place: 0,
    length: 0,
    isReturned: false,
    drawn: { count: 0, length: 0, isReturned: false }
  })

  /** The current line is complete: the screen scrolls by one row. */
  const scroll = (lines: Taken): void => {
    lines.lengths[lines.place] = lines.length
    lines.count++
    lines.place = lines.place + 1 === lines.rows ? 0 : lines.place + 1
    lines.length = 0
    lines.isReturned = false
    if (lines.count < lines.rows) scrolled?.leave(lines.count - 1 - lines.drawn.count)
    else if (history !== undefined) push(history, lines, lines.place)
  }

  const draw = (): void => {
    if (taken === undefined) return
    const output = outputOf(taken)
    const { count, isReturned, length } = taken
    Object.assign(taken.drawn, { count, isReturned, length })
    if (output.length === 0) return
    if (scrolled === undefined) parse(output)
    else scrolled.withoutCollecting(() => parse(output))
  }

  const finish = (): void => {
    draw()
    taken = undefined
  }

  /** Takes lines as far as they are plain. */
  const take = (lines: Taken, bytes: Uint8Array, from: number): number => {
    let at = from
    while (at < bytes.length) {
      const byte = bytes[at] as number
      if (lines.isReturned) {
        if (byte !== LF) break
        at++
        scroll(lines)
        continue
      }
      if (byte === CR) {
        at++
        lines.isReturned = true
        continue
      }
      const end = Math.min(bytes.length, at + lines.columns - lines.length)
      const copied = copyPrintable(bytes, at, end, lines.text, lines.place * lines.columns + lines.length)
      if (copied === 0) break
      lines.length += copied
      at += copied
    }
    if (at < bytes.length) finish()
    return at
  }

  return {
    write: (bytes) => {
      // Nothing is lost with lines that are drawn.
      if (taken !== undefined && bytes.length < MIN_BYTES && isDrawn(taken)) taken = undefined
      if (taken !== undefined) return take(taken, bytes, 0)
      if (bytes.length < MIN_BYTES || !isAtBottom()) return 0
      // Output may begin within a line.
      const from = handler._activeBuffer.x === 0 ? 0 : bytes.indexOf(LF) + 1
      if (from > 0) interpret(bytes.subarray(0, from))
      if (!isBeforePlainLine()) return from
      taken = begin()
      return take(taken, bytes, from)
    },
    draw,
    finish
  }
}

/** Copies printable ASCII up to the first other byte. Returns how many bytes were copied. */
const copyPrintable = (bytes: Uint8Array, from: number, end: number, target: Uint8Array, to: number): number => {
  let at = from
  for (let out = to; at < end; at++, out++) {
    const byte = bytes[at] as number
    if ((byte - FIRST_PRINTABLE) >>> 0 >= PRINTABLE_COUNT) break
    target[out] = byte
  }
  return at - from
}

/** Adds the line in a place to the history. */
const push = (history: History.History, { columns, lengths, text }: Taken, place: number): void => {
  const length = lengths[place] as number
  const block = History.reserve(history, CompactRow.HEAD + length)
  const start = History.endOf(block)
  const { bytes } = block
  CompactRow.writeHead(bytes, start, columns, false, length)
  const from = place * columns
  const to = start + CompactRow.HEAD
  for (let i = 0; i < length; i++) bytes[to + i] = text[from + i] as number
  History.commit(history, block, to + length)
}

const isDrawn = ({ count, drawn, isReturned, length }: Taken): boolean =>
  drawn.count === count && drawn.length === length && drawn.isReturned === isReturned

/** The output that draws the lines which are on the screen, as far as they are not drawn. */
const outputOf = (lines: Taken): Uint8Array => {
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
    add(before, lengths[before] as number, true)
    output[at++] = LF
  }
  add(place, length, isReturned)
  return output.subarray(0, at)
}

const isBlank = (data: Uint32Array): boolean => {
  for (let at = 0; at < data.length; at += CELL_WORDS) {
    if (data[at] !== BLANK || data[at + 1] !== 0 || data[at + 2] !== 0) return false
  }
  return true
}
