/**
 * What decides how much of the streams' data may be in flight, and how fast it is sent.
 *
 * A controller sees acknowledgements and losses of stream packets, and nothing of their contents. It owns its state; like
 * everything in `domain` it has no clock and no randomness, so the same events give the same window. `Copa` is the default.
 */
import type { Millis } from "../Machine.ts"

export interface CongestionControl {
  /** Bytes that may be in flight, at least two packets. */
  readonly window: () => number
  /** The pace, in bytes a millisecond; above 0. */
  readonly rate: () => number
  /** Packets arrived at the peer. */
  readonly acknowledged: (event: Acknowledged, now: Millis) => void
  /** Packets of so many bytes were lost. */
  readonly lost: (bytes: number, now: Millis) => void
  /** Several probe timeouts in a row were in vain: what was known of the network may no longer hold. */
  readonly collapsed: (now: Millis) => void
}

export interface Acknowledged {
  readonly bytes: number
  /** The round trip without the peer's delay, if the acknowledgement shows it. */
  readonly rtt: Millis | undefined
  /** The smoothed round trip. */
  readonly smoothed: Millis
  /** Whether the window or the pace limited what was sent, and not the application. */
  readonly isLimited: boolean
}

/** Makes the controller of a path. It is called at the start and whenever the path changes. */
export type Make = (now: Millis) => CongestionControl
