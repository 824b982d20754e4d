/**
 * Changes between the primary and the alternate screen, as in xterm. `@xterm/headless` differs:
 *
 * - It erases the alternate screen at each change. Only mode 1047 does when a program leaves the screen, and mode 1049 when one
 *   enters it, also from the alternate screen itself.
 * - It gives each screen its own tab stops and scrolling region.
 */
import * as ScreenArea from "../../../domain/terminal/ScreenArea.ts"
import type { BufferLine, Core, Params } from "./Internals.ts"
import * as CellBlocks from "./rectangles/CellBlocks.ts"

const KEEPING = 47
const ERASING_ON_EXIT = 1047
const ERASING_ON_ENTRY = 1049

/** The alternate screen of one emulator, while it is not shown. */
export interface AlternateScreen {
  /** Erases it: after another size, and at a full reset. */
  readonly erase: () => void
}

export const install = (core: Core, isAlternate: () => boolean): AlternateScreen => {
  const handler = core._inputHandler
  let kept: ReadonlyArray<BufferLine> = []
  const erase = () => {
    kept = []
  }
  const names = (params: Params, mode: number) => params.params.subarray(0, params.length).includes(mode)

  /** A sequence that may change the screen. What both have in common stays as it is. */
  const changing = (sequence: (params: Params) => boolean) => (params: Params) => {
    const before = handler._activeBuffer
    const { scrollBottom, scrollTop, tabs } = before
    sequence(params)
    const now = handler._activeBuffer
    if (now !== before) Object.assign(now, { scrollBottom, scrollTop, tabs })
    return now !== before
  }

  const setModePrivate = changing(handler.setModePrivate.bind(handler))
  handler.setModePrivate = (params) => {
    const hasChanged = setModePrivate(params)
    if (hasChanged && !names(params, ERASING_ON_ENTRY)) {
      const { lines, ybase } = handler._activeBuffer
      kept.forEach((line, y) => lines.set(ybase + y, line))
    }
    if (hasChanged) erase()
    else if (isAlternate() && names(params, ERASING_ON_ENTRY)) {
      const blank = handler._eraseAttrData()
      CellBlocks.each(handler, ScreenArea.whole(core.cols, core.rows), (line, column) => {
        line.setCellFromCodepoint(column, 0, 1, blank)
      })
    }
    return true
  }
  const resetModePrivate = changing(handler.resetModePrivate.bind(handler))
  handler.resetModePrivate = (params) => {
    if (isAlternate() && names(params, KEEPING) && !names(params, ERASING_ON_EXIT)) {
      const { lines, ybase } = handler._activeBuffer
      kept = Array.from({ length: core.rows }, (_, y) => lines.get(ybase + y)).filter((line) => line !== undefined)
    }
    resetModePrivate(params)
    return true
  }
  return { erase }
}
