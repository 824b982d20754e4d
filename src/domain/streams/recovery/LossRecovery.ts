/**
 * Which packets are in flight, which arrived, and which were lost.
 *
 * A packet is lost if a packet sent three stream packets later was acknowledged, or one sent later and a while ago
 * (RFC 9002, section 6.1). Stream packets are counted by an index of their own: SSP datagrams, which take packet numbers in
 * between, do not count. If nothing is acknowledged, a probe timeout sends again what is oldest (section 6.2).
 *
 * Packets are kept in the order in which they were sent. Each is visited when it is sent, acknowledged or lost, so the cost
 * of an ACK does not depend on how many are in flight. Functions change the value in place.
 */
import type { Millis } from "../../Machine.ts"
import type { Ack } from "../../wire/streams/AckFrame.ts"
import { DELAY_UNITS } from "./AckRanges.ts"
import * as Limits from "../Limits.ts"
import * as Reordering from "./Reordering.ts"
import * as RoundTrip from "./RoundTrip.ts"
import * as SentPackets from "./SentPackets.ts"

export interface LossRecovery {
  readonly packets: SentPackets.SentPackets
  readonly reordering: Reordering.Reordering
  rtt: RoundTrip.RoundTrip
  /** One more than the largest packet number that either kind of datagram used. */
  nextNumber: number
  /** The index of the next stream packet. */
  nextIndex: number
  /** Bytes in flight. */
  inFlight: number
  /** The newest packet that was acknowledged: its index. */
  acknowledgedIndex: number
  /** When the next packet counts as lost by its age. */
  lossAt: Millis
  /** When a packet was last sent that elicits an acknowledgement. */
  sentAt: Millis
  /** Probe timeouts since the last acknowledgement. */
  timeouts: number
  /** Probes to be sent now; congestion control does not apply to them. */
  probes: number
  /** Packets below this index took a former path, and are not used to measure the current one. */
  pathIndex: number
}

export const make = (): LossRecovery => ({
  packets: SentPackets.make(),
  reordering: Reordering.make(),
  rtt: RoundTrip.UNKNOWN,
  nextNumber: 0,
  nextIndex: 0,
  inFlight: 0,
  acknowledgedIndex: -1,
  lossAt: Infinity,
  sentAt: -Infinity,
  timeouts: 0,
  probes: 0,
  pathIndex: 0
})

/** A packet number was used, for a datagram of either kind. */
export const used = (recovery: LossRecovery, number: number): void => {
  if (number >= recovery.nextNumber) recovery.nextNumber = number + 1
}

/** A packet was sent that elicits an acknowledgement. */
export const sent = (
  recovery: LossRecovery,
  number: number,
  bytes: number,
  frames: ReadonlyArray<SentPackets.SentFrame>,
  now: Millis
): void => {
  used(recovery, number)
  const index = recovery.nextIndex++
  SentPackets.push(recovery.packets, { number, index, at: now, bytes, frames, isRepeated: false })
  recovery.inFlight += bytes
  recovery.sentAt = now
  if (recovery.probes > 0) recovery.probes--
}

/** What an ACK changed. */
export interface Acknowledgement {
  readonly acknowledged: ReadonlyArray<SentPackets.SentPacket>
  readonly lost: ReadonlyArray<SentPackets.SentPacket>
  /** The round trip without the peer's delay, if this ACK shows it. */
  readonly sample: Millis | undefined
  /** Probe timeouts that it ended. */
  readonly timeouts: number
}

