/**
 * Saves and restores titles: `CSI 22 ; n t` and `CSI 23 ; n t`, where n is 1 for the icon title, 2 for the window title
 * and 0 for both.
 */
import type { Core } from "./Internals.ts"

/** Maximum number of saved titles of each kind; beyond it the oldest is dropped, as in xterm. */
const MAX_SAVED = 10

const SAVE = 22
const RESTORE = 23

/** A title that can be saved. */
export interface Title {
  readonly get: () => string | undefined
  readonly set: (title: string) => void
}

/** The saved titles of one emulator. */
export interface TitleStack {
  /** Drops all saved titles. */
  readonly clear: () => void
}

export const install = (core: Core, window: Title, icon: Title): TitleStack => {
  const handler = core._inputHandler
  const windows = saved(window)
  const icons = saved(icon)
  const chosen = (which: number) =>
    which === 0 ? [windows, icons] : which === 1 ? [icons] : which === 2 ? [windows] : []
  const windowOptions = handler.windowOptions.bind(handler)
  handler.windowOptions = (params) => {
    const which = params.length > 1 ? (params.params[1] as number) : 0
    if (params.params[0] === SAVE) for (const titles of chosen(which)) titles.save()
    else if (params.params[0] === RESTORE) for (const titles of chosen(which)) titles.restore()
    else return windowOptions(params)
    return true
  }
  return {
    clear: () => {
      windows.clear()
      icons.clear()
    }
  }
}

const saved = (title: Title) => {
  const stack: Array<string | undefined> = []
  return {
    save: () => {
      stack.push(title.get())
      if (stack.length > MAX_SAVED) stack.shift()
    },
    restore: () => {
      if (stack.length === 0) return
      const before = stack.pop()
      // That no title was set cannot be sent to a client, so an empty title replaces it.
      if (before !== title.get()) title.set(before ?? "")
    },
    clear: () => {
      stack.length = 0
    }
  }
}
