/**
 * Moves and changes rectangles of xterm's cells. A wide character of which a half is moved or erased disappears.
 */
import { WIDTH_SHIFT } from "../../../../domain/terminal/Cell.ts"
import type { ScreenArea } from "../../../../domain/terminal/ScreenArea.ts"
import * as Internals from "../Internals.ts"

type Line = Internals.BufferLine

const { CELL_WORDS } = Internals

/** A row of the screen that is shown. */
export const lineOf = ({ lines, ybase }: Internals.Buffer, row: number): Line | undefined => lines.get(ybase + row)

const widthOf = (line: Line, column: number): number => (line._data[CELL_WORDS * column] as number) >>> WIDTH_SHIFT

/** Erases a cell's character and keeps its rendition. */
const drop = (line: Line, column: number): void => {
  line._data[CELL_WORDS * column] = Internals.BLANK
}

/** Erases the wide character that occupies both the column and the one before it. */
export const split = (line: Line, column: number): void => {
  if (column <= 0 || column >= line.length || widthOf(line, column) !== 0) return
  drop(line, column - 1)
  drop(line, column)
}

/** Erases the halves at an area's sides whose other half is not beside them in the area. */
const repair = (line: Line, { left, right }: ScreenArea): void => {
  if (widthOf(line, left) === 0) drop(line, left)
  if (widthOf(line, right) === 2) drop(line, right)
}

/** Copies a cell. */
const copy = (from: Line, source: number, to: Line, target: number): void => {
  const at = CELL_WORDS * target
  const place = CELL_WORDS * source
  const content = from._data[place] as number
  const background = from._data[place + 2] as number
  to._data[at] = content
  to._data[at + 1] = from._data[place + 1] as number
  to._data[at + 2] = background
  if ((content & Internals.IS_COMBINED) !== 0) to._combined[target] = from._combined[source] as string
  if ((background & Internals.Background.hasExtended) !== 0) to._extendedAttrs[target] = from._extendedAttrs[source]
}

const dirty = (handler: Internals.InputHandler, { bottom, top }: ScreenArea): void => {
  handler._dirtyRowTracker.markDirty(top)
  handler._dirtyRowTracker.markDirty(bottom)
}

/**
 * Moves the contents of an area within it by some rows and columns; negative numbers move up and left. What would leave the area
 * disappears, and vacated cells are erased with the current background.
 */
export const shift = (handler: Internals.InputHandler, area: ScreenArea, down: number, right: number): void => {
  const buffer = handler._activeBuffer
  const { bottom, left, right: last, top } = area
  const blank = handler._eraseAttrData()
  for (let row = top; row <= bottom; row++) {
    const line = lineOf(buffer, row)
    if (line === undefined) return
    split(line, left)
    split(line, last + 1)
    if (down !== 0) line.isWrapped = false
  }
  const rows = bottom - top
  const columns = last - left
  for (let i = 0; i <= rows; i++) {
    const row = down > 0 ? bottom - i : top + i
    const line = lineOf(buffer, row) as Line
    const from = row - down >= top && row - down <= bottom ? lineOf(buffer, row - down) : undefined
    for (let j = 0; j <= columns; j++) {
      const column = right > 0 ? last - j : left + j
      const source = column - right
      if (from !== undefined && source >= left && source <= last) copy(from, source, line, column)
      else line.setCellFromCodepoint(column, 0, 1, blank)
    }
    if (right !== 0) repair(line, area)
  }
  dirty(handler, area)
}

/** Copies an area to another place of the same screen. The target has at most the size of the source. */
export const copyTo = (handler: Internals.InputHandler, source: ScreenArea, target: ScreenArea): void => {
  const buffer = handler._activeBuffer
  const rows = target.bottom - target.top
  const columns = target.right - target.left
  const isDown = target.top > source.top
  const isRight = target.left > source.left
  for (let i = 0; i <= rows; i++) {
    const y = isDown ? rows - i : i
    const from = lineOf(buffer, source.top + y)
    const line = lineOf(buffer, target.top + y)
    if (from === undefined || line === undefined) continue
    split(line, target.left)
    split(line, target.right + 1)
    for (let j = 0; j <= columns; j++) {
      const x = isRight ? columns - j : j
      copy(from, source.left + x, line, target.left + x)
    }
    repair(line, target)
  }
  dirty(handler, target)
}

/** Calls `change` for each cell of an area, after the wide characters at its sides were erased. */
export const each = (
  handler: Internals.InputHandler,
  area: ScreenArea,
  change: (line: Line, column: number) => void
): void => {
  for (let row = area.top; row <= area.bottom; row++) {
    const line = lineOf(handler._activeBuffer, row)
    if (line === undefined) continue
    split(line, area.left)
    split(line, area.right + 1)
    for (let column = area.left; column <= area.right; column++) change(line, column)
  }
  dirty(handler, area)
}
