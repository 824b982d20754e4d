/**
 * A token bucket for trial decryptions: one token each, a burst at first and after a pause, refilled at a constant rate.
 *
 * Functions change the bucket in place.
 */
import type { Millis } from "../Machine.ts"

export interface TrialBudget {
  /** Trials that may be made at once now. */
  tokens: number
  /** Trials that may be made at once at most. */
  readonly burst: number
  /** Tokens that it gets in a millisecond. */
  readonly rate: number
  /** When the tokens were counted. */
  at: Millis
}

/**
 * Trials per millisecond in the long run, for datagrams from unknown hosts. A trial takes about 6 µs of CPU, so that they take at
 * most a quarter of a core.
 */
export const RATE = 40

/** Trials per millisecond in the long run, for datagrams from other ports of hosts with clients. */
export const RATE_SAME_HOST = 10

/** Trials that may be made at once. They take about 12 ms of CPU. */
export const BURST = 2000

/** Each session's bucket for datagrams with its connection id: trials per ms, and at once. A client that moves takes one. */
export const RATE_BY_ID = 0.02
export const BURST_BY_ID = 8

export const full = (rate: number, now: Millis, burst = BURST): TrialBudget => ({ tokens: burst, burst, rate, at: now })

/** How many trials may be made now. */
export const available = (budget: TrialBudget, now: Millis): number => {
  budget.tokens = Math.min(budget.burst, budget.tokens + Math.max(0, now - budget.at) * budget.rate)
  budget.at = now
  return Math.floor(budget.tokens)
}

/** Records that `trials` were made, at most as many as were available. */
export const spend = (budget: TrialBudget, trials: number): void => {
  budget.tokens = Math.max(0, budget.tokens - trials)
}
