/**
 * Keeps the text that a narrower screen cuts off: it is there again when the screen is wider, and is whole in the history.
 *
 * As in stock, lines are cut and not wrapped anew when the screen gets narrower. Terminals that wrap them anew lose nothing
 * when a window is narrow for a while, so nothing is lost here either if the client is one of ours and the session has a history.
 * A line is kept whole until the rest of it changes, or text in it is erased or moved. What programs draw on the alternate screen
 * is cut for good: they draw it again.
 */
import * as ImageCells from "../../../domain/images/ImageCells.ts"
import { WIDTH_SHIFT } from "../../../domain/terminal/Cell.ts"
import { type Buffer, type BufferLine, CELL_WORDS, type Core, HAS_CONTENT, IS_COMBINED } from "./Internals.ts"

/** A line as it was before it was cut. */
export interface WholeLine {
  readonly line: BufferLine
  /** The line that continues it. */
  readonly continuedBy: BufferLine | undefined
}

/** Lines that are on the screen, or were when its width changed last. Those that continue another are among them. */
type WholeLines = Map<BufferLine, WholeLine>

/** The cursor, where a narrower screen has moved it to its last column. */
interface MovedCursor {
  readonly line: BufferLine
  /** Column that it was in. */
  readonly from: number
  /** Column that it is in since then. */
  readonly to: number
}

/** The cut text of one emulator. */
export class CutText {
  private readonly core: Core
  private isKept = false
  private wholes: WholeLines | undefined
  private cursor: MovedCursor | undefined

  constructor(core: Core) {
    this.core = core
    const { _inputHandler: handler } = core
    const { eraseInDisplay, eraseInLine } = handler
    handler.eraseInLine = (params, respectProtect) => {
      this.forget(handler._activeBuffer.y, handler._activeBuffer.y)
      return eraseInLine.call(handler, params, respectProtect)
    }
    handler.eraseInDisplay = (params, respectProtect) => {
      const { y } = handler._activeBuffer
      const mode = params.params[0]
      this.forget(mode === 0 ? y : 0, mode === 1 ? y : mode === 3 ? -1 : core.rows - 1)
      return eraseInDisplay.call(handler, params, respectProtect)
    }
    for (const name of ["eraseChars", "deleteChars", "insertChars"] as const) {
      const edit = handler[name]
      handler[name] = (params) => {
        this.forget(handler._activeBuffer.y, handler._activeBuffer.y)
        return edit.call(handler, params)
      }
    }
  }

  /** Whether text that is cut off from now on is kept; at first, none is. */
  keep(isKept: boolean): void {
    this.isKept = isKept
    if (!isKept) this.wholes = undefined
  }

  /** Runs `resize`, which changes the width to `columns`. */
  during(columns: number, resize: () => void): void {
    if (!this.isKept) return resize()
    const { normal } = this.core.buffers
    const wholes = changedBy(columns, normal, this.wholes)
    const isLineUnchanged = wholeOf(this.cursor?.line, this.wholes) !== undefined
    const cursor = cursorOf(normal, wholes, isLineUnchanged ? this.cursor : undefined)
    resize()
    if (cursor !== undefined) normal.x = Math.min(cursor.from, columns - 1)
    this.cursor = cursor && cursor.from > normal.x ? { ...cursor, to: normal.x } : undefined
    restore(columns, normal, wholes)
    this.wholes = wholes.size === 0 ? undefined : wholes
  }

  /** The whole of a line that leaves the screen, if the screen shows less of it. It is not kept any longer. */
  take(line: BufferLine): WholeLine | undefined {
    if (this.wholes === undefined) return undefined
    const whole = wholeOf(line, this.wholes)
    const isContinued = wholeOf(whole?.continuedBy, this.wholes) !== undefined
    this.wholes.delete(line)
    return whole === undefined || isContinued ? whole : { line: whole.line, continuedBy: undefined }
  }

