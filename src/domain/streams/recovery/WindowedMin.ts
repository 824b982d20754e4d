/**
 * The smallest recent value, kept as the minima of two half spans: constant in time and memory at any rate of values.
 *
 * It covers at least `span / 2`, and at most `span`, or half more where values are rare. Functions change the value in place.
 */
import type { Millis } from "../../Machine.ts"

export interface WindowedMin {
  current: number
  previous: number
  /** When the current half began. */
  since: Millis
}

export const make = (): WindowedMin => ({ current: Infinity, previous: Infinity, since: -Infinity })

export const add = (min: WindowedMin, value: number, span: Millis, now: Millis): void => {
  const age = now - min.since
  if (age < span / 2) {
    if (value < min.current) min.current = value
    return
  }
  min.previous = age < span ? min.current : Infinity
  min.current = value
  min.since = now
}

/** `Infinity` if nothing was added. */
export const least = ({ current, previous }: WindowedMin): number => Math.min(current, previous)
