/**
 * The rows that went into the terminal's history last.
 *
 * A terminal that grows moves such rows back onto its screen, and what is drawn before the new size is known overwrites them.
 * So they are kept for a while, to be pushed again.
 */
import type { Millis } from "../../Machine.ts"
import type { OwedEntry } from "./OwedRows.ts"

export interface RecentRow {
  readonly entry: OwedEntry
  /** When it was pushed. */
  readonly at: Millis
}

/** In order, without gaps. */
export type RecentRows = ReadonlyArray<RecentRow>

export const NONE: RecentRows = []

/** Number of rows that are kept: those of the largest ordinary window, and what a busy program prints meanwhile. */
export const KEPT = 500

export const add = (recent: RecentRows, entries: ReadonlyArray<OwedEntry>, at: Millis): RecentRows => {
  if (entries.length === 0) return recent
  const added = entries.slice(-KEPT).map((entry) => ({ entry, at }))
  return [...recent.slice(Math.max(0, recent.length + added.length - KEPT)), ...added]
}

/**
 * What to push `again` when the terminal moved up to `count` rows back onto its screen, at some time after `since`: the rows
 * pushed since, and `count` before those.
 */
export const split = (
  recent: RecentRows,
  since: Millis,
  count: number
): { readonly again: ReadonlyArray<OwedEntry>; readonly kept: RecentRows } => {
  if (count === 0) return { again: [], kept: recent }
  const newer = recent.findIndex(({ at }) => at > since)
  const from = Math.max(0, (newer === -1 ? recent.length : newer) - count)
  return { again: recent.slice(from).map(({ entry }) => entry), kept: recent.slice(0, from) }
}
