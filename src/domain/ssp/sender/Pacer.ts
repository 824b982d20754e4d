/**
 * Paces news by a token bucket: a small burst, refilled by one token per interval.
 *
 * A program that prints continuously empties the bucket and is then held to one frame per interval, as stock holds
 * everything. A keystroke after a pause finds tokens and is sent at once.
 */
import type { Millis } from "../../Machine.ts"
import * as Timing from "../Timing.ts"

export interface Pacer {
  /** When news was last sent. */
  readonly at: Millis
  /** Tokens left then, 0 to `Timing.PACER_BURST`. */
  readonly tokens: number
}

export const FULL: Pacer = { at: -Infinity, tokens: Timing.PACER_BURST }

/** When news may be sent again. */
export const due = ({ at, tokens }: Pacer, interval: Millis): Millis =>
  at + (tokens >= 1 ? Timing.NEWS_SPACING : Math.max(Timing.SEND_INTERVAL_MIN, Math.ceil((1 - tokens) * interval)))

/** Refills the bucket up to `now`, and takes what the news sent now costs. */
export const spend = ({ at, tokens }: Pacer, interval: Millis, now: Millis, cost: number): Pacer => ({
  at: now,
  tokens: Math.max(0, Math.min(Timing.PACER_BURST, tokens + (now - at) / interval) - cost)
})

/**
 * The tokens that news of so many bytes costs. Interactive news is cheap where the interval is long, so that typing never
 * waits; but in the long run there is at most one per `SEND_INTERVAL_MIN`.
 */
export const cost = (bytes: number, interval: Millis, isInteractive: boolean, min = MIN_COST): number =>
  isInteractive ? Math.min(1, Math.max(min, bytes / Timing.TOKEN_BYTES, Timing.SEND_INTERVAL_MIN / interval)) : 1

export const MIN_COST = 1 / 8
/**
 * The minimum cost behind a deep queue, which may be that of a very slow link that the session fills by itself: ten
 * sends a second in the long run.
 */
export const MIN_COST_DEEPLY_QUEUED = 1 / 3
