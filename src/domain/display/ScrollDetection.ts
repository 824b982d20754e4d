/**
 * Detects a block of rows that moved up or down as a whole, so that the receiver can scroll instead of receiving the rows
 * again. Any result is correct; a better one needs fewer bytes.
 */
import * as Cell from "../terminal/Cell.ts"
import * as Row from "../terminal/Row.ts"

/** The rows from `top` up to `bottom` moved up by `count`, or down by `-count`. */
export interface Scroll {
  readonly top: number
  readonly bottom: number
  readonly count: number
}

/** Approximate cost of a scroll: of the whole screen, which takes a few line feeds, and of a part of it. */
const WHOLE_COST = 4
const PART_COST = 24

export const detect = (
  before: ReadonlyArray<Row.Row>,
  after: ReadonlyArray<Row.Row>,
  downwards: boolean
): Scroll | undefined => {
  let first = 0
  let end = after.length
  while (first < end && before[first] === after[first]) first++
  while (end > first && before[end - 1] === after[end - 1]) end--
  if (end - first < 2) return undefined
  const found = fullestRun(before, after, first, end, downwards) ?? anchored(before, after, first, end, downwards)
  if (found === undefined) return undefined
  const whole = found.top === 0 && found.bottom === after.length && found.count > 0
  return saving(before, after, found) > (whole ? WHOLE_COST : PART_COST) ? found : undefined
}

/**
 * Of the blocks whose rows occur elsewhere in the changed part as the same objects, the one with the most drawn cells.
 */
const fullestRun = (
  before: ReadonlyArray<Row.Row>,
  after: ReadonlyArray<Row.Row>,
  first: number,
  end: number,
  downwards: boolean
): Scroll | undefined => {
  const places = new Map<Row.Row | undefined, number>()
  for (let y = end - 1; y >= first; y--) places.set(before[y], y)
  let best: Scroll | undefined
  let fullest = 0
  for (let y = first; y < end;) {
    const count = (places.get(after[y]) ?? y) - y
    if (count === 0 || (count < 0 && !downwards)) {
      y++
      continue
    }
    let length = 0
    let cells = 0
    while (y + length < end && y + length + count < end && before[y + length + count] === after[y + length]) {
      cells += drawn(after[y + length])
      length++
    }
    if (cells > fullest) {
      fullest = cells
      best = block(y, length, count)
    }
    y += length
  }
  return best
}

/** If no row is the same object, a block at the start of the changed part whose rows are equal to others. */
const anchored = (
  before: ReadonlyArray<Row.Row>,
  after: ReadonlyArray<Row.Row>,
  first: number,
  end: number,
  downwards: boolean
): Scroll | undefined => {
  for (let by = 1; by < end - first; by++) {
    const up = equalRows(before, first + by, after, first, end)
    if (up > 0) return block(first, up, by)
    const down = downwards ? equalRows(before, first, after, first + by, end) : 0
    if (down > 0) return block(first + by, down, -by)
  }
  return undefined
}

/** The number of consecutive equal rows from two positions on. */
const equalRows = (
  before: ReadonlyArray<Row.Row>,
  from: number,
  after: ReadonlyArray<Row.Row>,
  to: number,
  end: number
): number => {
  let length = 0
  for (; from + length < end && to + length < end; length++) {
    const a = before[from + length]
    const b = after[to + length]
    if (a === undefined || b === undefined || !Row.equals(a, b)) break
  }
  return length
}

/** The scroll that brings a block of rows to `y` from `count` rows below (or above). */
const block = (y: number, length: number, count: number): Scroll =>
  count > 0 ? { top: y, bottom: y + length + count, count } : { top: y + count, bottom: y + length, count }

/**
 * The number of drawn cells that a scroll saves: those that it moves to their place, less those that were in their
 * place before.
 */
const saving = (before: ReadonlyArray<Row.Row>, after: ReadonlyArray<Row.Row>, scroll: Scroll): number => {
  const { bottom, count, top } = scroll
  let saved = 0
  for (let y = top; y < bottom; y++) {
    const from = y + count
    const arrives = from >= top && from < bottom
    if (arrives !== (before[y] === after[y])) saved += arrives ? drawn(after[y]) : -drawn(after[y])
  }
  return saved
}

/** The number of cells of a row that hold a character, counted no further than the decision needs. */
const drawn = (row: Row.Row | undefined): number => {
  if (row === undefined || row === Row.blank(Row.columns(row))) return 0
  const { words } = row
  let cells = 0
  for (let at = 0; at < words.length && cells < 2 * PART_COST; at += Cell.WORDS) {
    if (((words[at] ?? 0) & Cell.CODE_POINT_BITS) !== 0) cells++
  }
  return cells
}
