/**
 * The left and right margins: DECLRMM (mode 69) and DECSLRM. xterm has only those at the top and bottom.
 *
 * While the margins are the sides of the screen, xterm's own functions do all the work, at their usual cost. While they are narrower,
 * those of `MarginMotions`, `MarginEdits` and `MarginText` take their places.
 */
import * as ScreenArea from "../../../../domain/terminal/ScreenArea.ts"
import { Background, type Buffer, COLOR, type Core, type InputHandler, type Params } from "../Internals.ts"

/** Functions of xterm that are replaced. */
export type Replacements = Partial<InputHandler>

/** The margins of one emulator. */
export interface Margins {
  /** Whether the margins are narrower than the screen. A property, because each piece of text asks. */
  readonly areNarrow: boolean
  /**
   * Replaces functions of xterm, whenever the margins are narrower than the screen. The replacements are made when they are the first
   * time: most programs never set margins.
   */
  readonly whileNarrow: (make: () => Replacements) => void
  /** First and last column within the margins. */
  readonly left: () => number
  readonly right: () => number
  /** The cells within all four margins. */
  readonly region: () => ScreenArea.ScreenArea
  /** The cells that sequences can name: with origin mode those within the margins. */
  readonly addressable: () => ScreenArea.ScreenArea
  /** Whether the cursor is within all four margins. */
  readonly containCursor: () => boolean
  /** The next character begins a new line, because the last one was printed at the right margin. */
  readonly isWrapPending: () => boolean
  readonly setWrapPending: (isPending: boolean) => void
  /** Makes the margins the sides of the screen. */
  readonly clear: () => void
}

const MODE = 69
/** The values of a mode in DECRPM. */
const SET = 1
const RESET = 2

export const install = (core: Core): Margins => {
  const handler = core._inputHandler
  let isEnabled = false
  let left = 0
  /** Infinity: the last column of the screen. */
  let last = Number.POSITIVE_INFINITY
  /** Where the cursor was when a wrap became pending. It no longer is if the cursor has moved. */
  let pending: { readonly buffer: Buffer; readonly x: number; readonly y: number } | undefined

  /** Replacements that are not made yet. */
  const unmade: Array<() => Replacements> = []
  const replacements: Replacements = {}
  let ordinary: Replacements = {}

  const right = () => Math.min(last, core.cols - 1)
  const set = (first: number, end: number) => {
    left = first
    last = end
    pending = undefined
    const areNarrow = first > 0 || end < core.cols - 1
    if (areNarrow === margins.areNarrow) return
    margins.areNarrow = areNarrow
    if (areNarrow) {
      Object.assign(replacements, ...unmade.splice(0).map((make) => make()))
      ordinary = Object.fromEntries(
        Object.keys(replacements).map((name) => [name, handler[name as keyof InputHandler]])
      )
      Object.assign(handler, replacements)
    } else Object.assign(handler, ordinary)
  }
  const clear = () => {
    set(0, Number.POSITIVE_INFINITY)
  }
  const region = (): ScreenArea.ScreenArea => {
    const { scrollBottom, scrollTop } = handler._activeBuffer
    return { top: scrollTop, left, bottom: scrollBottom, right: right() }
  }

  const margins: { -readonly [K in keyof Margins]: Margins[K] } = {
    areNarrow: false,
    whileNarrow: (make) => void unmade.push(make),
    left: () => left,
    right,
    region,
    addressable: () => (core.coreService.decPrivateModes.origin ? region() : ScreenArea.whole(core.cols, core.rows)),
    containCursor: () => ScreenArea.contains(region(), handler._activeBuffer.y, handler._activeBuffer.x),
    isWrapPending: () => {
      const buffer = handler._activeBuffer
      return pending !== undefined && pending.buffer === buffer && pending.x === buffer.x && pending.y === buffer.y
    },
    setWrapPending: (isPending) => {
      const buffer = handler._activeBuffer
      pending = isPending ? { buffer, x: buffer.x, y: buffer.y } : undefined
    },
    clear
  }

  const changeMode = (sequence: (params: Params) => boolean, on: boolean) => (params: Params) => {
    const given = params.params.subarray(0, params.length)
    if (given.includes(MODE)) {
      isEnabled = on
      if (!on) clear()
    }
    return sequence(params)
  }
  handler.setModePrivate = changeMode(handler.setModePrivate.bind(handler), true)
  handler.resetModePrivate = changeMode(handler.resetModePrivate.bind(handler), false)

  handler._parser.registerCsiHandler({ final: "s" }, (params) => {
    if (!isEnabled) return false
    const first = (params.params[0] || 1) - 1
    const end = Math.min(params.length > 1 ? params.params[1] || core.cols : core.cols, core.cols) - 1
    if (first >= end) return true
    set(first, end === core.cols - 1 ? Number.POSITIVE_INFINITY : end)
    handler._setCursor(0, 0)
    return true
  })

  const requestMode = handler.requestMode.bind(handler)
  handler.requestMode = (params, ansi) => {
    if (ansi || params.params[0] !== MODE) return requestMode(params, ansi)
    core.coreService.triggerDataEvent(`\x1b[?${MODE};${isEnabled ? SET : RESET}$y`)
    return true
  }
  const requestStatusString = handler.requestStatusString.bind(handler)
  handler.requestStatusString = (request, params) => {
    if (request !== "s") return requestStatusString(request, params)
    core.coreService.triggerDataEvent(`\x1bP1$r${left + 1};${right() + 1}s\x1b\\`)
    return true
  }

  const ended =
    <A extends ReadonlyArray<unknown>>(reset: (...args: A) => boolean) =>
    (...args: A) => {
      isEnabled = false
      clear()
      return reset(...args)
    }
  handler.softReset = ended(handler.softReset.bind(handler))
  handler.fullReset = ended(handler.fullReset.bind(handler))

  // `@xterm/headless` keeps the margins and fills the screen within them, in the current rendition. xterm fills it in the default one,
  // and afterwards only the colours of the current one remain, and whether it is protected.
  const screenAlignmentPattern = handler.screenAlignmentPattern.bind(handler)
  handler.screenAlignmentPattern = () => {
    clear()
    core.coreService.decPrivateModes.origin = false
    handler._activeBuffer.scrollTop = 0
    handler._activeBuffer.scrollBottom = core.rows - 1
    const pen = handler._curAttrData
    const foreground = pen.fg & COLOR
    const background = pen.bg & (COLOR | Background.protected)
    pen.fg = 0
    pen.bg = 0
    screenAlignmentPattern()
    pen.fg = foreground
    pen.bg = background
    pen.updateExtended()
    return true
  }
  return margins
}
