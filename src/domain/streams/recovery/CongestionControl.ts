/**
 * The interface of congestion controllers, which decide how many bytes of streams may be in flight, and how fast they
 * are sent.
 *
 * A controller sees acknowledgements and losses of stream packets, but not their contents. It owns its state. Like
 * everything in `domain`, it has no clock and no randomness, so the same events give the same window. `Copa` is the
 * default.
 */
import type { Millis } from "../../Machine.ts"

export interface CongestionControl {
  /** Bytes that may be in flight, at least two packets. */
  readonly window: () => number
  /** The pace, in bytes a millisecond; above 0. */
  readonly rate: () => number
  /** Packets arrived at the peer. */
  readonly acknowledged: (event: Acknowledged, now: Millis) => void
  /** Packets of so many bytes were lost. */
  readonly lost: (bytes: number, now: Millis) => void
  /** Several probes in a row were not acknowledged: what was measured of the network may no longer hold. */
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
