/**
 * A shutdown in progress: instructions with the shutdown state until the peer acknowledges it, up to a limit (spec 5.7).
 */
import type { Millis } from "../../Machine.ts"
import * as Timing from "../Timing.ts"

export interface Shutdown {
  /** When it began, or when the peer last acknowledged one of the states before it. */
  readonly since: Millis
  /** Shutdown instructions sent. */
  readonly tries: number
  /** Datagrams that the peer's host refused since the peer's last packet. */
  readonly refused: number
}

export const begin = (now: Millis): Shutdown => ({ since: now, tries: 0, refused: 0 })

/** The peer acknowledged a state. A shutdown that has much to deliver is not late while it makes progress. */
export const progressed = (shutdown: Shutdown | undefined, now: Millis): Shutdown | undefined =>
  shutdown?.tries === 0 ? { ...shutdown, since: now } : shutdown

/** A packet of the peer arrived, so its port is open. */
export const packetReceived = (shutdown: Shutdown | undefined): Shutdown | undefined =>
  shutdown === undefined ? undefined : { ...shutdown, refused: 0 }

export const refused = (shutdown: Shutdown | undefined): Shutdown | undefined =>
  shutdown === undefined ? undefined : { ...shutdown, refused: shutdown.refused + 1 }

export const tried = (shutdown: Shutdown | undefined): Shutdown | undefined =>
  shutdown === undefined ? undefined : { ...shutdown, tries: shutdown.tries + 1 }

/** When to give up, whatever happens until then. */
export const giveUpAt = (shutdown: Shutdown | undefined): Millis =>
  shutdown === undefined ? Infinity : shutdown.since + Timing.SHUTDOWN_TIMEOUT

/** Whether to give up now. `maxTries`: how many instructions to send in all. `nextTry`: when the next one is due. */
export const isTimedOut = (shutdown: Shutdown, maxTries: number, nextTry: Millis, now: Millis): boolean =>
  now - shutdown.since >= Timing.SHUTDOWN_TIMEOUT ||
  shutdown.refused >= Timing.SHUTDOWN_REFUSALS ||
  // The last instruction, too, gets time to be answered.
  (shutdown.tries >= maxTries && now >= nextTry)
