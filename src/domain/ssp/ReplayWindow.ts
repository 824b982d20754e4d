/**
 * Which of the peer's recent packets were received. Replays are dropped, and packets older than the window are dropped
 * unexamined: an attacker who sends recorded datagrams again costs one decryption each.
 *
 * SSP does not need it for correctness, because its states are numbered (spec 6); stock mosh processes every replay.
 * Source: the window of RFC 4303, section 3.4.3.
 */
import type { PacketNumber } from "../wire/Numbers.ts"

export interface ReplayWindow {
  /** One more than the highest packet number received. */
  readonly next: PacketNumber
  /** The packet numbers below `next`, the nearest in the lowest bit: 1 for each that was received. */
  readonly received: bigint
}

/** How many packet numbers are remembered. A packet that the network delays by more is dropped. */
export const WINDOW = 1024

const MASK = (1n << BigInt(WINDOW)) - 1n

export const NONE: ReplayWindow = { next: 0n, received: 0n }

/** Whether the packet certainly was not received before. */
export const isFresh = ({ next, received }: ReplayWindow, sequence: PacketNumber): boolean => {
  if (sequence >= next) return true
  const back = next - 1n - sequence
  return back < WINDOW && ((received >> back) & 1n) === 0n
}

/** Records an authentic packet that is fresh. */
export const add = ({ next, received }: ReplayWindow, sequence: PacketNumber): ReplayWindow => {
  if (sequence < next) return { next, received: received | (1n << (next - 1n - sequence)) }
  const ahead = sequence - next + 1n
  return { next: sequence + 1n, received: ahead >= WINDOW ? 1n : ((received << ahead) | 1n) & MASK }
}
