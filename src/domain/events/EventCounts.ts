/**
 * How many bells, clipboard writes and notifications of a session a client has been sent.
 *
 * A client that attaches later gets those that no client has acknowledged, and not the old ones: its frames count from there
 * (`since`). Bells and clipboards reach stock clients too; notifications only those with `Features.events`.
 */
import type { Frame } from "../terminal/Frame.ts"
import * as KeptEvents from "./KeptEvents.ts"

export interface EventCounts {
  readonly bells: number
  /** Clipboard writes, by selection. */
  readonly copies: ReadonlyMap<string, number>
  readonly notifications: number
}

export const NONE: EventCounts = { bells: 0, copies: new Map(), notifications: 0 }

/** The events of a frame. */
export const of = ({ bells, copies, notifications }: Frame): EventCounts => ({
  bells,
  copies,
  notifications: notifications.count
})

/** The larger of each count. */
export const newest = (a: EventCounts, b: EventCounts): EventCounts => ({
  bells: Math.max(a.bells, b.bells),
  copies: combined(a.copies, b.copies, Math.max),
  notifications: Math.max(a.notifications, b.notifications)
})

/** The counts of a session, of which `later` come after `before`. */
export const sum = (before: EventCounts, later: EventCounts): EventCounts => ({
  bells: before.bells + later.bells,
  copies: combined(before.copies, later.copies, (a, b) => a + b),
  notifications: before.notifications + later.notifications
})

/** The frame for a client for which the events up to `delivered` do not exist. */
export const since = (frame: Frame, delivered: EventCounts): Frame => {
  if (isNone(delivered)) return frame
  const copies = new Map<string, number>()
  for (const [selection, count] of frame.copies) {
    const later = count - (delivered.copies.get(selection) ?? 0)
    if (later > 0) copies.set(selection, later)
  }
  return {
    ...frame,
    bells: Math.max(0, frame.bells - delivered.bells),
    clipboard: new Map([...frame.clipboard].filter(([selection]) => copies.has(selection))),
    copies,
    notifications: KeptEvents.renumbered(frame.notifications, delivered.notifications)
  }
}

const isNone = ({ bells, copies, notifications }: EventCounts): boolean =>
  bells === 0 && notifications === 0 && copies.size === 0

const combined = (
  a: ReadonlyMap<string, number>,
  b: ReadonlyMap<string, number>,
  combine: (a: number, b: number) => number
): ReadonlyMap<string, number> => {
  const counts = new Map(a)
  for (const [selection, count] of b) counts.set(selection, combine(counts.get(selection) ?? 0, count))
  return counts
}
