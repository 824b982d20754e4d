/**
 * What has been learned of a line's right end: where a program goes on in the next row, or does something else.
 */
import * as Line from "./Line.ts"
import * as Wrap from "./Wrap.ts"

export interface Edges {
  /** Whether a full row has been seen to continue in the next. */
  readonly wraps: boolean
  /** Where words are taken to the next row, as it seems. */
  readonly margin: Margin
  /** How many columns a box keeps free before its wall: at most a blank, the caret's place, and half a wide character. */
  readonly padding: number
  /** The same for the end of a row, where editors may move the whole line aside. */
  readonly brim: number
  /** How a full line was seen to go on in the next row. */
  readonly wrap: Wrap.Wrap | undefined
}

/** Where words are taken to the next row: `Infinity` both, before one was. */
export interface Margin {
  /** The column at which it was seen. */
  readonly seen: number
  /** The first column from which on it may happen: one after the last that was seen to take a character. */
  readonly from: number
}

const NO_MARGIN: Margin = { seen: Infinity, from: Infinity }

/** How far off a margin may be before it is taken to have been something else. */
const MARGIN_ERROR = 6

export const UNKNOWN: Edges = { wraps: false, margin: NO_MARGIN, padding: 3, brim: 2, wrap: undefined }

/** Whether a character at the caret may well be put elsewhere. */
export const isDoubtful = (
  { brim, margin, padding, wrap }: Edges,
  line: Line.Line,
  codePoint: number,
  width: number
): boolean => {
  if (Wrap.isOf(wrap, line)) return !Wrap.isSure(wrap, line, codePoint, width)
  if (line.column >= margin.from) return true
  const { columns, wall } = Line.room(line)
  // Text that is pushed may go to the next row unseen.
  return wall ? columns < width + padding : columns < width + brim && !Line.hasTail(line)
}

/** A character of a width was put at the caret, and the line went on after it, or in the next row. */
export const passed = (edges: Edges, line: Line.Line, width: number, wrapped: boolean): Edges => {
  const wrap = Wrap.isOf(edges.wrap, line) ? edges.wrap : undefined
  if (wrap !== undefined && wrapped) return edges
  if (wrap !== undefined && line.column >= wrap.from)
    return { ...edges, wrap: { ...wrap, from: Math.min(line.column + 1, wrap.column) } }
  const room = Line.room(line)
  const free = wrapped ? 0 : room.columns - width
  const atEnd = !Line.hasTail(line)
  const wraps = edges.wraps || wrapped
  const margin = passMargin(edges.margin, line.column)
  const padding = atEnd && room.wall ? Math.min(edges.padding, free) : edges.padding
  const brim = atEnd && !room.wall ? Math.min(edges.brim, free) : edges.brim
  const same = wraps === edges.wraps && margin === edges.margin && padding === edges.padding && brim === edges.brim
  return same ? edges : { ...edges, wraps, margin, padding, brim }
}

const passMargin = (margin: Margin, column: number): Margin => {
  if (column < margin.from) return margin
  return column >= margin.seen + MARGIN_ERROR ? NO_MARGIN : { ...margin, from: column + 1 }
}

/** A word that was at a column was taken to the next row. */
export const turned = (edges: Edges, column: number): Edges =>
  column >= edges.margin.seen ? edges : { ...edges, margin: { seen: column, from: column } }
