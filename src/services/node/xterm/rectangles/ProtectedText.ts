/**
 * Protected text, which some sequences do not erase, as in xterm. There are two kinds of protection; the last sequence of either
 * kind decides which one counts:
 *
 * | protection | set, ended by             | respected by                                      |
 * | ---------- | ------------------------- | ------------------------------------------------- |
 * | of DEC     | DECSCA: `CSI 1 " q`, `0`  | DECSED and DECSEL (`CSI ? J`, `CSI ? K`), DECSERA |
 * | of ISO     | SPA and EPA: `ESC V`, `W` | the first two, ED, EL and ECH (`CSI X`)           |
 */
import * as CellBlocks from "./CellBlocks.ts"
import { Background, CELL_WORDS, type Core } from "../Internals.ts"

/** The protection of one emulator's text. */
export interface ProtectedText {
  /** Whether DECSERA spares protected text. */
  readonly isSelective: () => boolean
}

export const install = (core: Core): ProtectedText => {
  const handler = core._inputHandler
  let kind: "none" | "dec" | "iso" = "none"

  const selectProtected = handler.selectProtected.bind(handler)
  handler.selectProtected = (params) => {
    kind = "dec"
    return selectProtected(params)
  }
  handler._parser.registerEscHandler({ final: "V" }, () => {
    kind = "iso"
    handler._curAttrData.bg |= Background.protected
    return true
  })
  handler._parser.registerEscHandler({ final: "W" }, () => {
    handler._curAttrData.bg &= ~Background.protected
    return true
  })

  /** Whether a sequence spares protected text. `isSelective`: whether it is one of DEC's. */
  const spares = (isSelective = false): boolean => kind === "iso" || (isSelective && kind === "dec")
  const eraseInLine = handler.eraseInLine.bind(handler)
  handler.eraseInLine = (params, isSelective) => eraseInLine(params, spares(isSelective))
  const eraseInDisplay = handler.eraseInDisplay.bind(handler)
  handler.eraseInDisplay = (params, isSelective) => eraseInDisplay(params, spares(isSelective))
  const eraseChars = handler.eraseChars.bind(handler)
  handler.eraseChars = (params) => {
    if (!spares()) return eraseChars(params)
    handler._restrictCursor()
    const { x, y } = handler._activeBuffer
    const blank = handler._eraseAttrData()
    const right = Math.min(x + (params.params[0] || 1), core.cols) - 1
    CellBlocks.each(handler, { top: y, left: x, bottom: y, right }, (line, column) => {
      if (((line._data[CELL_WORDS * column + 2] as number) & Background.protected) !== 0) return
      line.setCellFromCodepoint(column, 0, 1, blank)
    })
    return true
  }

  const ended =
    <A extends ReadonlyArray<unknown>>(reset: (...args: A) => boolean) =>
    (...args: A) => {
      kind = "none"
      return reset(...args)
    }
  handler.softReset = ended(handler.softReset.bind(handler))
  handler.fullReset = ended(handler.fullReset.bind(handler))

  return { isSelective: () => kind === "dec" }
}
