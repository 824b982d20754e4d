/**
 * A set of integers as sorted half-open ranges, for offsets and packet numbers.
 *
 * The ranges lie flat in one array: `[start, end, start, end, …]`, ascending, none empty, none adjacent. Operations at
 * either end cost the same for any number of ranges; others cost a binary search and one `splice`. The functions change
 * the set in place.
 */
export type RangeSet = Array<number>

/** Adds the integers from `start` up to `end`, which is not included. */
export const add = (set: RangeSet, start: number, end: number): void => {
  if (start >= end) return
  const { length } = set
  const lastEnd = set[length - 1]
  if (lastEnd === undefined || start > lastEnd) {
    set.push(start, end)
    return
  }
  // The ranges from `from` up to `to` touch the new one, and become one with it.
  const from = firstEnding(set, start)
  let to = from
  while (to < length && (set[to] as number) <= end) to += 2
  if (to === from) {
    set.splice(from, 0, start, end)
    return
  }
  const mergedStart = Math.min(start, set[from] as number)
  const mergedEnd = Math.max(end, set[to - 1] as number)
  set[from] = mergedStart
  set[from + 1] = mergedEnd
  if (to > from + 2) set.splice(from + 2, to - from - 2)
}

/** Removes the integers from `start` up to `end`, which is not included. */
export const remove = (set: RangeSet, start: number, end: number): void => {
  if (start >= end) return
  const from = firstEnding(set, start + 1)
  let to = from
  while (to < set.length && (set[to] as number) < end) to += 2
  if (to === from) return
  const rest: Array<number> = []
  if ((set[from] as number) < start) rest.push(set[from] as number, start)
  if ((set[to - 1] as number) > end) rest.push(end, set[to - 1] as number)
  set.splice(from, to - from, ...rest)
}

export const contains = (set: RangeSet, value: number): boolean => {
  const at = firstEnding(set, value + 1)
  return at < set.length && (set[at] as number) <= value
}

/** The number of ranges. */
export const count = (set: RangeSet): number => set.length / 2

/** The index of the first range that ends at `value` or later. */
const firstEnding = (set: RangeSet, value: number): number => {
  let low = 0
  let high = set.length / 2
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((set[2 * middle + 1] as number) < value) low = middle + 1
    else high = middle
  }
  return 2 * low
}
