/**
 * Tracks synchronized updates: mode 2026. xterm only stores the mode.
 *
 * When an update begins, the screen from before it is read, because the program then draws over it. Reading costs time, so it
 * is done at most `MAX_READS` times per `write`; an update beyond that keeps the screen that was read last.
 */
import type { OpenUpdate } from "../../server/Emulator.ts"
import type { Core, Params } from "./Internals.ts"

/** The updates of one emulator. */
export interface Updates {
  /** The open update; `undefined` if none is open. */
  readonly open: () => OpenUpdate | undefined
  /** `write` was called: the screen may be read again. */
  readonly written: () => void
}

/** Maximum number of times that the screen is read during one `write`. */
const MAX_READS = 16

const MODE = 2026
/** The values of a mode in DECRPM. */
const SET = 1
const RESET = 2

/** Starts tracking. `read` gives the current screen, also within a sequence. */
export const install = (core: Core, read: () => OpenUpdate["before"]): Updates => {
  const handler = core._inputHandler
  let open: OpenUpdate | undefined
  let before: OpenUpdate["before"] | undefined
  let number = 0
  let reads = 0

  const begin = () => {
    if (open !== undefined) return
    if (before === undefined || reads < MAX_READS) {
      before = read()
      reads++
    }
    open = { number: ++number, before }
  }
  const end = () => {
    open = undefined
  }

  /** xterm would mark all rows as changed at the end of an update, so it never receives this mode alone. */
  const tracked = (sequence: (params: Params) => boolean, change: () => void) => (params: Params) => {
    if (params.params.subarray(0, params.length).includes(MODE)) change()
    return (params.length === 1 && params.params[0] === MODE) || sequence(params)
  }
  handler.setModePrivate = tracked(handler.setModePrivate.bind(handler), begin)
  handler.resetModePrivate = tracked(handler.resetModePrivate.bind(handler), end)

  const requestMode = handler.requestMode.bind(handler)
  handler.requestMode = (params, ansi) => {
    if (ansi || params.params[0] !== MODE) return requestMode(params, ansi)
    core.coreService.triggerDataEvent(`\x1b[?${MODE};${open === undefined ? RESET : SET}$y`)
    return true
  }

  const softReset = handler.softReset.bind(handler)
  handler.softReset = (params) => {
    end()
    return softReset(params)
  }
  const fullReset = handler.fullReset.bind(handler)
  handler.fullReset = () => {
    end()
    return fullReset()
  }

  return {
    open: () => open,
    written: () => {
      reads = 0
    }
  }
}
