/**
 * The number of columns that a character takes: glibc 2.36's `wcwidth` with stock mosh's exceptions (spec 8.3).
 *
 * Server and client must agree on widths, so the table is pinned here instead of read from the host: it is that of Unicode
 * 14. Characters of private use have width 1, as icons of programming fonts do in most terminals. Code points that Unicode
 * 14 does not assign are not printed. There is no grapheme clustering: each code point has its own width, whatever its
 * neighbours are.
 */
import { RUNS } from "./CharWidth.generated.ts"

/** The width of a code point, columns. 0: it joins the character before it; -1: it is not printed. */
export type CharWidth = -1 | 0 | 1 | 2

/** Code points below this are looked up in a table; those above form few, long runs. */
const TABLE_SIZE = 0x20000

const MARKS = "!.:="

interface Table {
  readonly low: Int8Array
  /** The runs from `TABLE_SIZE` on: the end of each, and its width. */
  readonly ends: ReadonlyArray<number>
  readonly widths: ReadonlyArray<number>
}

let table: Table | undefined

const unpack = (): Table => {
  const low = new Int8Array(TABLE_SIZE)
  const ends: Array<number> = []
  const widths: Array<number> = []
  let start = 0
  let digits = 0
  for (let i = 0; i < RUNS.length; i++) {
    const mark = MARKS.indexOf(RUNS.charAt(i))
    if (mark < 0) continue
    const end = start + Number.parseInt(RUNS.slice(digits, i), 36)
    const width = mark - 1
    if (start < TABLE_SIZE) low.fill(width, start, Math.min(end, TABLE_SIZE))
    if (end > TABLE_SIZE) {
      ends.push(end)
      widths.push(width)
    }
    start = end
    digits = i + 1
  }
  return { low, ends, widths }
}

/** The width of a code point; -1 if the number is not a code point. */
export const of = (codePoint: number): CharWidth => {
  if (codePoint >= 0x20 && codePoint < 0x7f) return 1
  table ??= unpack()
  if (codePoint < TABLE_SIZE) return (table.low[codePoint] ?? -1) as CharWidth
  let run = 0
  while (codePoint >= (table.ends[run] ?? Number.POSITIVE_INFINITY)) run++
  return (table.widths[run] ?? -1) as CharWidth
}
