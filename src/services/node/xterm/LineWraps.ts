/**
 * Keeps which rows continue the row above, as other terminals do: a row wraps until its last cell is drawn again or erased.
 *
 * xterm also ends a wrap if a line feed enters the row below, or if that is erased. Shells and pagers do so between two parts
 * of a line, and its text copied from the history would be cut into rows.
 */
import type * as Internals from "./Internals.ts"

/** The parameter of `EL` that erases what is before the cursor. */
const TO_CURSOR = 1

/** The wraps of one emulator. */
export interface LineWraps {
  /** The cursor's row ends in its last column: that was drawn, and the wrap that is pending has not joined the row below. */
  readonly endLine: () => void
}

export const install = (core: Internals.Core): LineWraps => {
  const handler = core._inputHandler

  const endLine = (): void => {
    const { lines, y, ybase } = handler._activeBuffer
    const next = y + 1 < core.rows ? lines.get(ybase + y + 1) : undefined
    if (next?.isWrapped !== true) return
    next.isWrapped = false
    handler._dirtyRowTracker.markDirty(y)
  }

  const lineFeed = handler.lineFeed.bind(handler)
  handler.lineFeed = () => {
    const { lines, scrollBottom, y, ybase } = handler._activeBuffer
    if (y === scrollBottom || y + 1 >= core.rows) return lineFeed()
    const next = lines.get(ybase + y + 1)
    const isWrapped = next?.isWrapped === true
    const result = lineFeed()
    if (isWrapped) next.isWrapped = true
    return result
  }

  /** Erases text of the cursor's row, which continues the row above as before. */
  const keepAbove = (erase: () => boolean): boolean => {
    const { lines, y, ybase } = handler._activeBuffer
    const line = lines.get(ybase + y)
    const isWrapped = line?.isWrapped === true
    const result = erase()
    if (isWrapped) line.isWrapped = true
    return result
  }

  const eraseInLine = handler.eraseInLine.bind(handler)
  handler.eraseInLine = (params, respectProtect) => {
    if (params.params[0] !== TO_CURSOR) endLine()
    return keepAbove(() => eraseInLine(params, respectProtect))
  }

  const eraseInDisplay = handler.eraseInDisplay.bind(handler)
  handler.eraseInDisplay = (params, respectProtect) =>
    params.params[0] === 0
      ? keepAbove(() => eraseInDisplay(params, respectProtect))
      : eraseInDisplay(params, respectProtect)

  return { endLine }
}
