/**
 * Which of the peer's recent datagrams came already: one that comes twice has nothing to say, and one that is older than
 * anybody remembers is not worth asking. So who sends recorded datagrams again costs no more than a look at each.
 *
 * SSP does not need it, for its states have numbers of their own (spec 6); stock mosh looks into every replay. Source: the
 * window of RFC 4303, section 3.4.3.
 */

export interface ReplayWindow {
  /** One more than the highest sequence number that came. */
  readonly next: bigint
  /** The numbers below `next`, the nearest in the lowest bit: 1 for each that came. */
  readonly came: bigint
}

/** How many sequence numbers are remembered. What the network delays by more is lost, and said again. */
export const WINDOW = 1024

const MASK = (1n << BigInt(WINDOW)) - 1n

export const NONE: ReplayWindow = { next: 0n, came: 0n }

/** Whether a datagram can be told not to have come before. */
export const isFresh = ({ came, next }: ReplayWindow, sequence: bigint): boolean => {
  if (sequence >= next) return true
  const back = next - 1n - sequence
  return back < WINDOW && ((came >> back) & 1n) === 0n
}

/** Takes note of an authentic datagram that is fresh. */
export const add = ({ came, next }: ReplayWindow, sequence: bigint): ReplayWindow => {
  if (sequence < next) return { next, came: came | (1n << (next - 1n - sequence)) }
  const ahead = sequence - next + 1n
  return { next: sequence + 1n, came: ahead >= WINDOW ? 1n : ((came << ahead) | 1n) & MASK }
}
