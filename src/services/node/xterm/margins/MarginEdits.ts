/**
 * Scrolls, inserts and deletes within the left and right margins. Outside of them these sequences have no effect, except that a
 * line feed moves the cursor down.
 */
import type { ScreenArea } from "../../../../domain/terminal/ScreenArea.ts"
import * as CellBlocks from "../rectangles/CellBlocks.ts"
import type { Core, Params } from "../Internals.ts"
import type { Margins, Replacements } from "./Margins.ts"

export const install = (core: Core, margins: Margins): void => {
  const handler = core._inputHandler
  const eraseChars = handler.eraseChars.bind(handler)
  margins.whileNarrow(() => replacements(core, margins, eraseChars))

  // While a wrap is pending, xterm would edit from the first column on.
  handler.insertColumns = keepingWrap(core, handler.insertColumns.bind(handler))
  handler.deleteColumns = keepingWrap(core, handler.deleteColumns.bind(handler))
  // xterm moves to the first column.
  handler.nextLine = () => {
    handler.index()
    return handler.carriageReturn()
  }

  /** At the margin in the cursor's way the contents move instead. */
  const horizontalIndex = (edge: number, limit: number, step: 1 | -1): true => {
    handler._restrictCursor()
    const buffer = handler._activeBuffer
    if (buffer.x !== edge) {
      if (buffer.x !== limit) buffer.x += step
    } else if (margins.containCursor()) CellBlocks.shift(handler, margins.region(), 0, -step)
    margins.setWrapPending(false)
    return true
  }
  handler._parser.registerEscHandler({ final: "6" }, () => horizontalIndex(margins.left(), 0, -1))
  handler._parser.registerEscHandler({ final: "9" }, () => horizontalIndex(margins.right(), core.cols - 1, 1))
}

/** An edit that leaves a pending wrap pending. */
const keepingWrap =
  (core: Core, edit: (params: Params) => void) =>
  (params: Params): boolean => {
    const handler = core._inputHandler
    const isPending = handler._activeBuffer.x >= core.cols
    handler._restrictCursor()
    edit(params)
    if (isPending) handler._activeBuffer.x = core.cols
    return true
  }

/** The edits while the margins are narrower than the screen. `eraseChars`: xterm's own. */
const replacements = (core: Core, margins: Margins, eraseChars: (params: Params) => boolean): Replacements => {
  const handler = core._inputHandler
  const count = (params: Params): number => Math.min(params.params[0] || 1, core.cols + core.rows)
  const shift = (area: ScreenArea, down: number, right: number) => {
    CellBlocks.shift(handler, area, down, right)
  }

  /** An edit from where the cursor is. It ends a pending wrap. */
  const narrow =
    <A extends ReadonlyArray<unknown>>(edit: (...args: A) => void) =>
    (...args: A) => {
      handler._restrictCursor()
      edit(...args)
      margins.setWrapPending(false)
      return true
    }
  /** An edit that ends a pending wrap, and does nothing if the cursor is outside of the margins. */
  const inside = (edit: (params: Params) => void) => (params: Params) => {
    const buffer = handler._activeBuffer
    const isPending = buffer.x >= core.cols
    handler._restrictCursor()
    if (!margins.containCursor()) {
      if (isPending) buffer.x = core.cols
      return true
    }
    edit(params)
    margins.setWrapPending(false)
    return true
  }

  const index = () => {
    const buffer = handler._activeBuffer
    if (buffer.y !== buffer.scrollBottom) buffer.y = Math.min(buffer.y + 1, core.rows - 1)
    else if (margins.containCursor()) shift(margins.region(), -1, 0)
  }
  /** Edits the part of the region from the cursor on, if the cursor is in it. */
  const fromCursor =
    (part: (region: ScreenArea, row: number, column: number) => ScreenArea, down: number, right: number) =>
    (params: Params) => {
      if (!margins.containCursor()) return
      const { x, y } = handler._activeBuffer
      shift(part(margins.region(), y, x), down * count(params), right * count(params))
    }
  const rows = (region: ScreenArea, top: number) => ({ ...region, top })
  const columns = (region: ScreenArea, _: number, left: number) => ({ ...region, left })
  const restOfRow = (region: ScreenArea, row: number, left: number) => ({ ...region, top: row, bottom: row, left })
  const toLeft = (edit: (params: Params) => void) => (params: Params) => {
    edit(params)
    handler._activeBuffer.x = margins.left()
  }

  return {
    eraseChars: narrow(eraseChars),
    index: narrow(index),
    lineFeed: narrow(() => {
      index()
      if (core.optionsService.rawOptions.convertEol) handler.carriageReturn()
    }),
    reverseIndex: narrow(() => {
      const buffer = handler._activeBuffer
      if (buffer.y !== buffer.scrollTop) buffer.y = Math.max(buffer.y - 1, 0)
      else if (margins.containCursor()) shift(margins.region(), 1, 0)
    }),
    scrollUp: keepingWrap(core, (params) => shift(margins.region(), -count(params), 0)),
    scrollDown: keepingWrap(core, (params) => shift(margins.region(), count(params), 0)),
    scrollLeft: keepingWrap(
      core,
      fromCursor((region) => region, 0, -1)
    ),
    scrollRight: keepingWrap(
      core,
      fromCursor((region) => region, 0, 1)
    ),
    insertLines: inside(toLeft(fromCursor(rows, 1, 0))),
    deleteLines: inside(toLeft(fromCursor(rows, -1, 0))),
    insertColumns: keepingWrap(core, fromCursor(columns, 0, 1)),
    deleteColumns: keepingWrap(core, fromCursor(columns, 0, -1)),
    insertChars: narrow(fromCursor(restOfRow, 0, 1)),
    deleteChars: inside(fromCursor(restOfRow, 0, -1))
  }
}
