/**
 * When the peer is taken to be unreachable although nothing is unacknowledged.
 *
 * A reachable peer sends at least every 3 s: one that does not is *overdue*. A peer that sent a stream of unprompted news
 * and falls silent may still be sending, to an address that is no longer ours because a NAT forgot it. Only we can find
 * out, by sending something.
 */
import type { Millis } from "../../Machine.ts"
import { probeInterval } from "../sender/Retransmission.ts"
import * as Timing from "../Timing.ts"

export interface PathLiveness {
  /** When the last packet was received. */
  readonly receivedAt: Millis
  /** Whether the peer was overdue before that packet, and we have not answered yet. */
  readonly isReturned: boolean
  readonly stream: Stream | undefined
}

/** A series of unprompted news. */
export interface Stream {
  /** When the last of it was received. */
  readonly at: Millis
  /** The smoothed time between two of it, and its mean deviation, computed as for the round trip. */
  readonly gap: Millis | undefined
  readonly deviation: Millis
  /** Probes sent since it fell silent. */
  readonly probes: number
}

export const init = (now: Millis): PathLiveness => ({ receivedAt: now, isReturned: false, stream: undefined })

export const packetReceived = (liveness: PathLiveness, rto: Millis, now: Millis): PathLiveness => ({
  ...liveness,
  receivedAt: now,
  isReturned: liveness.isReturned || isOverdue(liveness, rto, now)
})

/** The peer's state changed; `isPrompted` if that may be the response to ours. */
export const newsReceived = (liveness: PathLiveness, now: Millis, isPrompted: boolean): PathLiveness => {
  if (isPrompted) return liveness.stream === undefined ? liveness : { ...liveness, stream: undefined }
  const { stream } = liveness
  if (stream === undefined || now - stream.at > Timing.STREAM_GAP)
    return { ...liveness, stream: { at: now, gap: undefined, deviation: 0, probes: 0 } }
  const time = now - stream.at
  const { deviation, gap } = stream
  const smoothed =
    gap === undefined
      ? { gap: time, deviation: time / 2 }
      : { gap: gap + (time - gap) / 8, deviation: deviation + (Math.abs(time - gap) - deviation) / 4 }
  return { ...liveness, stream: { at: now, ...smoothed, probes: 0 } }
}

/** An instruction was sent. If a probe of the stream was due, this was it. */
export const instructionSent = (liveness: PathLiveness, now: Millis): PathLiveness => {
  const { stream } = liveness
  return stream === undefined || now < streamProbe(stream)
    ? liveness
    : { ...liveness, stream: { ...stream, probes: stream.probes + 1 } }
}

/** The path changed, so that what was known about it is void: the peer is overdue from now on. */
export const pathChanged = (rto: Millis, now: Millis): PathLiveness => ({
  receivedAt: now - overdueAfter(rto),
  isReturned: false,
  stream: undefined
})

/** Whether the peer has been silent for longer than any reachable peer is. */
export const isOverdue = ({ receivedAt }: PathLiveness, rto: Millis, now: Millis): boolean =>
  now - receivedAt >= overdueAfter(rto)

/** When to send a probe, which has no purpose but to be answered; `lastSent` is when anything was last sent. */
export const nextProbe = ({ receivedAt, stream }: PathLiveness, rto: Millis, lastSent: Millis, now: Millis): Millis =>
  Math.min(
    Math.max(receivedAt + overdueAfter(rto), Math.ceil(lastSent + probeInterval(now - receivedAt))),
    stream === undefined ? Infinity : Math.max(streamProbe(stream), lastSent + Timing.STREAM_SILENCE_MIN)
  )

const overdueAfter = (rto: Millis): Millis => Timing.ACK_INTERVAL + rto + Timing.ACK_DELAY

const streamProbe = ({ at, deviation, gap, probes }: Stream): Millis => {
  if (gap === undefined || probes >= 2) return Infinity
  const silence = gap + Math.max(4 * deviation, Timing.ACK_DELAY)
  const limited = Math.min(Math.max(silence, Timing.STREAM_SILENCE_MIN), Timing.STREAM_SILENCE_MAX)
  return at + Math.ceil(limited * 2 ** probes)
}
