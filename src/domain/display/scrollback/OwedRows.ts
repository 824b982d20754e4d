/**
 * The rows that a terminal's history is still owed, in order: they left the server's screen, and have not been moved into
 * the terminal's history yet.
 */
import * as Row from "../../terminal/Row.ts"
import type * as HistoryRecord from "../../wire/streams/HistoryRecord.ts"

/** A part of the server's history, as it arrives. */
export type HistoryEntry = HistoryRecord.Received

/** What is owed. */
export interface OwedRows {
  /** The number of the first row that is neither in the terminal's history nor known to be missing from it. */
  readonly next: number
  /** What is known of the rows from `next` on, without gaps. */
  readonly known: ReadonlyArray<OwedEntry>
  /** The number of the first row that is not known. */
  readonly end: number
}

/** A known row, or rows that will not arrive. */
export type OwedEntry = Exclude<HistoryEntry, { readonly _tag: "Cleared" }>

/** Nothing is known of the rows from `next` on. */
export const from = (next: number): OwedRows => ({ next, known: [], end: next })

/**
 * Known rows, and their cells, above which no more should be read from the server. All of a server's ring of ordinary rows
 * has room: what is not read when the session ends is lost.
 */
export const MAX_KNOWN = 16_384
export const MAX_CELLS = 1_048_576

/** Whether more rows may be added: the caller stops reading while they may not, so that the server keeps them. */
export const hasRoom = ({ known }: OwedRows): boolean => {
  if (known.length >= MAX_KNOWN) return false
  let cells = 0
  for (const entry of known) if (entry._tag === "Row") cells += Row.columns(entry.row)
  return cells < MAX_CELLS
}

/** Adds what arrived. Rows that are known or delivered already are ignored; rows that were skipped count as missing. */
export const add = (owed: OwedRows, entries: ReadonlyArray<HistoryEntry>): OwedRows => {
  let { end, next } = owed
  let known = [...owed.known]
  for (const entry of entries) {
    if (entry._tag === "Cleared") {
      if (entry.number < end) continue
      known = []
      next = end = entry.number
      continue
    }
    const last = entry._tag === "Row" ? entry.number + 1 : entry.number + entry.count
    if (last <= end) continue
    if (entry.number > end) known.push({ _tag: "Missing", number: end, count: entry.number - end })
    const overlap = Math.max(0, end - entry.number)
    known.push(entry._tag === "Row" || overlap === 0 ? entry : { ...entry, number: end, count: entry.count - overlap })
    end = last
  }
  return { next, known, end }
}

/** Owes delivered rows again: the last ones before `next`, in order. */
export const again = (owed: OwedRows, entries: ReadonlyArray<OwedEntry>): OwedRows => {
  const first = entries[0]
  return first === undefined ? owed : { ...owed, next: first.number, known: [...entries, ...owed.known] }
}

/** Forgets the rows below `number`. */
export const dropBelow = (owed: OwedRows, number: number): OwedRows => {
  if (number <= owed.next) return owed
  const known: Array<OwedEntry> = []
  for (const entry of owed.known) {
    if (entry.number >= number) known.push(entry)
    else if (entry._tag === "Missing" && entry.number + entry.count > number)
      known.push({ ...entry, number, count: entry.number + entry.count - number })
  }
  return { next: number, known, end: Math.max(owed.end, number) }
}

/** The known rows below `top`, at most `limit` entries. */
export const due = ({ known }: OwedRows, top: number, limit: number): ReadonlyArray<OwedEntry> => {
  const entries: Array<OwedEntry> = []
  for (const entry of known.slice(0, limit)) {
    if (entry.number >= top) break
    if (entry._tag === "Missing" && entry.number + entry.count > top) {
      entries.push({ ...entry, count: top - entry.number })
      break
    }
    entries.push(entry)
  }
  return entries
}
