/**
 * Bounds the time that one session of a shared port takes from the others, when its client sends more than can be processed.
 *
 * Time is counted in windows. A session whose time of a window is used up loses its datagrams until the next one: its client
 * sends them again, and slows down as after a loss on the network. The kernel's buffer drains meanwhile, so the
 * datagrams of other sessions find room. A session that is the only active one is not bounded.
 *
 * Functions change the values in place.
 */
import type { Millis } from "../Machine.ts"

/** The time that a port has taken. */
export interface FairShare {
  windowAt: Millis
  /** Time that all sessions took in the window, ms. */
  total: number
  /** The session that was active last, and the last other one. */
  newest: Use | undefined
  newestAt: Millis
  otherAt: Millis
}

/** The time that a session has taken. */
export interface Use {
  windowAt: Millis
  /** Time that the session took in that window, ms. */
  time: number
}

/** Length of a window, ms. */
export const WINDOW = 100
/** What one session may take of a window while others are active, ms. */
export const SHARE = 30
/** What every session may take of a window, ms, after all together took `BUSY`. */
export const GUARANTEED = 5
export const BUSY = 75
/** A session is active for so long after a datagram, ms: longer than the interval of heartbeats. */
export const ACTIVE = 4000

export const initial = (now: Millis): FairShare => ({
  windowAt: now,
  total: 0,
  newest: undefined,
  newestAt: -Infinity,
  otherAt: -Infinity
})

export const unused = (): Use => ({ windowAt: -Infinity, time: 0 })

/** Whether the session has used up its part of the window. */
export const isOver = (share: FairShare, use: Use, now: Millis): boolean => {
  advance(share, now)
  if (use.windowAt !== share.windowAt) return false
  const lastOtherAt = share.newest === use ? share.otherAt : share.newestAt
  return now - lastOtherAt < ACTIVE && use.time >= (share.total >= BUSY ? GUARANTEED : SHARE)
}

/** The session took `time` to process a datagram, ms. */
export const spend = (share: FairShare, use: Use, time: number, now: Millis): void => {
  advance(share, now)
  if (use.windowAt !== share.windowAt) {
    use.windowAt = share.windowAt
    use.time = 0
  }
  use.time += time
  share.total += time
  if (share.newest !== use) {
    share.otherAt = share.newestAt
    share.newest = use
  }
  share.newestAt = now
}

const advance = (share: FairShare, now: Millis): void => {
  if (now - share.windowAt < WINDOW) return
  share.windowAt = now
  share.total = 0
}
