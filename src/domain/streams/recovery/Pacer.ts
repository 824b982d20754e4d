/**
 * A token bucket: a burst of a few packets, refilled at the pace of congestion control.
 *
 * State datagrams are never paced here, but take their bytes out of the same bucket: streams wait for them. Functions
 * change the bucket in place.
 */
import type { Millis } from "../../Machine.ts"
import * as Limits from "../Limits.ts"

export interface Pacer {
  /** Bytes that may be sent at once; negative after a large datagram. */
  tokens: number
  /** When the tokens were counted. */
  at: Millis
  /** When sending may go on. */
  readyAt: Millis
}

export const make = (now: Millis): Pacer => ({ tokens: Limits.INITIAL_WINDOW, at: now, readyAt: -Infinity })

/** The burst at a rate in bytes a millisecond. */
const burst = (rate: number): number => Math.min(Math.max(Limits.BURST * rate, Limits.BURST_MIN), Limits.BURST_MAX)

/** A datagram of so many bytes was sent. */
export const sent = (pacer: Pacer, bytes: number, rate: number, now: Millis): void => {
  const most = burst(rate)
  pacer.tokens = Math.max(-most, Math.min(most, pacer.tokens + (now - pacer.at) * rate) - bytes)
  pacer.at = now
  // Sending goes on when a quarter of the burst is there, so that a fast path does not need a timer for each packet.
  if (pacer.tokens <= 0) pacer.readyAt = now + (most / 4 - pacer.tokens) / rate
}
