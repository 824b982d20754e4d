/**
 * A token bucket for trial decryptions: one token each, a burst at first and after a pause, refilled at a constant rate.
 *
 * Functions change the bucket in place.
 */
import type { Millis } from "../Machine.ts"

export interface TrialBudget {
  /** Trials that may be made at once. */
  tokens: number
  /** When the tokens were counted. */
  at: Millis
}

/**
 * Trials per millisecond in the long run. A trial takes about 6 µs of CPU, so that strangers take at most an eighth of a
 * core.
 */
export const RATE = 20

/** Trials that may be made at once. They take about 12 ms of CPU. */
export const BURST = 2000

export const full = (now: Millis): TrialBudget => ({ tokens: BURST, at: now })

/** How many trials may be made now. */
export const available = (budget: TrialBudget, now: Millis): number => {
  budget.tokens = Math.min(BURST, budget.tokens + Math.max(0, now - budget.at) * RATE)
  budget.at = now
  return Math.floor(budget.tokens)
}

/** Records that `trials` were made, at most as many as were available. */
export const spend = (budget: TrialBudget, trials: number): void => {
  budget.tokens = Math.max(0, budget.tokens - trials)
}
