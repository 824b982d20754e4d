/**
 * Streams of the last urgency give way to the user's typing.
 *
 * The screen that answers a keystroke waits for what is ahead of it in the bottleneck's queue, where priority has no effect any
 * more. On a slow path, a transfer that fills the path without a queue still delays it by a packet or two: 30 ms at 1 Mbit/s.
 * So while the user types, and for `TYPING` after, streams of the last urgency take a quarter of the pace, in packets that pass
 * the bottleneck within some ms. Others, which the user waits for, do not.
 *
 * Functions change the state in place.
 */
import type { Millis } from "../Machine.ts"
import * as SendQueue from "./SendQueue.ts"

export interface Background {
  /** When the newest state of the peer arrived: at a server, a keystroke. */
  typedAt: Millis
  /** When the next packet may be sent, while the user types. */
  readyAt: Millis
}

/** How long after a keystroke another one is expected. */
export const TYPING: Millis = 1000
/** The share of the pace that is left. */
const SHARE = 1 / 4
/** How long a packet may occupy the path at the pace of congestion control, and the least size that is worth its headers, bytes. */
const OCCUPIES: Millis = 4
const MIN_PACKET = 400

export const make = (): Background => ({ typedAt: -Infinity, readyAt: -Infinity })

/** The user typed. */
export const typed = (background: Background, now: Millis): void => {
  background.typedAt = now
}

/** Whether streams give way now: nothing but streams of the last urgency waits, and the user types. */
export const yields = ({ typedAt }: Background, queue: SendQueue.SendQueue, now: Millis): boolean =>
  now < typedAt + TYPING && SendQueue.isBackground(queue)

/** Until when what waits has to give way; `-Infinity` if it need not. */
export const readyAt = (background: Background, queue: SendQueue.SendQueue): Millis =>
  SendQueue.isBackground(queue) ? Math.min(background.readyAt, background.typedAt + TYPING) : -Infinity

/** The largest packet to send while streams give way, at a rate in bytes a millisecond. */
export const limit = (rate: number): number => Math.max(MIN_PACKET, Math.floor(OCCUPIES * rate))

/** A packet of so many bytes was sent while streams give way. */
export const sent = (background: Background, bytes: number, rate: number, now: Millis): void => {
  background.readyAt = now + bytes / (SHARE * rate)
}
