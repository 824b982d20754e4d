/**
 * How text is laid into cells: widths by the pinned table, and what has no width joined as stock mosh joins it
 * (spec 8.3). There is no grapheme clustering: each code point counts for itself.
 */
import type { Terminal } from "@xterm/headless"
import * as CharWidth from "../../../domain/terminal/CharWidth.ts"
import { type BufferLine, CELL_WORDS, type Core, HAS_CONTENT } from "./Internals.ts"

/** A cell that holds this many bytes of UTF-8 takes no further mark. */
const MAX_CELL_BYTES = 32

/** What carries a mark that has no character to join. */
const NO_BREAK_SPACE = Uint32Array.of(0xa0)

/** Below this, every printable code point has width 1. */
const FIRST_UNUSUAL = 0xad

const VERSION = "mosh"

const hasContent = (line: BufferLine | undefined, column: number): boolean =>
  ((line?._data[CELL_WORDS * column] ?? 0) & HAS_CONTENT) !== 0

/** The column of the character that ends before a column; a wide one begins two before. */
const beforeCursor = (line: BufferLine | undefined, column: number): number =>
  column >= 2 && !hasContent(line, column - 1) ? column - 2 : column - 1

export const install = (terminal: Terminal, core: Core): void => {
  const wide = (codePoint: number): 1 | 2 => (CharWidth.of(codePoint) === 2 ? 2 : 1)
  terminal.unicode.register({
    version: VERSION,
    wcwidth: wide,
    // xterm's packing of a width. Only what has one gets there, see below.
    charProperties: (codePoint) => (codePoint < FIRST_UNUSUAL ? 1 : wide(codePoint)) << 1
  })
  terminal.unicode.activeVersion = VERSION

  const handler = core._inputHandler
  const print = handler.print.bind(handler)
  /** Where the cursor was left by the last printed character: there, marks join that character. */
  let column = -1
  let row = -1

  const printWhole = (codePoints: Uint32Array, start: number, end: number) => {
    print(codePoints, start, end)
    column = handler._activeBuffer.x
    row = handler._activeBuffer.y
  }

  /** Joins a mark to the character before the cursor or, after a cursor movement, to the one under it. */
  const join = (mark: number) => {
    let buffer = handler._activeBuffer
    let line = buffer.lines.get(buffer.ybase + buffer.y)
    let at = Math.min(buffer.x, core.cols - 1)
    if (buffer.x === column && buffer.y === row) at = beforeCursor(line, buffer.x)
    if (!hasContent(line, at)) {
      printWhole(NO_BREAK_SPACE, 0, 1)
      buffer = handler._activeBuffer
      line = buffer.lines.get(buffer.ybase + buffer.y)
      at = buffer.x - 1
    }
    if (line === undefined || !hasContent(line, at)) return
    if (Buffer.byteLength(line.getString(at)) >= MAX_CELL_BYTES) return
    line.addCodepointToCell(at, mark, 0)
    handler._dirtyRowTracker.markDirty(buffer.y)
  }

  /**
   * Without autowrap, text beyond the last column overwrites it; a wide character that does not fit is left out. One by
   * one, because xterm minds halves of wide characters only at the ends of what it prints at once.
   */
  const printUnwrapped = (codePoints: Uint32Array, start: number, end: number) => {
    for (let i = start; i < end; i++) {
      const fits = handler._activeBuffer.x + CharWidth.of(codePoints[i] as number) <= core.cols
      if (fits || CharWidth.of(codePoints[i] as number) === 1) printWhole(codePoints, i, i + 1)
    }
  }

  handler.print = (codePoints, start, end) => {
    const printRun = core.coreService.decPrivateModes.wraparound ? printWhole : printUnwrapped
    let from = start
    for (let i = start; i < end; i++) {
      const codePoint = codePoints[i] as number
      if (codePoint < FIRST_UNUSUAL) continue
      const width = CharWidth.of(codePoint)
      if (width > 0) continue
      if (from < i) printRun(codePoints, from, i)
      from = i + 1
      if (width === 0) join(codePoint)
    }
    if (from < end) printRun(codePoints, from, end)
  }
}
