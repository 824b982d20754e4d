/**
 * The loss on the path from the peer: the share of its recent packet numbers that never arrived. A packet that arrives late
 * is not lost.
 */
import type { PacketNumber } from "../../wire/Numbers.ts"

export interface Loss {
  /** One more than the highest packet number received. */
  readonly expected: PacketNumber
  /** The packet numbers below `expected`, the nearest in the lowest bit: 1 for each that was received. */
  readonly received: bigint
  /** How many bits of `received` are meaningful. */
  readonly count: number
}

/** How many packet numbers are remembered. */
export const WINDOW = 128
/** With fewer packets than this, no share is given. */
export const COUNT_MIN = 8
/** A gap counts as at most this many losses. A longer gap is an outage, which shows nothing about the loss rate. */
const GAP_MAX = 8

const MASK = (1n << BigInt(WINDOW)) - 1n
const WORD = 0xffff_ffffn

export const NONE: Loss = { expected: 0n, received: 0n, count: 0 }

/** Records the packet number of an authentic datagram. */
export const arrived = (loss: Loss, sequence: PacketNumber): Loss => {
  if (sequence < loss.expected) {
    const back = loss.expected - 1n - sequence
    return back >= loss.count ? loss : { ...loss, received: loss.received | (1n << back) }
  }
  const missed = Math.min(Number(sequence - loss.expected), GAP_MAX)
  const received = ((loss.received << BigInt(missed + 1)) | 1n) & MASK
  return { expected: sequence + 1n, received, count: Math.min(loss.count + missed + 1, WINDOW) }
}

/**
 * The share of the peer's last `WINDOW` packets that never arrived, 0 to 1; `undefined` while there are fewer than
 * `minimum`.
 */
export const share = ({ count, received }: Loss, minimum = COUNT_MIN): number | undefined => {
  if (count < minimum) return undefined
  let ones = 0
  for (let rest = received; rest !== 0n; rest >>= 32n) ones += bits(Number(rest & WORD))
  return (count - ones) / count
}

/** How many bits of a 32-bit word are set. */
const bits = (word: number): number => {
  let n = word - ((word >>> 1) & 0x5555_5555)
  n = (n & 0x3333_3333) + ((n >>> 2) & 0x3333_3333)
  return Math.imul((n + (n >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24
}
