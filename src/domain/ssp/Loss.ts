/**
 * Which of the peer's recent datagrams came, told by their sequence numbers: the share that never did is the loss on the
 * way to us. A datagram that comes late after all is no loss.
 */

export interface Loss {
  /** One more than the highest number that came. */
  readonly expected: bigint
  /** The numbers below `expected`, the nearest in the lowest bit: 1 for each that came. */
  readonly came: bigint
  /** How many numbers `came` tells of. */
  readonly count: number
}

/** How many of the peer's datagrams are looked back at. */
export const WINDOW = 128
/** The fewest that tell a share. */
export const LEAST = 8
/** No more than so many in a row are counted as lost: beyond that the network was gone, which is no share of anything. */
const RUN = 8

const MASK = (1n << BigInt(WINDOW)) - 1n
const WORD = 0xffff_ffffn

export const NONE: Loss = { expected: 0n, came: 0n, count: 0 }

/** Takes the number of an authentic datagram into account. */
export const arrived = (loss: Loss, sequence: bigint): Loss => {
  if (sequence < loss.expected) {
    const back = loss.expected - 1n - sequence
    return back >= loss.count ? loss : { ...loss, came: loss.came | (1n << back) }
  }
  const missed = Math.min(Number(sequence - loss.expected), RUN)
  const came = ((loss.came << BigInt(missed + 1)) | 1n) & MASK
  return { expected: sequence + 1n, came, count: Math.min(loss.count + missed + 1, WINDOW) }
}

/**
 * The share of the peer's last `WINDOW` datagrams that never came, 0 to 1; `undefined` while they are fewer than `least`.
 */
export const share = ({ came, count }: Loss, least = LEAST): number | undefined => {
  if (count < least) return undefined
  let ones = 0
  for (let rest = came; rest !== 0n; rest >>= 32n) ones += bits(Number(rest & WORD))
  return (count - ones) / count
}

/** How many bits of a 32-bit word are set. */
const bits = (word: number): number => {
  let n = word - ((word >>> 1) & 0x5555_5555)
  n = (n & 0x3333_3333) + ((n >>> 2) & 0x3333_3333)
  return Math.imul((n + (n >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24
}
