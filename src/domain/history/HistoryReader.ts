/**
 * Reads a history from one number on, while it grows: each row once, in order, and counts of the rows that cannot be
 * read any more.
 *
 * A reader holds only its position, so a reader that is slower than the program costs no memory. Rows that leave the
 * ring before they are read become one `Missing` record.
 *
 * Law: the counts of the records sum up to the number of rows that were pushed, however reading and pushing alternate.
 */
import type { HistoryRecord } from "../wire/streams/HistoryRecord.ts"
import * as History from "./History.ts"

/** The position of a reader. It belongs to `read`, which changes it in place. */
export interface HistoryReader {
  /** The number of the next row. */
  next: number
  /** `History.erased`, as far as the reader has reported it. */
  erased: number
}

/** A reader of the rows from `from` on. Rows erased before are not reported. */
export const make = (history: History.History, from: number): HistoryReader => ({
  next: Math.min(Math.max(Math.floor(from) || 0, history.erased), history.end),
  erased: history.erased
})

/** The next record; `undefined` if there is none until the history changes. */
export const read = (history: History.History, reader: HistoryReader): HistoryRecord | undefined => {
  const { erased, first } = history
  if (reader.erased !== erased) {
    const count = erased - reader.next
    reader.erased = erased
    reader.next = erased
    return { _tag: "Cleared", count }
  }
  if (reader.next < first) {
    const count = first - reader.next
    reader.next = first
    return { _tag: "Missing", count }
  }
  const bytes = History.bytes(history, reader.next)
  if (bytes === undefined) return undefined
  reader.next++
  return { _tag: "Row", bytes }
}
