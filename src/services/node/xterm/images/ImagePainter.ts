/**
 * Prints the cells of images on xterm's screen (`ImageCells`), and removes them.
 */
import * as ImageCells from "../../../../domain/images/ImageCells.ts"
import { Background, CELL_WORDS, type Core, HAS_CONTENT, IS_COMBINED, Kind } from "../Internals.ts"
import type { Margins } from "../margins/Margins.ts"

/** The cells of an image; without `id`, of one that cannot be sent to a client. */
export interface Cells {
  readonly id: number | undefined
  readonly columns: number
  readonly rows: number
}

const SPACE = 0x20
const DIRECT = Kind.rgb << 24
const GREY = (Kind.palette256 << 24) | (ImageCells.GREY & 0xff)

/** The last column that an image at the cursor can occupy: the right margin, unless the cursor is beyond it. */
export const lastColumn = (core: Core, margins: Margins): number =>
  core._inputHandler._activeBuffer.x <= margins.right() ? margins.right() : core.cols - 1

/**
 * Prints the image from the cursor on, and scrolls where it does not fit. What is beyond the right margin is cut. Afterwards
 * the cursor is in the image's first column and last row.
 */
export const paint = (core: Core, margins: Margins, { columns, id, rows }: Cells): void => {
  const handler = core._inputHandler
  const x = Math.min(handler._activeBuffer.x, core.cols - 1)
  const width = Math.min(columns, lastColumn(core, margins) + 1 - x)
  const codePoints = new Uint32Array(id === undefined ? width : 2 * width)
  for (let column = 0; column < width; column++) {
    if (id === undefined) codePoints[column] = SPACE
    else {
      codePoints[2 * column] = ImageCells.CHARACTER
      codePoints[2 * column + 1] = ImageCells.FIRST_MARK + column
    }
  }
  for (let row = 0; row < rows; row++) {
    if (row > 0) handler.lineFeed()
    handler._activeBuffer.x = x
    const attributes = handler._curAttrData
    const { bg, extended, fg } = attributes
    const plain = extended.clone()
    plain._ext = 0
    plain.urlId = 0
    attributes.fg = id === undefined ? 0 : DIRECT | (id << 8) | row
    attributes.bg = id === undefined ? GREY : 0
    attributes.extended = plain
    handler.print(codePoints, 0, codePoints.length)
    attributes.fg = fg
    attributes.bg = bg
    attributes.extended = extended
    handler._activeBuffer.x = x
  }
}

/** Erases the cells of images for which `isRemoved`. */
export const remove = (core: Core, isRemoved: (id: number, x: number, y: number) => boolean): void => {
  const handler = core._inputHandler
  const { lines, ybase } = handler._activeBuffer
  for (let y = 0; y < core.rows; y++) {
    const line = lines.get(ybase + y)
    if (line === undefined) continue
    let isChanged = false
    for (let x = 0, at = 0; x < core.cols; x++, at += CELL_WORDS) {
      const content = line._data[at] ?? 0
      if ((content & IS_COMBINED) === 0 || line._combined[x]?.codePointAt(0) !== ImageCells.CHARACTER) continue
      if (!isRemoved(((line._data[at + 1] ?? 0) >>> 8) & ImageCells.MAX_ID, x, y)) continue
      line._data[at] = content & ~HAS_CONTENT
      line._data[at + 1] = 0
      line._data[at + 2] = (line._data[at + 2] ?? 0) & ~Background.hasExtended
      isChanged = true
    }
    if (isChanged) handler._dirtyRowTracker.markDirty(y)
  }
}
