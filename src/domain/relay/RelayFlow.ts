/**
 * Flow control of one direction through ssh: bounds the bytes that are in flight, and with that the queue in the buffers
 * of ssh, sshd, their pipes and TCP.
 *
 * Without a bound, a flood of output would fill megabytes of buffers, and the response to Ctrl-C would wait behind it. The
 * receiver acknowledges bytes, and `Copa` derives the window from the round trips: TCP recovers losses, so the window
 * reacts to delay only.
 */
import type { Millis } from "../Machine.ts"
import type { CongestionControl } from "../streams/recovery/CongestionControl.ts"
import * as Copa from "../streams/recovery/Copa.ts"

export interface RelayFlow {
  /** Owns its state: only the newest value of a flow may be used. */
  readonly control: CongestionControl
  /** Bytes in all. */
  readonly sent: number
  readonly acknowledged: number
  /** Whether the window, and not the sender, limited what was sent. */
  readonly isLimited: boolean
  /** The smoothed round trip; `undefined` before the first sample. */
  readonly smoothed: Millis | undefined
  /** Recent sends that are not acknowledged, oldest first. */
  readonly marks: ReadonlyArray<Mark>
}

/** The total after a send, and when that happened. */
interface Mark {
  readonly total: number
  readonly at: Millis
}

/**
 * Bytes that may be in flight in any case, so that most screens do not wait for an acknowledgement. Above what a receiver
 * leaves unacknowledged.
 */
export const FLOOR = 16_384

/** Maximum number of sends whose time is known. Without a time, an acknowledgement is no sample of the round trip. */
const MAX_MARKS = 2048

/** Share of a new sample in the smoothed round trip. */
const GAIN = 1 / 8

const MODULUS = 2 ** 32

export const init = (now: Millis): RelayFlow => ({
  control: Copa.make(now),
  sent: 0,
  acknowledged: 0,
  isLimited: false,
  smoothed: undefined,
  marks: []
})

/** Bytes in flight. */
export const inFlight = ({ acknowledged, sent }: RelayFlow): number => sent - acknowledged

/** Whether so many bytes may be sent now. */
export const canSend = (flow: RelayFlow, bytes: number): boolean =>
  inFlight(flow) + bytes <= Math.max(FLOOR, flow.control.window())

/** So many bytes are being sent. */
export const sent = (flow: RelayFlow, bytes: number, now: Millis): RelayFlow => {
  const total = flow.sent + bytes
  const marks = flow.marks.length < MAX_MARKS ? [...flow.marks, { total, at: now }] : flow.marks
  return { ...flow, sent: total, marks }
}

/** Something waits that may not be sent now. */
export const limited = (flow: RelayFlow): RelayFlow => (flow.isLimited ? flow : { ...flow, isLimited: true })

/**
 * The peer has received so many bytes in all, modulo 2^32. `undefined` if that is not possible: they were never sent, or are
 * fewer than were acknowledged before.
 */
export const acknowledged = (flow: RelayFlow, received: number, now: Millis): RelayFlow | undefined => {
  const bytes = (((received - flow.acknowledged) % MODULUS) + MODULUS) % MODULUS
  if (bytes > inFlight(flow)) return undefined
  if (bytes === 0) return flow
  const total = flow.acknowledged + bytes
  const later = flow.marks.findIndex((mark) => mark.total > total)
  const passed = later < 0 ? flow.marks.length : later
  const last = flow.marks[passed - 1]
  const rtt = last?.total === total ? now - last.at : undefined
  const smoothed =
    rtt === undefined || flow.smoothed === undefined
      ? (rtt ?? flow.smoothed)
      : flow.smoothed + (rtt - flow.smoothed) * GAIN
  if (smoothed !== undefined) flow.control.acknowledged({ bytes, rtt, smoothed, isLimited: flow.isLimited }, now)
  const isLimited = flow.isLimited && flow.sent - total >= flow.control.window() / 2
  return { ...flow, acknowledged: total, smoothed, isLimited, marks: flow.marks.slice(passed) }
}