  private forget(from: number, to: number): void {
    const { lines, ybase } = this.core._inputHandler._activeBuffer
    if (this.wholes === undefined || lines !== this.core.buffers.normal.lines) return
    for (let y = from; y <= to; y++) {
      const line = lines.get(ybase + y)
      if (line !== undefined) this.wholes.delete(line)
    }
  }
}

const wholeOf = (line: BufferLine | undefined, wholes: WholeLines | undefined): WholeLine | undefined => {
  const whole = line && wholes?.get(line)
  return line !== undefined && whole !== undefined && isBeginningOf(line, whole.line) ? whole : undefined
}

/** Where the cursor belongs, if it is in a line that is kept whole. `before`: where it was moved last. */
const cursorOf = ({ lines, x, y, ybase }: Buffer, wholes: WholeLines, before: MovedCursor | undefined) => {
  const line = lines.get(ybase + y)
  if (line === undefined || !wholes.has(line)) return undefined
  return before?.line === line && before.to === x ? before : { line, from: x, to: x }
}

/** Lines of which a screen of `columns` shows less, or that wrap, which they no longer do with another width. */
const changedBy = (columns: number, { lines }: Buffer, before: WholeLines | undefined): WholeLines => {
  const changed: WholeLines = new Map()
  for (let i = 0; i < lines.length; i++) {
    const line = lines.get(i) as BufferLine
    const next = lineAfter(i, lines)
    const continuedBy = next?.isWrapped === true ? next : undefined
    const known = wholeOf(line, before)
    if (known !== undefined) changed.set(line, known)
    else if ((line.isWrapped || continuedBy !== undefined || hasText(line, columns)) && !showsImage(line))
      changed.set(line, { line: line.clone(), continuedBy })
  }
  return changed
}

/** Shows as much of its lines as the screen is wide. Those that are shown whole need not be kept. */
const restore = (columns: number, buffer: Buffer, wholes: WholeLines): void => {
  const { lines } = buffer
  for (let i = 0; i < lines.length; i++) {
    const line = lines.get(i) as BufferLine
    const whole = wholes.get(line)
    if (whole === undefined) continue
    const { continuedBy, line: full } = whole
    const { isWrapped } = line
    line.copyFrom(full)
    line.isWrapped = isWrapped
    line.resize(columns, buffer.getNullCell())
    const isContinued = continuedBy !== undefined && continuedBy === lineAfter(i, lines) && wholes.has(continuedBy)
    if (full.length === columns && isContinued) continuedBy.isWrapped = true
    if (full.length === columns || (full.length < columns && !isContinued && !full.isWrapped)) wholes.delete(line)
  }
}

/** The line after another; the last one is followed by none. */
const lineAfter = (index: number, lines: Buffer["lines"]): BufferLine | undefined =>
  index + 1 < lines.length ? lines.get(index + 1) : undefined

/** Whether a line is unchanged: it is what the screen shows of `whole`, followed by nothing. */
const isBeginningOf = (line: BufferLine, whole: BufferLine): boolean => {
  const columns = Math.min(line.length, whole.length)
  for (let at = 0; at < CELL_WORDS * columns; at++) if (line._data[at] !== whole._data[at]) return false
  // The text of these cells is beside them.
  for (let x = 0; x < columns; x++)
    if (((line._data[CELL_WORDS * x] as number) & IS_COMBINED) !== 0 && line._combined[x] !== whole._combined[x])
      return false
  return !hasText(line, columns)
}

/** Whether a line has text in a column from `from`, 0-based. The right half of a wide character is a cell of width 0. */
const hasText = ({ _data: data, length }: BufferLine, from: number): boolean => {
  for (let x = from; x < length; x++) {
    const content = data[CELL_WORDS * x] as number
    if ((content & HAS_CONTENT) !== 0 || content >>> WIDTH_SHIFT === 0) return true
  }
  return false
}

/** An image may be removed before its cells are shown again. */
const showsImage = (line: BufferLine): boolean =>
  Object.values(line._combined).some((text) => text.codePointAt(0) === ImageCells.CHARACTER)
