/**
 * Private modes that only the emulator needs to know: clients see what they do in the picture.
 *
 * | mode | what                                                                     |
 * | ---- | ------------------------------------------------------------------------ |
 * | 4    | smooth scrolling: a screen that arrives as pictures looks the same        |
 * | 41   | a tab while a wrap is pending begins the next row (`margins/MarginMotions`) |
 *
 * As in xterm, a full reset ends the first only.
 */
import type { Core, Params } from "./Internals.ts"

/** The modes of one emulator. */
export interface EmulatorModes {
  /** Whether a mode is set; `undefined` for others than these. */
  readonly isSet: (mode: number) => boolean | undefined
  /** The terminal is reset fully. */
  readonly reset: () => void
}

const SMOOTH_SCROLLING = 4
/** Tabs begin the next row while a wrap is pending. */
export const TABS_WRAP = 41

export const install = (core: Core): EmulatorModes => {
  const handler = core._inputHandler
  let scrollsSmoothly = false
  let tabsWrap = false
  const changing = (sequence: (params: Params) => boolean, on: boolean) => (params: Params) => {
    for (let i = 0; i < params.length; i++) {
      if (params.params[i] === SMOOTH_SCROLLING) scrollsSmoothly = on
      if (params.params[i] === TABS_WRAP) tabsWrap = on
    }
    return sequence(params)
  }
  handler.setModePrivate = changing(handler.setModePrivate.bind(handler), true)
  handler.resetModePrivate = changing(handler.resetModePrivate.bind(handler), false)
  return {
    isSet: (mode) => (mode === SMOOTH_SCROLLING ? scrollsSmoothly : mode === TABS_WRAP ? tabsWrap : undefined),
    reset: () => {
      scrollsSmoothly = false
    }
  }
}
