/**
 * Echo times of keys: typed one after the other, echoed in the same order.
 */
import type { Millis } from "../Machine.ts"

export interface EchoTimes {
  /** When each key was typed. */
  readonly typed: ReadonlyArray<Millis>
  /** The echo time of each key that was echoed so far. */
  readonly took: ReadonlyArray<Millis>
}

export const NONE: EchoTimes = { typed: [], took: [] }

export const typed = (times: EchoTimes, now: Millis): EchoTimes => ({ ...times, typed: [...times.typed, now] })

/** Records that the screen shows `echoed` keys now. A count above the keys typed is ignored. */
export const seen = (times: EchoTimes, echoed: number, now: Millis): EchoTimes => {
  const fresh = times.typed.slice(times.took.length, Math.max(0, echoed)).map((at) => now - at)
  return fresh.length === 0 ? times : { ...times, took: [...times.took, ...fresh] }
}

/** The smallest, the median and the largest time; `undefined` when nothing was echoed. */
export const spread = ({
  took
}: EchoTimes): { readonly least: Millis; readonly median: Millis; readonly most: Millis } | undefined => {
  const sorted = [...took].sort((a, b) => a - b)
  const median = sorted[sorted.length >> 1]
  return median === undefined ? undefined : { least: sorted[0] ?? median, median, most: sorted.at(-1) ?? median }
}
