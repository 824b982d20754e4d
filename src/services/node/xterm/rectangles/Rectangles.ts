/**
 * Copies, fills and erases rectangles of the screen, and changes their renditions.
 *
 * | sequence  | form                                   | what                                                   |
 * | --------- | -------------------------------------- | ------------------------------------------------------ |
 * | DECCRA    | `CSI t;l;b;r;p;t;l;p $ v`              | copies; there is one page                              |
 * | DECFRA    | `CSI c;t;l;b;r $ x`                    | fills with a character in the current rendition        |
 * | DECERA    | `CSI t;l;b;r $ z`                      | erases                                                 |
 * | DECSERA   | `CSI t;l;b;r $ {`                      | erases text that is not protected (DECSCA), no rendition |
 * | DECCARA   | `CSI t;l;b;r;a… $ r`                   | sets or resets attributes                              |
 * | DECRARA   | `CSI t;l;b;r;a… $ t`                   | reverses attributes                                    |
 * | DECSACE   | `CSI n * x`                            | 2: these two change the rectangle; otherwise the text from its first to its last cell |
 */
import * as ScreenArea from "../../../../domain/terminal/ScreenArea.ts"
import * as CellAttributes from "./CellAttributes.ts"
import * as CellBlocks from "./CellBlocks.ts"
import { Background, CELL_WORDS, type Core, type Params } from "../Internals.ts"
import type { Margins } from "../margins/Margins.ts"
import type { ProtectedText } from "./ProtectedText.ts"

const RECTANGLE = 2

const isGraphic = (code: number): boolean => (code >= 0x20 && code <= 0x7e) || (code >= 0xa0 && code <= 0xff)

const at = (params: Params, index: number): number => (index < params.length ? (params.params[index] as number) : 0)

export const install = (core: Core, margins: Margins, protectedText: ProtectedText): void => {
  const handler = core._inputHandler
  const parser = handler._parser
  let extent = 0

  const areaAt = (params: Params, first: number): ScreenArea.ScreenArea | undefined =>
    ScreenArea.within(
      margins.addressable(),
      at(params, first),
      at(params, first + 1),
      at(params, first + 2),
      at(params, first + 3)
    )
  /** A sequence that changes an area. */
  const sequence = (final: string, first: number, change: (area: ScreenArea.ScreenArea, params: Params) => void) =>
    parser.registerCsiHandler({ intermediates: "$", final }, (params) => {
      const area = areaAt(params, first)
      if (area !== undefined) change(area, params)
      return true
    })

  sequence("v", 0, (source, params) => {
    const region = margins.addressable()
    const top = region.top + (at(params, 5) || 1) - 1
    const left = region.left + (at(params, 6) || 1) - 1
    const bottom = Math.min(region.bottom, top + source.bottom - source.top)
    const right = Math.min(region.right, left + source.right - source.left)
    if (top <= bottom && left <= right) CellBlocks.copyTo(handler, source, { top, left, bottom, right })
  })
  sequence("x", 1, (area, params) => {
    const code = at(params, 0)
    if (!isGraphic(code)) return
    CellBlocks.each(handler, area, (line, column) => {
      line.setCellFromCodepoint(column, code, 1, handler._curAttrData)
    })
  })
  sequence("z", 0, (area) => {
    const blank = handler._eraseAttrData()
    CellBlocks.each(handler, area, (line, column) => {
      line.setCellFromCodepoint(column, 0, 1, blank)
    })
  })
  sequence("{", 0, (area) => {
    const isSelective = protectedText.isSelective()
    CellBlocks.each(handler, area, (line, column) => {
      const background = line._data[CELL_WORDS * column + 2] as number
      if (!isSelective || (background & Background.protected) === 0) CellAttributes.eraseText(line, column)
    })
  })

  parser.registerCsiHandler({ intermediates: "*", final: "x" }, (params) => {
    extent = at(params, 0)
    return true
  })
  const attributes = (read: (codes: ReadonlyArray<number>) => CellAttributes.Change) => (params: Params) => {
    const codes = params.length > 4 ? Array.from(params.params.subarray(4, params.length)) : [0]
    const change = read(codes)
    const region = margins.addressable()
    const area = areaAt(params, 0)
    if (area === undefined) return
    for (let row = area.top; row <= area.bottom; row++) {
      const left = extent === RECTANGLE || row === area.top ? area.left : region.left
      const right = extent === RECTANGLE || row === area.bottom ? area.right : region.right
      const line = CellBlocks.lineOf(handler._activeBuffer, row)
      if (line === undefined) continue
      for (let column = left; column <= right; column++) change(line, column)
      handler._dirtyRowTracker.markDirty(row)
    }
  }
  const setting = attributes(CellAttributes.setting)
  const reversing = attributes(CellAttributes.reversing)
  sequence("r", 0, (_, params) => setting(params))
  sequence("t", 0, (_, params) => reversing(params))

  const fullReset = handler.fullReset.bind(handler)
  handler.fullReset = () => {
    extent = 0
    return fullReset()
  }

  const requestStatusString = handler.requestStatusString.bind(handler)
  handler.requestStatusString = (request, params) => {
    if (request !== "*x") return requestStatusString(request, params)
    core.coreService.triggerDataEvent(`\x1bP1$r${extent}*x\x1b\\`)
    return true
  }
}
