/**
 * Tracks the modes of the keyboard. Of these, xterm knows the application keypad only.
 */
import * as KeyboardModes from "../../../domain/keyboard/KeyboardModes.ts"
import * as KittyKeyboard from "../../../domain/keyboard/KittyKeyboard.ts"
import type { Core, Params } from "./Internals.ts"

/** The keyboard modes of one emulator. */
export interface KeyboardTracker {
  /** The current modes: the same object while nothing changes. */
  readonly modes: () => KeyboardModes.KeyboardModes
}

/** Starts tracking. */
export const install = (core: Core, isAlternate: () => boolean): KeyboardTracker => {
  const handler = core._inputHandler
  let stored = KeyboardModes.DEFAULT
  let kitty = KittyKeyboard.initial
  let last = stored

  const screen = () => (isAlternate() ? "alternate" : "primary")
  const on = (prefix: string, final: string, change: (first: number, second: number | undefined) => void) =>
    handler._parser.registerCsiHandler({ prefix, final }, (params: Params) => {
      change(params.params[0] ?? 0, params.length > 1 ? params.params[1] : undefined)
      return true
    })
  on(">", "m", (key, value = 0) => {
    // Without a number, all are reset.
    stored = KeyboardModes.modify(stored, key === 0 ? KeyboardModes.OTHER_KEYS : key, key === 0 ? 0 : value)
  })
  on(">", "n", (key) => {
    stored = KeyboardModes.modify(stored, key, 0)
  })
  on(">", "f", (key, value = 0) => {
    stored = KeyboardModes.format(stored, key === 0 ? KeyboardModes.OTHER_KEYS : key, key === 0 ? 0 : value)
  })
  on(">", "u", (flags) => {
    kitty = KittyKeyboard.push(kitty, screen(), flags)
  })
  on("<", "u", (count) => {
    kitty = KittyKeyboard.pop(kitty, screen(), Math.max(1, count))
  })
  on("=", "u", (flags, how = 1) => {
    kitty = KittyKeyboard.set(kitty, screen(), flags, Math.max(1, how))
  })

  const reset = () => {
    stored = KeyboardModes.DEFAULT
    kitty = KittyKeyboard.initial
  }
  const softReset = handler.softReset.bind(handler)
  handler.softReset = (params) => {
    reset()
    return softReset(params)
  }
  const fullReset = handler.fullReset.bind(handler)
  handler.fullReset = () => {
    reset()
    return fullReset()
  }

  return {
    modes: () => {
      const { applicationKeypad } = core.coreService.decPrivateModes
      const shown = KeyboardModes.setKitty(stored, KittyKeyboard.current(kitty, screen()))
      const modes = KeyboardModes.setKeypad(shown, applicationKeypad)
      if (!KeyboardModes.equals(modes, last)) last = modes
      return last
    }
  }
}
