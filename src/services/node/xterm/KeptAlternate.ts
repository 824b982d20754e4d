/**
 * Keeps the alternate screen while a program that left it by mode 47 is on the primary one, as xterm does. Mode 1047 erases the
 * alternate screen when a program leaves it, mode 1049 when one enters it, and `@xterm/headless` with any of them.
 */
import type { BufferLine, Core, Params } from "./Internals.ts"

const KEEPING = 47
const ERASING_ON_ENTRY = 1049
const ERASING_ON_EXIT = 1047

/** The kept screen of one emulator. */
export interface KeptAlternate {
  /** Forgets it: after another size. */
  readonly clear: () => void
}

export const install = (core: Core, isAlternate: () => boolean): KeptAlternate => {
  const handler = core._inputHandler
  let kept: ReadonlyArray<BufferLine> = []
  const clear = () => {
    kept = []
  }
  const names = (params: Params, mode: number) => params.params.subarray(0, params.length).includes(mode)

  const setModePrivate = handler.setModePrivate.bind(handler)
  handler.setModePrivate = (params) => {
    const isShown = isAlternate()
    setModePrivate(params)
    if (isShown || !isAlternate()) return true
    const { lines, ybase } = handler._activeBuffer
    if (!names(params, ERASING_ON_ENTRY)) kept.forEach((line, y) => lines.set(ybase + y, line))
    clear()
    return true
  }
  const resetModePrivate = handler.resetModePrivate.bind(handler)
  handler.resetModePrivate = (params) => {
    if (isAlternate() && names(params, KEEPING) && !names(params, ERASING_ON_EXIT)) {
      const { lines, ybase } = handler._activeBuffer
      kept = Array.from({ length: core.rows }, (_, y) => lines.get(ybase + y)).filter((line) => line !== undefined)
    }
    return resetModePrivate(params)
  }
  const fullReset = handler.fullReset.bind(handler)
  handler.fullReset = () => {
    clear()
    return fullReset()
  }
  return { clear }
}
