/**
 * The rows that scrolled off the top of a screen, or were erased with all of it, newest last: a bounded ring, in which rows keep
 * their absolute numbers.
 *
 * Rows are numbered from 0 in the order in which they were pushed. The ring holds the rows from `first` up to `end`; older
 * ones have left it, or were erased. Rows are kept as `CompactRow` in blocks of 32 KiB, so 10,000 rows of plain text on 80
 * columns take about 1 MB. However long the rows are, blocks hold at most 1 KiB for each of `capacity` rows, and three blocks
 * or rows more.
 *
 * A ring belongs to the functions here: it is changed in place.
 *
 * ```ts
 * import { Frame, History, Row } from "effect-mosh"
 *
 * const history = History.make(10_000)
 * for (const row of Frame.blank({ columns: 80, rows: 24 }).rows) History.push(history, row)
 * export const texts = [...History.rows(history, 20)].map(Row.line) // the rows 20 to 23
 * ```
 */
import * as Result from "effect/Result"
import * as CompactRow from "./CompactRow.ts"
import * as Erasure from "./Erasure.ts"
import * as Row from "../terminal/Row.ts"

/** A ring of rows. Its fields are read by the functions of this file. */
export interface History {
  /** The maximum number of rows. */
  readonly capacity: number
  /** Oldest first. */
  readonly blocks: Array<Block>
  /** The number of the oldest row that is held; equal to `end` if there is none. */
  first: number
  /** The number of the next row. */
  end: number
  /** The smallest number that was not erased by `clear`. Rows from here to `first` left the ring because it was full. */
  erased: number
  /** Size of all blocks, bytes. */
  held: number
  /** A block that left the ring, to be used again: a flood would otherwise allocate 32 KiB for every few hundred rows. */
  spare: Block | undefined
}

/** Consecutive rows, one after another. */
export interface Block {
  /** The rows as `CompactRow`. */
  readonly bytes: Uint8Array
  /** The number of its first row. */
  first: number
  /** Where each row ends. */
  readonly ends: Array<number>
}

/** How many rows a session keeps unless it is configured otherwise. */
export const DEFAULT_ROWS = 10_000

/** The maximum of `rows` in `make`. */
export const MAX_ROWS = 1_000_000

/** Size of a block, bytes. */
const BLOCK = 32_768
/** Maximum size of the ring, bytes for each of its rows. */
const BYTES_PER_ROW = 1024
/** The oldest and the newest block are partly empty. */
const SPARE = 2 * BLOCK

/** An empty ring for so many rows, 1 to `MAX_ROWS`; other numbers are reduced to this range. */
export const make = (rows: number): History => ({
  capacity: Math.min(Math.max(Math.floor(rows) || 1, 1), MAX_ROWS),
  blocks: [],
  first: 0,
  end: 0,
  erased: 0,
  held: 0,
  spare: undefined
})

const parts = CompactRow.parts()

/** Adds a row. */
export const push = (history: History, row: Row.Row): void => {
  CompactRow.fill(parts, row)
  const block = reserve(history, CompactRow.size(parts))
  const at = endOf(block)
  CompactRow.write(block.bytes, at, Row.columns(row), row.wraps, parts)
  commit(history, block, at + CompactRow.size(parts))
}

/**
 * A block with room for a row of at most `length` bytes. A caller that has no `Row` writes a `CompactRow` to it, at `endOf`,
 * and then calls `commit`; until then nothing is added.
 */
export const reserve = (history: History, length: number): Block => {
  const newest = history.blocks[history.blocks.length - 1]
  if (newest !== undefined && endOf(newest) + length <= newest.bytes.length) return newest
  const block = take(history, length)
  history.blocks.push(block)
  history.held += block.bytes.length
  while (history.held > history.capacity * BYTES_PER_ROW + SPARE && history.blocks.length > 1) dropBlock(history)
  return block
}

