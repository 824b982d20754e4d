/**
 * Copa, a congestion controller that is guided by queueing delay: it aims for a rate that falls as the queue grows, and
 * so keeps a few packets in the bottleneck's queue. A single lost packet does not change the window.
 *
 * Source: Arun and Balakrishnan, "Copa: Practical Delay-Based Congestion Control for the Internet", NSDI 2018. Ours are
 * four changes, explained in docs/decisions/0007-streams.md: a queueing delay below `TOLERANCE` counts as none; the queue
 * is drained on leaving slow start, and every few seconds, to measure the round trip without it; heavy loss shrinks the
 * window; and there is no mode that competes with senders that fill the queue.
 */
import type { Millis } from "../../Machine.ts"
import type { Acknowledged, CongestionControl } from "./CongestionControl.ts"
import * as Limits from "../Limits.ts"
import * as WindowedMin from "./WindowedMin.ts"

/** Copa's δ: with one sender about 1/δ packets are in the queue. */
const DELTA = 0.5
/** Queueing delay that counts as none: the jitter of timers and event loops. */
const TOLERANCE: Millis = 4
/** How long the round trip without a queue is remembered. */
const MIN_SPAN: Millis = 10_000
/** If no round trip was without a queue for this long, the queue is drained, for two round trips. */
const DRAIN_AFTER: Millis = 5000
const DRAIN_ROUNDS = 2
/** What is in flight while draining, as a share of what fills the path. */
const DRAIN_SHARE = 0.75
/** The share of lost bytes in a round trip that shrinks the window. */
const HEAVY_LOSS = 0.1
/** Slow start ends after this many samples in a row above a threshold (RFC 9406, section 4.3). */
const DELAYED_SAMPLES = 8
const DELAY_MIN: Millis = 4
const DELAY_MAX: Millis = 16
/** The round trip that the pace assumes before the first sample. */
const FIRST_RTT: Millis = 100
/** The pace, as a multiple of a window per round trip. */
const PACE = 1.25
const PACE_SLOW_START = 2

export const make = (now: Millis): CongestionControl => {
  const copa: Copa = {
    window: Limits.INITIAL_WINDOW,
    isSlowStart: true,
    minimum: WindowedMin.make(),
    standing: WindowedMin.make(),
    isGrowing: true,
    drainedAt: -Infinity,
    rounds: 0,
    velocity: 1,
    round: { endsAt: now, window: Limits.INITIAL_WINDOW, acknowledged: 0, lost: 0 },
    delayed: 0,
    emptyAt: now,
    drainsUntil: -Infinity
  }
  return {
    window: () => target(copa),
    rate: () => {
      const rtt = WindowedMin.least(copa.standing)
      const span = rtt === Infinity ? FIRST_RTT : Math.max(rtt, Limits.GRANULARITY)
      return (target(copa) / span) * (copa.isSlowStart ? PACE_SLOW_START : PACE)
    },
    acknowledged: (event, at) => acknowledged(copa, event, at),
    lost: (bytes) => void (copa.round.lost += bytes),
    collapsed: (at) => {
      copa.window = Limits.MIN_WINDOW
      copa.isSlowStart = true
      copa.standing = WindowedMin.make()
      copa.emptyAt = at
    }
  }
}

interface Copa {
  /** Bytes. */
  window: number
  isSlowStart: boolean
  /** The smallest round trip of `MIN_SPAN`, which is that without a queue, and the smallest of late. */
  readonly minimum: WindowedMin.WindowedMin
  standing: WindowedMin.WindowedMin
  /** Whether the window last grew, for how many round trips in a row, and how fast it changes. */
  isGrowing: boolean
  rounds: number
  velocity: number
  /** When the window was last cut to what fills the path. */
  drainedAt: Millis
  /** The current round trip: its end, the window at its beginning, bytes acknowledged and lost since. */
  round: { endsAt: Millis; window: number; acknowledged: number; lost: number }
  /** Samples in a row that show a queue, in slow start. */
  delayed: number
  /** When a round trip last was without a queue. */
  emptyAt: Millis
  /** Until when the queue is drained. */
  drainsUntil: Millis
}

/** Bytes that may be in flight. */
const target = (copa: Copa): number =>
  copa.drainsUntil === -Infinity ? copa.window : Math.max(Limits.MIN_WINDOW, DRAIN_SHARE * pathSize(copa))

/** Bytes in flight that fill the path and not the queue. */
const pathSize = ({ minimum, standing, window }: Copa): number => {
  const share = WindowedMin.least(minimum) / Math.max(WindowedMin.least(standing), Limits.GRANULARITY)
  return Number.isFinite(share) ? window * Math.min(1, share) : window
}

/** Bytes in flight at the target rate: what others have in the queue is not a reason to send less. */
const fairWindow = (copa: Copa): number =>
  (Limits.PACKET * WindowedMin.least(copa.standing)) / (DELTA * (queueing(copa) - TOLERANCE))

const queueing = ({ minimum, standing }: Copa): Millis =>
  Math.max(0, WindowedMin.least(standing) - WindowedMin.least(minimum))

