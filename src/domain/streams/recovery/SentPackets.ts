/**
 * Packets in flight, in the order in which they were sent, which is also that of their numbers.
 *
 * Acknowledged packets leave holes, which are skipped when they become the oldest: all operations are constant in time,
 * besides a binary search for each range.
 */
import type { Millis } from "../../Machine.ts"
import type { ReceiveStream } from "../ReceiveStream.ts"
import type { SendStream } from "../SendStream.ts"

export interface SentPacket {
  readonly number: number
  /** Its place among all stream packets. */
  readonly index: number
  readonly at: Millis
  readonly bytes: number
  readonly frames: ReadonlyArray<SentFrame>
  /** Whether a probe repeats it: it need not be sent again when it is lost. */
  isRepeated: boolean
}

/**
 * A frame of a sent packet, for what follows when the packet arrives or is lost. After the arrival of an `Ack`, the
 * ranges below `largest` need no further acknowledgement.
 */
export type SentFrame =
  | {
      readonly _tag: "Stream"
      readonly stream: SendStream
      readonly start: number
      readonly end: number
      readonly isFinal: boolean
    }
  | { readonly _tag: "Reset"; readonly stream: SendStream }
  | { readonly _tag: "Stop"; readonly stream: ReceiveStream }
  | { readonly _tag: "StreamLimit"; readonly stream: ReceiveStream; readonly limit: number }
  | { readonly _tag: "DataLimit" }
  | { readonly _tag: "StreamsLimit" }
  | { readonly _tag: "Ack"; readonly largest: number }

export interface SentPackets {
  slots: Array<SentPacket | undefined>
  /** The numbers of the packets in `slots`, also of those that are gone. */
  numbers: Array<number>
  /** The index of the oldest packet that is there. */
  head: number
}

export const make = (): SentPackets => ({ slots: [], numbers: [], head: 0 })

export const push = (packets: SentPackets, packet: SentPacket): void => {
  packets.slots.push(packet)
  packets.numbers.push(packet.number)
}

/** The oldest packet. */
export const oldest = ({ head, slots }: SentPackets): SentPacket | undefined => slots[head]

/** The oldest packets, at most `count`. */
export const first = ({ head, slots }: SentPackets, count: number): ReadonlyArray<SentPacket> => {
  const found: Array<SentPacket> = []
  for (let i = head; i < slots.length && found.length < count; i++) {
    const packet = slots[i]
    if (packet !== undefined) found.push(packet)
  }
  return found
}

export const removeOldest = (packets: SentPackets): void => {
  packets.slots[packets.head] = undefined
  skip(packets)
}

/** Moves the packets numbered `from` to `to` into `into`. Returns whether there may be packets with lower numbers. */
export const take = (packets: SentPackets, from: number, to: number, into: Array<SentPacket>): boolean => {
  const { head, numbers, slots } = packets
  let i = firstFrom(packets, from)
  const isLast = i <= head
  for (; i < slots.length && (numbers[i] as number) <= to; i++) {
    const packet = slots[i]
    if (packet === undefined) continue
    into.push(packet)
    slots[i] = undefined
  }
  skip(packets)
  return !isLast
}

/** The index of the first slot with this number or a higher one. */
const firstFrom = ({ head, numbers }: SentPackets, number: number): number => {
  let low = head
  let high = numbers.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((numbers[middle] as number) < number) low = middle + 1
    else high = middle
  }
  return low
}

/** Moves the head over holes, and drops them once they are half of the slots. */
const skip = (packets: SentPackets): void => {
  const { slots } = packets
  let { head } = packets
  while (head < slots.length && slots[head] === undefined) head++
  packets.head = head
  if (head < COMPACT || 2 * head < slots.length) return
  packets.slots = slots.slice(head)
  packets.numbers = packets.numbers.slice(head)
  packets.head = 0
}

const COMPACT = 64

export const clear = (packets: SentPackets): void => {
  packets.slots = []
  packets.numbers = []
  packets.head = 0
}