/** An empty block with room for a row of `length` bytes. */
const take = (history: History, length: number): Block => {
  const { spare } = history
  if (spare === undefined || length > BLOCK)
    return { bytes: new Uint8Array(Math.max(BLOCK, length)), first: history.end, ends: [] }
  history.spare = undefined
  spare.first = history.end
  spare.ends.length = 0
  return spare
}

/** Where the next row of a block begins. */
export const endOf = ({ ends }: Block): number => (ends.length === 0 ? 0 : (ends[ends.length - 1] as number))

/** Adds the row that was written to a reserved block, and ends before `end`. */
export const commit = (history: History, block: Block, end: number): void => {
  block.ends.push(end)
  history.end++
  if (history.end - history.first <= history.capacity) return
  history.first++
  const oldest = history.blocks[0]
  if (oldest !== undefined && history.first >= oldest.first + oldest.ends.length) dropBlock(history)
}

/** Marks the newest row, which the ring holds, as erased by the program instead of scrolled off. */
export const markErased = ({ blocks }: History, erasure: Erasure.Erasure): void => {
  const block = blocks[blocks.length - 1]
  if (block !== undefined) Erasure.mark(block.bytes, block.ends[block.ends.length - 2] ?? 0, erasure)
}

/** Erases all rows: `CSI 3 J`. The numbers go on. */
export const clear = (history: History): void => clearTo(history, history.end)

/** Erases all rows, and those below `number`, which were not pushed: a number from `end` on. */
export const clearTo = (history: History, number: number): void => {
  skipTo(history, number)
  history.erased = number
}

/** Rows below `number`, a number from `end` on, will not be pushed. The ring keeps no row before a gap. */
export const skipTo = (history: History, number: number): void => {
  history.blocks.length = 0
  history.held = 0
  history.spare = undefined
  history.first = history.end = number
}

/** A row as `CompactRow`, in memory of its own; `undefined` if the ring does not hold it. */
export const bytes = (history: History, number: number): Uint8Array | undefined => {
  const block = blockOf(history, number)
  if (block === undefined) return undefined
  const at = number - block.first
  return block.bytes.slice(at === 0 ? 0 : block.ends[at - 1], block.ends[at])
}

/** A row; `undefined` if the ring does not hold it. */
export const row = (history: History, number: number): Row.Row | undefined => {
  const encoded = bytes(history, number)
  return encoded === undefined ? undefined : Result.getOrUndefined(CompactRow.decode(encoded))
}

/** The rows from `from` on, or from the oldest one if that is later, up to the newest one at the time of the call. */
export function* rows(history: History, from = 0): Generator<Row.Row> {
  const { end } = history
  for (let number = Math.max(Math.ceil(from), history.first); number < end; number++) {
    const found = row(history, number)
    if (found !== undefined) yield found
  }
}

/** An upper bound of the memory that the ring occupies, bytes. */
export const weight = ({ blocks, held, spare }: History): number => {
  let rows = spare?.ends.length ?? 0
  for (const { ends } of blocks) rows += ends.length
  return held + (spare?.bytes.length ?? 0) + rows * ENTRY + (blocks.length + 1) * OVERHEAD
}

/** Size of an element of `ends`, which grows by half. */
const ENTRY = 12
/** Size of a block without its bytes. */
const OVERHEAD = 512

const dropBlock = (history: History): void => {
  const dropped = history.blocks.shift()
  if (dropped === undefined) return
  history.held -= dropped.bytes.length
  if (dropped.bytes.length === BLOCK) history.spare = dropped
  history.first = Math.max(history.first, dropped.first + dropped.ends.length)
}

const blockOf = ({ blocks, end, first }: History, number: number): Block | undefined => {
  if (!(number >= first && number < end) || !Number.isInteger(number)) return undefined
  let low = 0
  for (let high = blocks.length - 1; low < high;) {
    const middle = (low + high + 1) >>> 1
    if ((blocks[middle]?.first ?? Infinity) <= number) low = middle
    else high = middle - 1
  }
  return blocks[low]
}
