/**
 * Prints text within the left and right margins: it wraps at the right margin and continues at the left one.
 */
import * as CharWidth from "../../../../domain/terminal/CharWidth.ts"
import * as CellBlocks from "../rectangles/CellBlocks.ts"
import type { Core } from "../Internals.ts"
import type { Margins } from "./Margins.ts"

type Print = (codePoints: Uint32Array, start: number, end: number) => void

/** Prints characters with a width of 1 or 2. `print`: xterm's own, which is given characters that fit. */
export const make = (core: Core, margins: Margins, print: Print): Print => {
  const handler = core._inputHandler

  const wrap = () => {
    handler.index()
    handler._activeBuffer.x = margins.left()
  }

  const printOne = (codePoints: Uint32Array, at: number) => {
    const { modes, decPrivateModes } = core.coreService
    const width = CharWidth.of(codePoints[at] as number) === 2 ? 2 : 1
    if (margins.isWrapPending() || handler._activeBuffer.x >= core.cols) {
      if (decPrivateModes.wraparound) wrap()
      else handler._restrictCursor()
    }
    margins.setWrapPending(false)
    let buffer = handler._activeBuffer
    let last = buffer.x <= margins.right() ? margins.right() : core.cols - 1
    if (buffer.x + width - 1 > last) {
      if (!decPrivateModes.wraparound) return
      wrap()
      buffer = handler._activeBuffer
      last = margins.right()
    }
    const { insertMode } = modes
    if (insertMode && buffer.x >= margins.left() && buffer.x <= margins.right()) {
      CellBlocks.shift(handler, { top: buffer.y, bottom: buffer.y, left: buffer.x, right: last }, 0, width)
    }
    modes.insertMode = false
    print(codePoints, at, at + 1)
    modes.insertMode = insertMode
    if (buffer.x <= last || last === core.cols - 1) return
    buffer.x = last
    margins.setWrapPending(true)
  }

  const repeatPrecedingCharacter = handler.repeatPrecedingCharacter.bind(handler)
  margins.whileNarrow(() => ({
    // While a wrap is pending, the character is at the cursor. xterm would repeat the one before it.
    repeatPrecedingCharacter: (params) => {
      if (!margins.isWrapPending() || handler._parser.precedingJoinState === 0) return repeatPrecedingCharacter(params)
      const { x, y } = handler._activeBuffer
      const line = CellBlocks.lineOf(handler._activeBuffer, y)
      const character = line?.getString(x) || line?.getString(x - 1) || " "
      const times = Math.min(params.params[0] || 1, core.cols * core.rows)
      const codePoints = Uint32Array.from(character.repeat(times), (text) => text.codePointAt(0) as number)
      handler.print(codePoints, 0, codePoints.length)
      return true
    }
  }))

  return (codePoints, start, end) => {
    for (let i = start; i < end; i++) printOne(codePoints, i)
  }
}
