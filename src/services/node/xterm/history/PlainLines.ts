/**
 * Takes lines of text that scroll through the screen faster than it is read, without xterm.
 *
 * Of 20 MB that a program prints in a second, a client sees some hundred screens. Most lines enter the screen at the bottom and
 * leave it at the top between two of them. Such a line is copied from the output into the history; only the lines that are on the
 * screen when it is read, or when the program prints something else, are drawn.
 *
 * A line is taken if it is printable ASCII, coloured by the sequences of `SgrPen`, and ends with CR LF or wraps, and if the cursor is
 * at the beginning of a blank bottom row of the primary screen, whose region is the whole screen. Everything else is xterm's.
 *
 * Law: screen and history are those of an emulator that takes no lines, whenever they are read.
 */
import type * as History from "../../../../domain/history/History.ts"
import { COLOR_BITS } from "../../../../domain/terminal/Color.ts"
import { Background, BLANK, CELL_WORDS, type Core, GROUND } from "../Internals.ts"
import type { ScrolledRows } from "./ScrolledRows.ts"
import * as SgrPen from "./SgrPen.ts"
import * as TakenLines from "./TakenLines.ts"

/** Size of the shortest output whose lines are taken, bytes. What a keystroke causes is mostly shorter. */
const MIN_BYTES = 256

/**
 * After so many screens of lines, further ones are taken from the same output, even if a line between them was not. Lines that are
 * still on the screen are drawn then, so that fewer lines would save nothing.
 */
const WORTHWHILE = 2

const CR = 0x0d
const LF = 0x0a
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

