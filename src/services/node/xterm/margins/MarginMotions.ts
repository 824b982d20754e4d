/**
 * Moves the cursor with respect to the margins. From within them it stops at them; from outside, at the sides of the screen.
 *
 * xterm's relative movements are corrected, too: with origin mode they add the top margin to the cursor's row.
 */
import type { Buffer, Core, Params } from "../Internals.ts"
import { type EmulatorModes, TABS_WRAP } from "../EmulatorModes.ts"
import type { Margins } from "./Margins.ts"

const count = (params: Params): number => params.params[0] || 1

export const install = (core: Core, margins: Margins, isSet: EmulatorModes["isSet"]): void => {
  const handler = core._inputHandler
  const hasOrigin = () => core.coreService.decPrivateModes.origin

  const restrictCursor = handler._restrictCursor.bind(handler)
  const setCursor = handler._setCursor.bind(handler)
  margins.whileNarrow(() => ({
    _restrictCursor: (lastColumn) => {
      restrictCursor(lastColumn)
      if (!hasOrigin()) return
      const buffer = handler._activeBuffer
      buffer.x = Math.min(Math.max(buffer.x, margins.left()), margins.right())
    },
    _setCursor: (column, row) => {
      margins.setWrapPending(false)
      setCursor(hasOrigin() ? column + margins.left() : column, row)
    }
  }))
  handler._moveCursor = (columns, rows) => {
    handler._restrictCursor()
    margins.setWrapPending(false)
    const buffer = handler._activeBuffer
    buffer.x += columns
    buffer.y += rows
    handler._restrictCursor()
  }

  const toColumn = (params: Params) => {
    margins.setWrapPending(false)
    handler._activeBuffer.x = count(params) - 1 + (hasOrigin() ? margins.left() : 0)
    handler._restrictCursor()
    return true
  }
  handler.cursorCharAbsolute = toColumn
  handler.charPosAbsolute = toColumn
  const linePosAbsolute = handler.linePosAbsolute.bind(handler)
  handler.linePosAbsolute = (params) => {
    if (!hasOrigin()) return linePosAbsolute(params)
    handler._setCursor(handler._activeBuffer.x - margins.left(), count(params) - 1)
    return true
  }

  // DECSC saves origin mode, too; xterm leaves it as it is.
  let withOrigin = new WeakSet<Buffer>()
  const saveCursor = handler.saveCursor.bind(handler)
  handler.saveCursor = () => {
    const buffer = handler._activeBuffer
    if (hasOrigin()) withOrigin.add(buffer)
    else withOrigin.delete(buffer)
    return saveCursor()
  }
  const restoreCursor = handler.restoreCursor.bind(handler)
  handler.restoreCursor = () => {
    margins.setWrapPending(false)
    core.coreService.decPrivateModes.origin = withOrigin.has(handler._activeBuffer)
    return restoreCursor()
  }
  const forgetting =
    <A extends ReadonlyArray<unknown>>(reset: (...args: A) => boolean) =>
    (...args: A) => {
      withOrigin = new WeakSet()
      return reset(...args)
    }
  handler.softReset = forgetting(handler.softReset.bind(handler))
  handler.fullReset = forgetting(handler.fullReset.bind(handler))

  /** The last column that the cursor reaches from where it is. */
  const lastReachable = (): number => (handler._activeBuffer.x <= margins.right() ? margins.right() : core.cols - 1)
  const firstReachable = (): number => (handler._activeBuffer.x >= margins.left() ? margins.left() : 0)
  const backward = (columns: number) => {
    const buffer = handler._activeBuffer
    buffer.x = Math.max(Math.min(buffer.x, core.cols - 1) - columns, firstReachable())
  }
  /**
   * With mode 45, the end of the row above follows the first column, and the bottom of the screen its top. From the first cell
   * within the margins, as in xterm, the cursor moves to the last one, whatever the number of columns.
   */
  const backwardAround = (columns: number) => {
    const buffer = handler._activeBuffer
    const isPending = margins.isWrapPending() || buffer.x >= core.cols
    handler._restrictCursor()
    const first = firstReachable()
    const x = buffer.x - (isPending ? columns - 1 : columns)
    margins.setWrapPending(false)
    if (x >= first) {
      buffer.x = x
      return
    }
    if (!isPending && buffer.x === margins.left() && buffer.y === buffer.scrollTop) {
      buffer.x = margins.right()
      buffer.y = buffer.scrollBottom
      return
    }
    const width = margins.right() - first + 1
    const cells = width * core.rows
    const place = (((width * buffer.y + x - first) % cells) + cells) % cells
    buffer.y = Math.floor(place / width)
    buffer.x = first + (place % width)
  }
  const isAround = () => {
    const { reverseWraparound, wraparound } = core.coreService.decPrivateModes
    return reverseWraparound && wraparound
  }
  const backspace = handler.backspace.bind(handler)
  handler.backspace = () => {
    if (!isAround()) return backspace()
    backwardAround(1)
    return true
  }
  const cursorBackward = handler.cursorBackward.bind(handler)
  handler.cursorBackward = (params) => {
    if (!isAround()) return cursorBackward(params)
    backwardAround(count(params))
    return true
  }

  const tab = (times: number) => {
    const buffer = handler._activeBuffer
    const last = lastReachable()
    for (let i = times; i > 0 && buffer.x < last; i--) buffer.x = Math.min(buffer.nextStop(), last)
  }
  /** With mode 41, a tab while a wrap is pending wraps first. Of several tabs only one is done then, as in xterm. */
  const tabWraps = (): boolean => {
    const isPending = margins.isWrapPending() || handler._activeBuffer.x >= core.cols
    if (!isPending || !core.coreService.decPrivateModes.wraparound || isSet(TABS_WRAP) !== true) return false
    handler.index()
    handler._activeBuffer.x = margins.left()
    tab(1)
    return true
  }
  const ordinaryTab = handler.tab.bind(handler)
  handler.tab = () => tabWraps() || ordinaryTab()
  const cursorForwardTab = handler.cursorForwardTab.bind(handler)
  handler.cursorForwardTab = (params) => tabWraps() || cursorForwardTab(params)
  const cursorBackwardTab = handler.cursorBackwardTab.bind(handler)
  handler.cursorBackwardTab = (params) => {
    // While a wrap is pending, xterm would not move.
    handler._restrictCursor()
    return cursorBackwardTab(params)
  }
  margins.whileNarrow(() => {
    /** A function that ends a pending wrap. */
    const ending =
      <A extends ReadonlyArray<unknown>>(move: (...args: A) => void) =>
      (...args: A) => {
        move(...args)
        margins.setWrapPending(false)
        return true
      }
    const toFirst = () => {
      handler._activeBuffer.x = hasOrigin() ? margins.left() : firstReachable()
    }
    return {
      carriageReturn: ending(toFirst),
      backspace: ending(() => {
        if (isAround()) backwardAround(1)
        else backward(1)
      }),
      cursorForward: ending((params: Params) => {
        const buffer = handler._activeBuffer
        buffer.x = Math.min(buffer.x + count(params), lastReachable())
      }),
      cursorBackward: ending((params: Params) => {
        if (isAround()) backwardAround(count(params))
        else backward(count(params))
      }),
      cursorNextLine: ending((params: Params) => {
        handler.cursorDown(params)
        toFirst()
      }),
      cursorPrecedingLine: ending((params: Params) => {
        handler.cursorUp(params)
        toFirst()
      }),
      tab: ending(() => {
        if (!tabWraps()) tab(1)
      }),
      cursorForwardTab: ending((params: Params) => {
        if (!tabWraps()) tab(count(params))
      }),
      cursorBackwardTab: ending((params: Params) => {
        const buffer = handler._activeBuffer
        const first = hasOrigin() ? margins.left() : 0
        for (let i = count(params); i > 0 && buffer.x > first; i--) buffer.x = Math.max(buffer.prevStop(), first)
      })
    }
  })
}
