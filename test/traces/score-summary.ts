/**
 * The scores of several runs, summarised.
 */
import type { Score } from "./score.ts"

export interface Summary {
  /** How many keys were typed, and how many of them changed the screen. */
  readonly keys: number
  readonly effective: number
  /** The share of effective keys that were shown within `PROMPT`. */
  readonly prompt: number
  /** ms from key to screen, of effective keys. */
  readonly median: number
  readonly p95: number
  /** Effective keys whose effect was never seen. */
  readonly unseen: number
  /** The share of keys that made something wrong appear. */
  readonly wrong: number
  readonly wrongCells: number
  /** ms that wrong things stayed; NaN where nothing was wrong. */
  readonly repairMedian: number
  readonly repairMax: number
  /** Runs that did not end with the program's last screen. */
  readonly incomplete: number
}

/** What a user perceives as immediate, ms: one frame of a 60 Hz display. */
export const PROMPT = 16

export const summarize = (scores: ReadonlyArray<Score>): Summary => {
  const keys = scores.flatMap((score) => score.keys)
  const delays = keys.filter(({ kind }) => kind !== "none").map(({ delay }) => delay)
  const repairs = scores.flatMap((score) => score.repairs)
  return {
    keys: keys.length,
    effective: delays.length,
    prompt: delays.filter((delay) => delay <= PROMPT).length / delays.length,
    median: quantile(delays, 0.5),
    p95: quantile(delays, 0.95),
    unseen: delays.filter((delay) => delay === Infinity).length,
    wrong: keys.filter(({ wrong }) => wrong).length / keys.length,
    wrongCells: scores.reduce((sum, score) => sum + score.wrongCells, 0),
    repairMedian: quantile(repairs, 0.5),
    repairMax: quantile(repairs, 1),
    incomplete: scores.filter(({ complete }) => !complete).length
  }
}

const quantile = (samples: ReadonlyArray<number>, share: number): number => {
  const sorted = samples.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
}
