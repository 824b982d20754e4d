/**
 * The part of a frame that a terminal of another size shows, until the server has the terminal's size, or while the size of
 * another client applies.
 */
import type { Frame, Size } from "../terminal/Frame.ts"
import { sizeEquals } from "../terminal/Frame.ts"
import * as FramePatch from "./FramePatch.ts"

export interface FrameFit {
  readonly frame: Frame
  /** How many rows at the top are not shown. */
  readonly above: number
}

/** The frame, or what of it fits a terminal that is lower or narrower. */
export const crop = (frame: Frame, { columns, rows }: Size): Frame => {
  const { size } = frame
  return fit(frame, { columns: Math.min(columns, size.columns), rows: Math.min(rows, size.rows) }).frame
}

/** Omits rows below the cursor first, then at the top, as the server does when the screen becomes lower. */
export const fit = (frame: Frame, size: Size): FrameFit => {
  if (sizeEquals(frame.size, size)) return { frame, above: 0 }
  const above = Math.max(0, Math.min(frame.rows.length, frame.cursor.row + 1) - size.rows)
  const rows = frame.rows.slice(above)
  const lower = {
    ...frame,
    rows,
    size: { columns: frame.size.columns, rows: rows.length },
    cursor: { ...frame.cursor, row: frame.cursor.row - above }
  }
  return { frame: FramePatch.resize(lower, size), above }
}
