/**
 * How long keys take to be seen: typed one after the other, echoed in the same order.
 */
import type { Millis } from "../Machine.ts"

export interface EchoTimes {
  /** When each key was typed. */
  readonly typed: ReadonlyArray<Millis>
  /** How long each took, for as many as have been seen. */
  readonly took: ReadonlyArray<Millis>
}

export const NONE: EchoTimes = { typed: [], took: [] }

export const typed = (times: EchoTimes, now: Millis): EchoTimes => ({ ...times, typed: [...times.typed, now] })

/** So many keys are on the screen now. What the screen says beyond what was typed is not believed. */
export const seen = (times: EchoTimes, echoed: number, now: Millis): EchoTimes => {
  const fresh = times.typed.slice(times.took.length, Math.max(0, echoed)).map((at) => now - at)
  return fresh.length === 0 ? times : { ...times, took: [...times.took, ...fresh] }
}

/** The least, the middle and the most of them; `undefined` when nothing was seen. */
export const spread = ({
  took
}: EchoTimes): { readonly least: Millis; readonly median: Millis; readonly most: Millis } | undefined => {
  const sorted = [...took].sort((a, b) => a - b)
  const median = sorted[sorted.length >> 1]
  return median === undefined ? undefined : { least: sorted[0] ?? median, median, most: sorted.at(-1) ?? median }
}
