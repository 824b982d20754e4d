/**
 * The round trip of stream packets. Unlike SSP's estimate it subtracts the peer's acknowledgement delay, and its samples
 * are not rounded to milliseconds. Source: RFC 9002, section 5.
 */
import type { Millis } from "../../Machine.ts"
import * as Limits from "../Limits.ts"

export interface RoundTrip {
  /** `undefined` before the first sample. */
  readonly smoothed: Millis | undefined
  readonly variation: Millis
  readonly latest: Millis
  readonly min: Millis
}

export const UNKNOWN: RoundTrip = { smoothed: undefined, variation: 0, latest: 0, min: Infinity }

/** Adds a sample. `ackDelay` is the peer's delay in it. */
export const sample = (rtt: RoundTrip, latest: Millis, ackDelay: Millis): RoundTrip => {
  const { smoothed, variation } = rtt
  if (smoothed === undefined) return { smoothed: latest, variation: latest / 2, latest, min: latest }
  const min = Math.min(rtt.min, latest)
  const adjusted = adjust(min, latest, ackDelay)
  return {
    smoothed: (7 / 8) * smoothed + adjusted / 8,
    variation: (3 / 4) * variation + Math.abs(smoothed - adjusted) / 4,
    latest,
    min
  }
}

/** A sample without the peer's delay, as far as that is plausible. */
export const adjust = (min: Millis, latest: Millis, ackDelay: Millis): Millis => {
  const delay = Math.min(ackDelay, Limits.MAX_ACK_DELAY)
  return latest - delay >= min ? latest - delay : latest
}

/** The smoothed round trip, or a guess. */
export const smoothed = (rtt: RoundTrip): Millis => rtt.smoothed ?? Limits.INITIAL_RTT

/** How long after a later packet's acknowledgement an earlier one counts as lost in round trips (RFC 9002, section 6.1.2). */
export const lossDelay = (rtt: RoundTrip, roundTrips: number): Millis =>
  Math.max(roundTrips * Math.max(smoothed(rtt), rtt.latest), Limits.GRANULARITY)

/** The probe timeout after `count` timeouts without an acknowledgement (RFC 9002, section 6.2.1). */
export const probeTimeout = (rtt: RoundTrip, count: number): Millis => {
  const variation = rtt.smoothed === undefined ? Limits.INITIAL_RTT / 2 : rtt.variation
  const base = smoothed(rtt) + Math.max(4 * variation, Limits.GRANULARITY) + Limits.MAX_ACK_DELAY
  return Math.min(base * 2 ** Math.min(count, 16), Math.max(base, Limits.PROBE_INTERVAL_MAX))
}
