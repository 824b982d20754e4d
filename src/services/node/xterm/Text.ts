/**
 * Places text in cells: widths follow the pinned table, and characters of width 0 are joined as stock mosh joins them
 * (spec 8.3). Further sequences are joined by `ClusterRules`, none at first.
 */
import type { Terminal } from "@xterm/headless"
import { WIDTH_SHIFT } from "../../../domain/terminal/Cell.ts"
import * as CharWidth from "../../../domain/terminal/CharWidth.ts"
import * as ClusterRules from "../../../domain/terminal/ClusterRules.ts"
import type { LineWraps } from "./LineWraps.ts"
import * as MarginText from "./margins/MarginText.ts"
import type { Margins } from "./margins/Margins.ts"
import { Background, BLANK, type BufferLine, CELL_WORDS, type Core, HAS_CONTENT } from "./Internals.ts"

/** Size of a cell's text, bytes of UTF-8, from which on it takes no further combining mark. */
const MAX_CELL_BYTES = 32

/** The base character of a mark that has no character to join. */
const NO_BREAK_SPACE = Uint32Array.of(0xa0)

/** The first code point that may be unprintable or have a width other than 1, beyond ASCII's control characters. */
const FIRST_UNUSUAL = 0xad

/** A width of 1, in xterm's encoding of properties. */
const NARROW_PROPERTIES = 1 << 1

const VERSION = "mosh"

const WITHOUT_WIDTH = ~(3 << WIDTH_SHIFT)

const hasContent = (line: BufferLine | undefined, column: number): boolean =>
  ((line?._data[CELL_WORDS * column] ?? 0) & HAS_CONTENT) !== 0

/** The column of the character that ends before `column`; a wide one begins two columns before. */
const beforeCursor = (line: BufferLine | undefined, column: number): number =>
  column >= 2 && !hasContent(line, column - 1) ? column - 2 : column - 1

/** The text of one emulator. */
export interface Text {
  /** The sequences that are joined from now on. */
  readonly join: (rules: ClusterRules.ClusterRules) => void
}

