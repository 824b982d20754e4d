/**
 * Flow control of one direction through ssh: bounds the bytes that are in flight, and with that the queue in the buffers
 * of ssh, sshd, their pipes and TCP.
 *
 * Without a bound, a flood of output would fill megabytes of buffers, and the response to Ctrl-C would wait behind it. The
 * receiver acknowledges bytes, and `Copa` derives the window from the round trips: TCP recovers losses, so the window
 * reacts to delay only.
 *
 * A flow owns its state, as a congestion controller does. It has no clock.
 */
import type { Millis } from "../Machine.ts"
import * as Copa from "../streams/Copa.ts"

export interface RelayFlow {
  /** Whether so many bytes may be sent now. */
  readonly canSend: (bytes: number) => boolean
  /** So many bytes are being sent. */
  readonly sent: (bytes: number, now: Millis) => void
  /**
   * The peer has received so many bytes in all, modulo 2^32. Returns `false` if that is not possible: it was never sent,
   * or less than was acknowledged before.
   */
  readonly acknowledged: (received: number, now: Millis) => boolean
  /** Bytes in flight. */
  readonly inFlight: () => number
}

/**
 * Bytes that may be in flight in any case, so that most screens do not wait for an acknowledgement. Above what a receiver
 * leaves unacknowledged.
 */
export const FLOOR = 16_384

/** Maximum number of sends whose time is known. Without a time, an acknowledgement is no sample of the round trip. */
const MAX_MARKS = 4096

/** Share of a new sample in the smoothed round trip. */
const GAIN = 1 / 8

const MODULUS = 2 ** 32

export const make = (now: Millis): RelayFlow => {
  const control = Copa.make(now)
  let sent = 0
  let acknowledged = 0
  let isLimited = false
  let smoothed: Millis | undefined
  /** The totals after recent sends, oldest first, and when those happened; the first `head` are done. */
  let marks: Array<{ readonly total: number; readonly at: Millis }> = []
  let head = 0

  /** When the send ended after which the total was this; forgets that one and all earlier ones. */
  const timeOf = (total: number): Millis | undefined => {
    let at: Millis | undefined
    for (let mark = marks[head]; mark !== undefined && mark.total <= total; mark = marks[++head]) {
      at = mark.total === total ? mark.at : undefined
    }
    if (head > MAX_MARKS / 2) {
      marks = marks.slice(head)
      head = 0
    }
    return at
  }

  return {
    canSend: (bytes) => {
      const fits = sent - acknowledged + bytes <= Math.max(FLOOR, control.window())
      if (!fits) isLimited = true
      return fits
    },
    sent: (bytes, now) => {
      sent += bytes
      if (marks.length - head < MAX_MARKS) marks.push({ total: sent, at: now })
    },
    acknowledged: (received, now) => {
      const bytes = (((received - acknowledged) % MODULUS) + MODULUS) % MODULUS
      if (bytes > sent - acknowledged) return false
      if (bytes === 0) return true
      acknowledged += bytes
      const at = timeOf(acknowledged)
      const rtt = at === undefined ? undefined : now - at
      if (rtt !== undefined) smoothed = smoothed === undefined ? rtt : smoothed + (rtt - smoothed) * GAIN
      if (smoothed !== undefined) control.acknowledged({ bytes, rtt, smoothed, isLimited }, now)
      if (sent - acknowledged < control.window() / 2) isLimited = false
      return true
    },
    inFlight: () => sent - acknowledged
  }
}