/** Processes an ACK; `undefined` if it covers a packet that was never sent. */
export const acknowledge = (recovery: LossRecovery, ack: Ack, now: Millis): Acknowledgement | undefined => {
  const [newest] = ack.ranges
  if (newest === undefined || newest.last >= recovery.nextNumber) return undefined
  const acknowledged: Array<SentPackets.SentPacket> = []
  for (const { first, last } of ack.ranges) if (!SentPackets.take(recovery.packets, first, last, acknowledged)) break
  const { reordering, timeouts } = recovery
  if (reordering.lost.size > 0)
    Reordering.observe(reordering, ack.ranges, recovery.acknowledgedIndex, RoundTrip.smoothed(recovery.rtt), now)
  const largest = acknowledged.reduce<SentPackets.SentPacket | undefined>(
    (a, b) => (a === undefined || b.index > a.index ? b : a),
    undefined
  )
  if (largest === undefined) return { acknowledged, lost: [], sample: undefined, timeouts: 0 }

  for (const { bytes } of acknowledged) recovery.inFlight -= bytes
  recovery.timeouts = 0
  recovery.probes = 0
  let sample: Millis | undefined
  if (largest.index > recovery.acknowledgedIndex) {
    recovery.acknowledgedIndex = largest.index
    const latest = Math.max(0, now - largest.at)
    if (largest.index >= recovery.pathIndex && latest < Limits.RTT_IGNORED) {
      const delay = ack.delay / DELAY_UNITS
      recovery.rtt = RoundTrip.sample(recovery.rtt, latest, delay)
      sample = RoundTrip.adjust(recovery.rtt.min, latest, delay)
    }
  }
  return { acknowledged, lost: detectLost(recovery, now), sample, timeouts }
}

/** Removes and returns the packets that count as lost by now. */
const detectLost = (recovery: LossRecovery, now: Millis): ReadonlyArray<SentPackets.SentPacket> => {
  const { acknowledgedIndex, packets, reordering, rtt } = recovery
  const delay = RoundTrip.lossDelay(rtt, reordering.roundTrips)
  const lost: Array<SentPackets.SentPacket> = []
  recovery.lossAt = Infinity
  for (;;) {
    const oldest = SentPackets.oldest(packets)
    if (oldest === undefined || oldest.index > acknowledgedIndex) return lost
    if (acknowledgedIndex - oldest.index < reordering.packets && now < oldest.at + delay) {
      recovery.lossAt = oldest.at + delay
      return lost
    }
    SentPackets.removeOldest(packets)
    recovery.inFlight -= oldest.bytes
    Reordering.lost(reordering, oldest.number, oldest.index, now)
    lost.push(oldest)
  }
}

/** When `onTimer` is due. */
export const timer = (recovery: LossRecovery): Millis => {
  if (recovery.lossAt !== Infinity) return recovery.lossAt
  if (recovery.inFlight === 0) return Infinity
  return recovery.sentAt + RoundTrip.probeTimeout(recovery.rtt, recovery.timeouts)
}

/** The timer fired. Returns the packets that are lost, or those that a probe is to repeat, which stay in flight. */
export const onTimer = (
  recovery: LossRecovery,
  now: Millis
): { readonly lost: ReadonlyArray<SentPackets.SentPacket>; readonly repeat: ReadonlyArray<SentPackets.SentPacket> } => {
  if (recovery.lossAt !== Infinity) return { lost: detectLost(recovery, now), repeat: [] }
  recovery.timeouts++
  // The next timeout starts when a probe of this one is sent, or now if none can be sent.
  recovery.sentAt = now
  recovery.probes = Limits.PROBES
  return { lost: [], repeat: repeatOldest(recovery, Limits.PROBES) }
}

const repeatOldest = (recovery: LossRecovery, count: number): ReadonlyArray<SentPackets.SentPacket> => {
  const oldest = SentPackets.first(recovery.packets, count)
  for (const packet of oldest) packet.isRepeated = true
  return oldest
}

/**
 * The network may be back, or another: probes at once what is in flight. With `isNewPath`, estimates start over.
 *
 * The packets to repeat; none if nothing is in flight.
 */
export const restart = (recovery: LossRecovery, isNewPath: boolean): ReadonlyArray<SentPackets.SentPacket> => {
  recovery.timeouts = 0
  if (isNewPath) {
    recovery.rtt = RoundTrip.UNKNOWN
    recovery.pathIndex = recovery.nextIndex
    Reordering.reset(recovery.reordering)
  }
  if (recovery.inFlight === 0) return []
  recovery.probes = Math.max(1, recovery.probes)
  return repeatOldest(recovery, 1)
}

/** Forgets what is in flight. */
export const clear = (recovery: LossRecovery): void => {
  SentPackets.clear(recovery.packets)
  recovery.inFlight = 0
  recovery.lossAt = Infinity
  recovery.probes = 0
}
