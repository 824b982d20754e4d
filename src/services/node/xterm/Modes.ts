/**
 * Tracks the modes that the client's terminal must follow. xterm does not keep some of them (DECSCNM, alternate
 * scroll), and does not know others (mouse mode 1001, encodings 1005 and 1015).
 */
import * as Modes from "../../../domain/terminal/Modes.ts"
import type { Core, Params } from "./Internals.ts"

/** The current modes of one emulator. */
export interface ModeTracker {
  readonly modes: () => Modes.Modes
  /** The cursor shape, as the parameter of DECSCUSR. */
  readonly cursorShape: () => number
}

const LAST_CURSOR_SHAPE = 6

/** Starts tracking. `onReset` is called at a full reset (RIS). */
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
