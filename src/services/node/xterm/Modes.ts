/**
 * The modes a person's terminal must follow, kept as the program set them: xterm forgets some (DECSCNM, alternate scroll)
 * and does not know others (mouse mode 1001, encodings 1005 and 1015).
 */
import * as Modes from "../../../domain/terminal/Modes.ts"
import type { Core, Params } from "./Internals.ts"

export interface ModeTracker {
  readonly modes: () => Modes.Modes
  /** DECSCUSR's number. */
  readonly cursorShape: () => number
}

const LAST_CURSOR_SHAPE = 6

/** `onReset` is called at a full reset (RIS). */
export const install = (core: Core, onReset: () => void): ModeTracker => {
  const handler = core._inputHandler
  let modes = Modes.DEFAULT
  let cursorShape = 0

  const change = (params: Params, on: boolean) => {
    for (let i = 0; i < params.length; i++) modes = Modes.set(modes, params.params[i] as number, on)
  }
  const setModePrivate = handler.setModePrivate.bind(handler)
  handler.setModePrivate = (params) => {
    change(params, true)
    return setModePrivate(params)
  }
  const resetModePrivate = handler.resetModePrivate.bind(handler)
  handler.resetModePrivate = (params) => {
    change(params, false)
    return resetModePrivate(params)
  }
  handler.setCursorStyle = (params) => {
    const shape = params.params[0] ?? 0
    if (shape >= 0 && shape <= LAST_CURSOR_SHAPE) cursorShape = shape
    return true
  }

  const reset = () => {
    modes = Modes.DEFAULT
    cursorShape = 0
    core.coreService.isCursorHidden = false
  }
  const softReset = handler.softReset.bind(handler)
  handler.softReset = (params) => {
    reset()
    return softReset(params)
  }
  const fullReset = handler.fullReset.bind(handler)
  handler.fullReset = () => {
    reset()
    onReset()
    return fullReset()
  }

  return { modes: () => modes, cursorShape: () => cursorShape }
}