export const install = (core: Core, { columns, history, interpret, isIdle, parse, scrolled }: Options): PlainLines => {
  const handler = core._inputHandler
  let taken: TakenLines.TakenLines | undefined
  /** A sequence whose end has not arrived yet. */
  const begun = new Uint8Array(2 * SgrPen.MAX_BYTES)
  let begunLength = 0

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
    const { bg, extended } = handler._curAttrData
    if (buffer.x !== 0 || !isAtBottom() || !isIdle()) return false
    if ((bg & (COLOR_BITS | Background.hasExtended | Background.protected)) !== 0) return false
    if (extended._ext !== 0 || extended.urlId !== 0) return false
    if (handler._parser.currentState !== GROUND || handler._charsetService.charset !== undefined) return false
    if (core.coreService.modes.insertMode) return false
    const line = buffer.lines.get(buffer.ybase + buffer.y)
    return line !== undefined && !line.isWrapped && isBlank(line._data)
  }

  const begin = (): TakenLines.TakenLines => {
    const lines = TakenLines.take(core.cols, core.rows)
    TakenLines.begin(lines, handler._curAttrData)
    return lines
  }

  /** The current line is complete: the screen scrolls by one row. */
  const scroll = (lines: TakenLines.TakenLines, isWrapped: boolean): void => {
    TakenLines.endLine(lines)
    if (lines.count < lines.rows) scrolled?.leave(lines.count - 1 - lines.drawn.count)
    else if (history !== undefined) TakenLines.push(history, lines, lines.place)
    TakenLines.nextLine(lines, isWrapped)
  }

  const draw = (): void => {
    if (taken === undefined || TakenLines.isDrawn(taken)) return
    const lines = taken
    const output = TakenLines.undrawnText(lines)
    const attributes = handler._curAttrData
    if (output.length > 0) {
      attributes.fg = attributes.bg = 0
      if (scrolled === undefined) parse(output)
      else scrolled.withoutCollecting(() => parse(output))
      TakenLines.forEachUndrawn(lines, mark, fill)
    }
    attributes.fg = lines.pen.fg
    attributes.bg = lines.pen.bg
    if (lines.endsInSequence) handler._parser.precedingJoinState = 0
    TakenLines.markDrawn(lines)
  }

  const mark = (y: number, isWrapped: boolean): void => {
    const { lines, ybase } = core.buffers.normal
    const line = lines.get(ybase + y)
    if (line !== undefined) line.isWrapped = isWrapped
  }

  const fill = (y: number, from: number, end: number, fg: number, bg: number): void => {
    const { lines, ybase } = core.buffers.normal
    const data = lines.get(ybase + y)?._data
    if (data === undefined) return
    for (let at = CELL_WORDS * from; at < CELL_WORDS * end; at += CELL_WORDS) {
      data[at + 1] = fg
      data[at + 2] = bg
    }
  }

  const release = (): void => {
    if (taken !== undefined) TakenLines.giveBack(taken)
    taken = undefined
  }

  const finish = (): void => {
    draw()
    release()
    if (begunLength === 0) return
    const sequence = begun.slice(0, begunLength)
    begunLength = 0
    interpret(sequence)
  }

  /** Reads the sequence at `at`. Returns the index after it; `SgrPen.OTHER` if lines cannot be taken any further. */
  const readSequence = (lines: TakenLines.TakenLines, bytes: Uint8Array, at: number): number => {
    let [source, from] = [bytes, at]
    if (begunLength > 0) {
      begun.set(bytes.subarray(at, at + begun.length - begunLength), begunLength)
      ;[source, from] = [begun.subarray(0, begunLength + Math.min(bytes.length - at, begun.length - begunLength)), 0]
    }
    const end = TakenLines.mayChange(lines) ? SgrPen.read(source, from, lines.pen) : SgrPen.OTHER
    if (end === SgrPen.OTHER) return end
    if (end === SgrPen.INCOMPLETE) {
      begunLength = source.length - from
      begun.set(source.subarray(from))
      return bytes.length
    }
    // What EL does in the last column is left to xterm.
    if (source[end - 1] === SgrPen.EL && lines.length === lines.columns) return SgrPen.OTHER
    lines.sequences++
    lines.endsInSequence = true
    const after = at + end - from - begunLength
    begunLength = 0
    TakenLines.penChanged(lines)
    return after
  }

  /** Begins to take lines from `from` on, and lets xterm interpret what is before. Returns the index after what was interpreted. */
  const enter = (bytes: Uint8Array, at: number, from: number): number => {
    if (bytes.length - at < MIN_BYTES || !isAtBottom()) return at
    if (from > at) interpret(bytes.subarray(at, from))
    if (isBeforePlainLine()) taken = begin()
    return Math.max(at, from)
  }

  /** In another background, the new row would be filled with it. */
  const mayScroll = ({ pen }: TakenLines.TakenLines): boolean => (pen.bg & COLOR_BITS) === 0

  const mayWrap = (lines: TakenLines.TakenLines): boolean =>
    mayScroll(lines) && core.coreService.decPrivateModes.wraparound

  /** Takes lines as far as they are plain. */
  const take = (lines: TakenLines.TakenLines, bytes: Uint8Array, from: number): number => {
    let at = from
    while (at < bytes.length) {
      const byte = bytes[at] as number
      if (begunLength > 0 || (byte === SgrPen.ESC && !lines.isReturned)) {
        const after = readSequence(lines, bytes, at)
        if (after === SgrPen.OTHER) break
        at = after
        continue
      }
      if (lines.isReturned) {
        if (byte !== LF || !mayScroll(lines)) break
        at++
        scroll(lines, false)
        continue
      }
      if (byte === CR) {
        at++
        lines.isReturned = true
        lines.endsInSequence = false
        continue
      }
      if (lines.length === lines.columns) {
        if (!mayWrap(lines) || (byte - FIRST_PRINTABLE) >>> 0 >= PRINTABLE_COUNT) break
        scroll(lines, true)
      }
      const end = Math.min(bytes.length, at + lines.columns - lines.length)
      const copied = copyPrintable(bytes, at, end, lines.text, lines.place * lines.columns + lines.length)
      if (copied === 0) break
      lines.length += copied
      lines.endsInSequence = false
      at += copied
    }
    if (at < bytes.length) finish()
    return at
  }

  return {
    write: (bytes) => {
      // Nothing is lost with lines that are drawn.
      const isOver = taken !== undefined && bytes.length < MIN_BYTES && begunLength === 0 && TakenLines.isDrawn(taken)
      if (isOver) release()
      let at = taken === undefined ? enter(bytes, 0, handler._activeBuffer.x === 0 ? 0 : bytes.indexOf(LF) + 1) : 0
      for (let lines = taken; lines !== undefined; lines = taken) {
        at = take(lines, bytes, at)
        if (at === bytes.length || lines.count < WORTHWHILE * lines.rows) break
        at = enter(bytes, at, bytes.indexOf(LF, at) + 1)
      }
      return at
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

const isBlank = (data: Uint32Array): boolean => {
  for (let at = 0; at < data.length; at += CELL_WORDS) {
    if (data[at] !== BLANK || data[at + 1] !== 0 || data[at + 2] !== 0) return false
  }
  return true
}
