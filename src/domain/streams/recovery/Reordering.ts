/**
 * How much later than its successors a packet may arrive without being counted as lost.
 *
 * It begins with the thresholds of RFC 9002. An acknowledgement of a packet that already counted as lost shows that the
 * network reorders by more: the thresholds then grow, up to a bound, and stay until the path changes. RFC 8985 (section
 * 6.2, step 4) adapts likewise. Functions change the value in place.
 */
import type { Millis } from "../../Machine.ts"
import type { AckRange } from "../../wire/streams/AckFrame.ts"
import * as Limits from "../Limits.ts"

export interface Reordering {
  /** Stream packets that may arrive before it. */
  packets: number
  /** Round trips that it may take. */
  roundTrips: number
  /** Packets that were recently counted as lost, by number. */
  readonly lost: Map<number, { readonly index: number; readonly at: Millis }>
}

export const make = (): Reordering => ({
  packets: Limits.PACKET_THRESHOLD,
  roundTrips: Limits.TIME_THRESHOLD,
  lost: new Map()
})

/** The path changed. */
export const reset = (reordering: Reordering): void => {
  reordering.packets = Limits.PACKET_THRESHOLD
  reordering.roundTrips = Limits.TIME_THRESHOLD
  reordering.lost.clear()
}

/** A packet counts as lost. */
export const lost = (reordering: Reordering, number: number, index: number, now: Millis): void => {
  reordering.lost.set(number, { index, at: now })
  if (reordering.lost.size <= Limits.REORDERING_KEPT) return
  for (const oldest of reordering.lost.keys()) {
    reordering.lost.delete(oldest)
    return
  }
}

/** Looks for lost packets among those that arrived after all; `newest` is the index of the newest that did. */
export const observe = (
  reordering: Reordering,
  ranges: ReadonlyArray<AckRange>,
  newest: number,
  roundTrip: Millis,
  now: Millis
): void => {
  for (const [number, { at, index }] of reordering.lost) {
    const hasArrived = ranges.some(({ first, last }) => number >= first && number <= last)
    if (hasArrived) {
      reordering.packets = Math.min(Math.max(reordering.packets, newest - index + 1), Limits.PACKET_THRESHOLD_MAX)
      reordering.roundTrips = Math.min(reordering.roundTrips + 1 / 8, Limits.TIME_THRESHOLD_MAX)
    }
    if (hasArrived || now - at > 2 * roundTrip) reordering.lost.delete(number)
  }
}
