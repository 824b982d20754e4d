/**
 * What paces news: so many *sends* that may go at once, and one more each interval. A program that prints all the time
 * uses them up and is then held to the interval, as stock holds everything; a key after a pause waits for nothing.
 */
import type { Millis } from "../Machine.ts"
import * as Timing from "./Timing.ts"

export interface Pace {
  /** When news was last sent. */
  readonly at: Millis
  /** How many sends were left then. */
  readonly sends: number
}

export const FULL: Pace = { at: -Infinity, sends: Timing.SENDS_AT_ONCE }

/** When news may be sent again. */
export const due = ({ at, sends }: Pace, interval: Millis): Millis =>
  at + (sends >= 1 ? Timing.NEWS_SPACING : Math.max(Timing.SEND_INTERVAL_MIN, Math.ceil((1 - sends) * interval)))

/** The pace after news was sent that costs so many sends. */
export const after = ({ at, sends }: Pace, interval: Millis, now: Millis, cost: number): Pace => ({
  at: now,
  sends: Math.max(0, Math.min(Timing.SENDS_AT_ONCE, sends + (now - at) / interval) - cost)
})

/**
 * What news of so many bytes costs, in sends. A key, or the little that answers one, costs little where sends are far
 * apart, so that typing never waits; but in the long run there is none more often than every `SEND_INTERVAL_MIN`.
 */
export const cost = (bytes: number, interval: Millis, isInteractive: boolean, least = LEAST_COST): number =>
  isInteractive ? Math.min(1, Math.max(least, bytes / Timing.SEND_BYTES, Timing.SEND_INTERVAL_MIN / interval)) : 1

export const LEAST_COST = 1 / 8
/** Behind a deep queue: ten a second in the long run, for it may be a very slow link that the session fills by itself. */
export const LEAST_COST_DEEP = 1 / 3
