/**
 * When a peer is taken to be out of reach, though nothing is under way that could be unacknowledged.
 *
 * A peer speaks every 3 s at least: one that does not is *overdue*. One that has been speaking unasked, again and again,
 * and falls silent may be speaking still, to an address that is no longer ours (a NAT has forgotten us): only we can
 * find out, by sending something.
 */
import type { Millis } from "../Machine.ts"
import { probeInterval } from "./Retransmission.ts"
import * as Timing from "./Timing.ts"

export interface Contact {
  /** When the peer was last heard. */
  readonly at: Millis
  /** Whether it was silent for long before that, and we have not answered yet. */
  readonly isBack: boolean
  readonly stream: Stream | undefined
}

/** News that comes unasked. */
export interface Stream {
  readonly at: Millis
  /** The time between two of it, smoothed, and how much that varies; as of the round trip. */
  readonly gap: Millis | undefined
  readonly deviation: Millis
  /** How often its silence was looked into. */
  readonly probes: number
}

export const init = (now: Millis): Contact => ({ at: now, isBack: false, stream: undefined })

/** The peer was heard. */
export const heard = (contact: Contact, rto: Millis, now: Millis): Contact => ({
  ...contact,
  at: now,
  isBack: contact.isBack || isOverdue(contact, rto, now)
})

/** The peer had news; `isPrompted` when it may be an answer to ours. */
export const told = (contact: Contact, now: Millis, isPrompted: boolean): Contact => {
  if (isPrompted) return contact.stream === undefined ? contact : { ...contact, stream: undefined }
  const { stream } = contact
  if (stream === undefined || now - stream.at > Timing.STREAM_GAP)
    return { ...contact, stream: { at: now, gap: undefined, deviation: 0, probes: 0 } }
  const time = now - stream.at
  const { deviation, gap } = stream
  const smoothed =
    gap === undefined
      ? { gap: time, deviation: time / 2 }
      : { gap: gap + (time - gap) / 8, deviation: deviation + (Math.abs(time - gap) - deviation) / 4 }
  return { ...contact, stream: { at: now, ...smoothed, probes: 0 } }
}

/** Something was sent: a probe, if one was due. */
export const sent = (contact: Contact, now: Millis): Contact => {
  const { stream } = contact
  return stream === undefined || now < streamProbe(stream)
    ? contact
    : { ...contact, stream: { ...stream, probes: stream.probes + 1 } }
}

/** The host slept, or has other addresses: nothing is known of the network from now on. */
export const lost = (rto: Millis, now: Millis): Contact => ({
  at: now - overdueAfter(rto),
  isBack: false,
  stream: undefined
})

/** Whether the peer has been silent for longer than it ever is where it can be heard. */
export const isOverdue = ({ at }: Contact, rto: Millis, now: Millis): boolean => now - at >= overdueAfter(rto)

/** When to send something for no other reason than to be answered; `lastSent` is when anything was sent. */
export const nextProbe = ({ at, stream }: Contact, rto: Millis, lastSent: Millis, now: Millis): Millis =>
  Math.min(
    Math.max(at + overdueAfter(rto), Math.ceil(lastSent + probeInterval(now - at))),
    stream === undefined ? Infinity : Math.max(streamProbe(stream), lastSent + Timing.STREAM_SILENCE_MIN)
  )

const overdueAfter = (rto: Millis): Millis => Timing.ACK_INTERVAL + rto + Timing.ACK_DELAY

const streamProbe = ({ at, deviation, gap, probes }: Stream): Millis => {
  if (gap === undefined || probes >= 2) return Infinity
  const silence = gap + Math.max(4 * deviation, Timing.ACK_DELAY)
  const limited = Math.min(Math.max(silence, Timing.STREAM_SILENCE_MIN), Timing.STREAM_SILENCE_MAX)
  return at + Math.ceil(limited * 2 ** probes)
}
