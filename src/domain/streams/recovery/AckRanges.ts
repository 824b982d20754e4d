/**
 * Which packets arrived, and when to acknowledge them.
 *
 * Packet numbers are shared with SSP. The numbers of all datagrams are recorded, so that SSP datagrams leave no gaps in
 * the ranges. An ACK therefore also covers numbers of SSP datagrams, which its receiver ignores. Only stream packets
 * with other frames than ACK and CLOSE elicit an acknowledgement. Functions change the value in place. Source: RFC
 * 9000, section 13.2.
 */
import type { Millis } from "../../Machine.ts"
import type { Ack, AckRange } from "../../wire/streams/AckFrame.ts"
import * as Limits from "../Limits.ts"
import * as RangeSet from "../RangeSet.ts"

export interface AckRanges {
  readonly numbers: RangeSet.RangeSet
  /** One more than the largest number that arrived. */
  next: number
  /** The largest packet that elicits an acknowledgement, and when it arrived. */
  eliciting: { number: number; at: Millis }
  /** Packets that elicit an acknowledgement, since one was last sent. */
  pending: number
  /** When an acknowledgement is due. */
  due: Millis
  /** When one was last sent. */
  sentAt: Millis
}

export const make = (): AckRanges => ({
  numbers: [],
  next: 0,
  eliciting: { number: -1, at: -Infinity },
  pending: 0,
  due: Infinity,
  sentAt: -Infinity
})

/** Records a packet that arrived. */
export const received = (acks: AckRanges, number: number, isEliciting: boolean, now: Millis): void => {
  const isInOrder = number === acks.next
  RangeSet.add(acks.numbers, number, number + 1)
  if (acks.numbers.length > 2 * Limits.ACK_RANGES) acks.numbers.splice(0, 2)
  if (number >= acks.next) acks.next = number + 1
  if (!isEliciting) return
  if (number > acks.eliciting.number) acks.eliciting = { number, at: now }
  acks.pending++
  const isDue = !isInOrder || acks.pending >= Limits.ACK_PACKETS_MAX
  acks.due = Math.min(
    acks.due,
    isDue ? now : now + Limits.MAX_ACK_DELAY,
    acks.pending < Limits.ACK_PACKETS ? Infinity : Math.max(now, acks.sentAt + Limits.ACK_INTERVAL)
  )
}

/** The acknowledgement to send; `undefined` if nothing arrived. At most `count` ranges, the newest. */
export const frame = (acks: AckRanges, count: number, now: Millis): Ack | undefined => {
  const { eliciting, numbers } = acks
  if (numbers.length === 0) return undefined
  const ranges: Array<AckRange> = []
  for (let i = numbers.length - 2; i >= 0 && ranges.length < count; i -= 2)
    ranges.push({ first: numbers[i] as number, last: (numbers[i + 1] as number) - 1 })
  const delay = eliciting.number < 0 ? 0 : Math.min(Math.round((now - eliciting.at) * DELAY_UNITS), DELAY_MAX)
  return { _tag: "Ack", delay, ranges }
}

/** Units of `Ack.delay` in a millisecond, and the largest delay that is sent, about 35 minutes. */
export const DELAY_UNITS = 125
const DELAY_MAX = 2 ** 28

/** An acknowledgement was sent. */
export const sent = (acks: AckRanges, now: Millis): void => {
  acks.pending = 0
  acks.due = Infinity
  acks.sentAt = now
}

/** The peer received an acknowledgement up to the packet `largest`: lower numbers need not be acknowledged again. */
export const forget = (acks: AckRanges, largest: number): void => RangeSet.remove(acks.numbers, 0, largest)