const acknowledged = (copa: Copa, event: Acknowledged, now: Millis): void => {
  copa.round.acknowledged += event.bytes
  if (event.rtt !== undefined) measure(copa, event.rtt, event.smoothed, now)
  if (now >= copa.round.endsAt) endRound(copa, event.smoothed, now)
  if (copa.drainsUntil !== -Infinity) return
  const standing = Math.max(WindowedMin.least(copa.standing), Limits.GRANULARITY)
  const excess = queueing(copa) - TOLERANCE
  // The target rate in packets a millisecond against the present one.
  if (copa.isSlowStart && event.rtt !== undefined && endsSlowStart(copa, event.rtt))
    return leaveSlowStart(copa, event.rtt, now)
  if (excess > 0 && copa.window / Limits.PACKET / standing > 1 / (DELTA * excess)) return shrink(copa, event, now)
  if (event.isLimited) grow(copa, event)
}

/**
 * Whether the queue has begun to grow. It does not wait for the smallest round trip of a whole window, because the
 * window doubles meanwhile.
 */
const endsSlowStart = (copa: Copa, rtt: Millis): boolean => {
  const least = WindowedMin.least(copa.minimum)
  const isDelayed = rtt - least > Math.min(Math.max(least / 8, DELAY_MIN), DELAY_MAX)
  copa.delayed = isDelayed ? copa.delayed + 1 : 0
  return copa.delayed >= DELAYED_SAMPLES
}

/**
 * The packet that shows this round trip was sent when the window was smaller, about as large as at the round's
 * beginning.
 */
const leaveSlowStart = (copa: Copa, rtt: Millis, now: Millis): void => {
  copa.window = clamp((copa.round.window * WindowedMin.least(copa.minimum)) / Math.max(rtt, Limits.GRANULARITY))
  copa.isSlowStart = false
  copa.isGrowing = false
  copa.drainedAt = now
  copa.velocity = 1
  copa.rounds = 0
}

const grow = (copa: Copa, { bytes }: Acknowledged): void => {
  copa.isGrowing = true
  // Only an empty queue shows that there is much more to gain.
  if (queueing(copa) > TOLERANCE / 2) copa.velocity = 1
  copa.window = clamp(copa.window + (copa.isSlowStart ? bytes : stepOf(copa, bytes)))
}

const shrink = (copa: Copa, { bytes, smoothed }: Acknowledged, now: Millis): void => {
  const isMeasured = now >= copa.drainedAt + 2 * smoothed
  if (isMeasured && (copa.isGrowing || queueing(copa) > DELAY_MAX)) {
    // The window is back to what fills the path at once, not over the round trips that it took to fill the queue. A long queue
    // beside a window that does not grow shows that slow start ended with too large a window.
    copa.window = clamp(copa.isGrowing ? pathSize(copa) : Math.max(pathSize(copa), fairWindow(copa)))
    copa.drainedAt = now
  } else if (isMeasured) copa.window = clamp(copa.window - stepOf(copa, bytes))
  copa.isSlowStart = false
  copa.isGrowing = false
  copa.rounds = 0
  copa.velocity = 1
}

/**
 * By how much the window changes when this many bytes are acknowledged: 1/δ packets in a round trip, times the
 * velocity.
 */
const stepOf = ({ velocity, window }: Copa, bytes: number): number =>
  (velocity * Limits.PACKET * bytes) / (DELTA * Math.max(window, Limits.PACKET))

const clamp = (window: number): number => Math.min(Math.max(window, Limits.MIN_WINDOW), Limits.MAX_WINDOW)

const measure = (copa: Copa, rtt: Millis, smoothed: Millis, now: Millis): void => {
  WindowedMin.add(copa.minimum, rtt, MIN_SPAN, now)
  WindowedMin.add(copa.standing, rtt, smoothed / 2, now)
  if (rtt <= WindowedMin.least(copa.minimum) + TOLERANCE / 2) copa.emptyAt = now
  if (copa.drainsUntil !== -Infinity && now >= copa.drainsUntil) {
    copa.drainsUntil = -Infinity
    copa.emptyAt = now
  }
  if (now - copa.emptyAt < DRAIN_AFTER || copa.isSlowStart) return
  copa.drainsUntil = now + DRAIN_ROUNDS * smoothed
  copa.emptyAt = now
}

const endRound = (copa: Copa, smoothed: Millis, now: Millis): void => {
  const { acknowledged, lost } = copa.round
  const share = lost / Math.max(1, acknowledged + lost)
  if (share > HEAVY_LOSS && lost > 4 * Limits.PACKET) {
    copa.window = clamp(copa.window * (1 - share / 2))
    copa.isSlowStart = false
    copa.velocity = 1
    copa.rounds = 0
  } else {
    copa.rounds++
    // After three round trips of growth, each further one doubles the velocity, until the window doubles in a round
    // trip.
    if (copa.rounds >= 3)
      copa.velocity = Math.min(2 * copa.velocity, Math.max(1, (DELTA * copa.window) / (2 * Limits.PACKET)))
  }
  copa.round = { endsAt: now + smoothed, window: copa.window, acknowledged: 0, lost: 0 }
}