export const install = (terminal: Terminal, core: Core, margins: Margins, { endLine }: LineWraps): Text => {
  let rules = ClusterRules.NONE
  const wide = (codePoint: number): 1 | 2 => (CharWidth.of(codePoint) === 2 ? 2 : 1)
  terminal.unicode.register({
    version: VERSION,
    wcwidth: wide,
    // xterm's encoding of a width. Characters without a width are intercepted by `print` below.
    charProperties: (codePoint) => (codePoint < FIRST_UNUSUAL ? 1 : wide(codePoint)) << 1
  })
  terminal.unicode.activeVersion = VERSION

  const handler = core._inputHandler
  const print = handler.print.bind(handler)
  /** The cursor's position after the last printed character. At this position, a mark joins that character. */
  let column = -1
  let row = -1

  const printWithin = MarginText.make(core, margins, print)
  const printWhole = (codePoints: Uint32Array, start: number, end: number) => {
    if (margins.areNarrow) printWithin(codePoints, start, end)
    else print(codePoints, start, end)
    if (handler._activeBuffer.x >= core.cols) endLine()
    column = afterText()
    row = handler._activeBuffer.y
  }

  /** The column after the last printed character: also while a wrap at the right margin is pending. */
  const afterText = () => handler._activeBuffer.x + (margins.areNarrow && margins.isWrapPending() ? 1 : 0)

  /** Joins a mark to the character before the cursor or, if the cursor has moved, to the one at the cursor. */
  const join = (mark: number) => {
    let buffer = handler._activeBuffer
    let line = buffer.lines.get(buffer.ybase + buffer.y)
    let at = Math.min(buffer.x, core.cols - 1)
    if (afterText() === column && buffer.y === row) at = beforeCursor(line, column)
    if (!hasContent(line, at)) {
      printWhole(NO_BREAK_SPACE, 0, 1)
      buffer = handler._activeBuffer
      line = buffer.lines.get(buffer.ybase + buffer.y)
      at = column - 1
    }
    if (line === undefined || !hasContent(line, at)) return
    const limit = rules === ClusterRules.NONE ? MAX_CELL_BYTES : ClusterRules.MAX_BYTES
    if (Buffer.byteLength(line.getString(at)) >= limit) return
    line.addCodepointToCell(at, mark, 0)
    handler._dirtyRowTracker.markDirty(buffer.y)
    if (rules !== ClusterRules.NONE) widen(line, at)
  }

  /** Gives the cluster before the cursor a second column, if it has become wide and the row has room. */
  const widen = (line: BufferLine, at: number) => {
    const buffer = handler._activeBuffer
    const content = line._data[CELL_WORDS * at] as number
    const isNarrow = content >>> WIDTH_SHIFT === 1
    if (
      !isNarrow ||
      buffer.x !== at + 1 ||
      margins.isWrapPending() ||
      at + 1 >= core.cols ||
      ClusterRules.columnsOf(line.getString(at), rules) === 1
    )
      return
    const attributes = handler._curAttrData
    if ((line._data[CELL_WORDS * (at + 1)] as number) >>> WIDTH_SHIFT === 2 && at + 2 < core.cols)
      line.setCellFromCodepoint(at + 2, 0, 1, attributes)
    line.setCellFromCodepoint(at + 1, 0, 0, attributes)
    line._data[CELL_WORDS * at] = (content & WITHOUT_WIDTH) | (2 << WIDTH_SHIFT)
    column = ++buffer.x
  }

  /** Joins a character with a width to the one before the cursor, if the rules join them. */
  const joinsNext = (codePoint: number): boolean => {
    const buffer = handler._activeBuffer
    if (afterText() !== column || buffer.y !== row) return false
    const line = buffer.lines.get(buffer.ybase + buffer.y)
    const at = beforeCursor(line, column)
    if (line === undefined || at < 0 || !hasContent(line, at)) return false
    const text = line.getString(at)
    if (Buffer.byteLength(text) >= ClusterRules.MAX_BYTES || !ClusterRules.isJoined(text, codePoint, rules))
      return false
    line.addCodepointToCell(at, codePoint, 0)
    handler._dirtyRowTracker.markDirty(buffer.y)
    widen(line, at)
    return true
  }

  /**
   * Prints without autowrap: text beyond the last column overwrites that column, and a wide character that does not fit
   * is dropped. Characters are printed one by one, because xterm repairs halves of wide characters only at the ends of
   * a run.
   */
  const printUnwrapped = (codePoints: Uint32Array, start: number, end: number) => {
    for (let i = start; i < end; i++) {
      const fits = handler._activeBuffer.x + CharWidth.of(codePoints[i] as number) <= core.cols
      if (fits || CharWidth.of(codePoints[i] as number) === 1) printWhole(codePoints, i, i + 1)
    }
  }

  /**
   * Prints characters of width 1 in one rendition that fit into the line: most text does, and xterm's own loop looks up the
   * width, the character set and the modes for each of them. False if it was not printed, because something else is to be done.
   */
  const printNarrow = (codePoints: Uint32Array, start: number, end: number): boolean => {
    const buffer = handler._activeBuffer
    const { bg, fg } = handler._curAttrData
    const from = buffer.x
    const to = from + end - start
    if (to > core.cols || (bg & Background.hasExtended) !== 0) return false
    if (margins.areNarrow || handler._charsetService.charset !== undefined || core.coreService.modes.insertMode)
      return false
    const data = buffer.lines.get(buffer.ybase + buffer.y)?._data
    if (data === undefined) return false
    // Halves of wide characters beside the text are erased.
    if (from > 0 && (data[CELL_WORDS * (from - 1)] as number) >>> WIDTH_SHIFT === 2) return false
    if (to < core.cols && (data[CELL_WORDS * to] as number) >>> WIDTH_SHIFT === 0) return false
    for (let i = start, at = CELL_WORDS * from; i < end; i++, at += CELL_WORDS) {
      data[at] = (codePoints[i] as number) | BLANK
      data[at + 1] = fg
      data[at + 2] = bg
    }
    buffer.x = column = to
    if (to === core.cols) endLine()
    row = buffer.y
    handler._parser.precedingJoinState = NARROW_PROPERTIES
    handler._dirtyRowTracker.markDirty(row)
    return true
  }

  handler.print = (codePoints, start, end) => {
    let usual = start
    while (usual < end && (codePoints[usual] as number) < FIRST_UNUSUAL) usual++
    if (usual === end && printNarrow(codePoints, start, end)) return
    const printRun = core.coreService.decPrivateModes.wraparound ? printWhole : printUnwrapped
    let from = start
    for (let i = usual; i < end; i++) {
      const codePoint = codePoints[i] as number
      if (codePoint < FIRST_UNUSUAL) continue
      const width = CharWidth.of(codePoint)
      if (width > 0 && (rules === ClusterRules.NONE || !ClusterRules.mayContinue(codePoint))) continue
      if (from < i) printRun(codePoints, from, i)
      from = i + 1
      if (width === 0) join(codePoint)
      else if (width > 0 && !joinsNext(codePoint)) printRun(codePoints, i, from)
    }
    if (from < end) printRun(codePoints, from, end)
  }

  return {
    join: (joined) => {
      rules = joined
    }
  }
}
