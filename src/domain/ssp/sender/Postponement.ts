/**
 * Postpones what a silent peer is sent, while this end cannot keep up.
 *
 * If a timer fires late, the process was busy, and the peer's answer may have arrived long ago: it waits in the receive buffer,
 * behind as much work as the timer did. A retransmission would only add to that work, at both ends. So retransmissions, copies
 * and probes wait once more for as long as the timer was late, a second at most. By then, what had arrived is read. They are sent
 * if that was no answer, however late they are by then: a process that is always late still recovers from losses. Towards a
 * stock peer, nothing is postponed.
 */
import type { Millis } from "../../Machine.ts"
import * as Timing from "../Timing.ts"

export interface Postponement {
  /** When it began. There is no other before something has been sent. */
  readonly at: Millis
  /** Until then the peer's silence counts for nothing. */
  readonly until: Millis
}

export const NONE: Postponement = { at: -Infinity, until: -Infinity }

/** The machine is stepped `lateness` ms after its deadline. `sentAt`: when anything was last sent. */
export const woken = (postponement: Postponement, lateness: Millis, sentAt: Millis, now: Millis): Postponement =>
  lateness > Timing.LATENESS && lateness < Timing.SUSPENDED && sentAt >= postponement.at
    ? { at: now, until: now + Math.min(lateness, Timing.POSTPONEMENT_MAX) }
    : postponement
