/**
 * A sender's timers, by name. Each holds the time at which it is due, and `Infinity` while it is off. The endpoint has one
 * clock alarm, set to the earliest.
 */
import type { Millis } from "../../Machine.ts"

export interface Timers {
  /**
   * Send an instruction even without news: it acknowledges what was received, and keeps the session alive as a heartbeat.
   * During a shutdown: send the next shutdown instruction.
   */
  readonly acknowledgement: Millis
  /** Send the local state, which differs from the newest sent one. */
  readonly news: Millis
  /** Send the newest state once more, which the peer has not acknowledged. */
  readonly retransmission: Millis
  /** Send something that a silent peer answers (client only). */
  readonly probe: Millis
  /** End a shutdown that the peer does not acknowledge. */
  readonly giveUp: Millis
}

export const init = (now: Millis): Timers => ({
  acknowledgement: now,
  news: Infinity,
  retransmission: Infinity,
  probe: Infinity,
  giveUp: Infinity
})

export const equals = (a: Timers, b: Timers): boolean =>
  a.acknowledgement === b.acknowledgement &&
  a.news === b.news &&
  a.retransmission === b.retransmission &&
  a.probe === b.probe &&
  a.giveUp === b.giveUp

/** When the next instruction is due. */
export const nextSend = ({ acknowledgement, news, probe, retransmission }: Timers): Millis =>
  Math.min(acknowledgement, news, retransmission, probe)

/** When the sender next wants a `Tick`. Without an address to send to, only `giveUp` counts. */
export const next = (timers: Timers, isAttached: boolean): Millis =>
  isAttached ? Math.min(nextSend(timers), timers.giveUp) : timers.giveUp
