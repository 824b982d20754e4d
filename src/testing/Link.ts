/**
 * One direction of a network as a pure machine: it delays, loses (singly and in bursts), duplicates, corrupts and reorders
 * datagrams, and queues them before a bottleneck. The seed is the only source of randomness.
 *
 * `SimulatedNetwork` runs it in virtual time, and `Relay` between real programs.
 */
import * as CrossTraffic from "./CrossTraffic.ts"

/** The properties of a link. Probabilities are 0 to 1, times ms, sizes bytes. */
export interface Path {
  /** The delay of each datagram. */
  readonly delay: number
  /** The maximum random addition to each delay, so that datagrams may overtake each other. */
  readonly jitter: number
  /** The probability of each datagram, independently, to be lost. */
  readonly loss: number
  /** Losses in bursts (Gilbert–Elliott model): good and bad periods alternate. `undefined` for none. */
  readonly bursts: Bursts | undefined
  /** The probability that a datagram arrives twice. */
  readonly duplicate: number
  /** The probability that a datagram is delayed by `reorderDelay` more. */
  readonly reorder: number
  /** The additional delay of a reordered datagram. */
  readonly reorderDelay: number
  /** The probability that one random bit of a datagram is flipped. */
  readonly corrupt: number
  /** The rate of the bottleneck, bits per second. */
  readonly bandwidth: number
  /** The capacity of the queue before the bottleneck; datagrams that do not fit are lost. */
  readonly queue: number
  /** Number of TCP downloads that share the bottleneck, and keep its queue full (`CrossTraffic`). */
  readonly downloads: number
  /** Larger datagrams are refused with EMSGSIZE. */
  readonly mtu: number
  /** Larger datagrams are lost without an error. */
  readonly blackHole: number
  /** Larger datagrams are cut to this size. */
  readonly truncate: number
}

/** Alternating good and bad periods. */
export interface Bursts {
  /** Mean length of a good period, ms. */
  readonly good: number
  /** Mean length of a bad period, ms. */
  readonly bad: number
  /** The probability of each datagram to be lost in a bad period. */
  readonly loss: number
}

/** A link without delay, loss or limits. */
export const PERFECT: Path = {
  delay: 0,
  jitter: 0,
  loss: 0,
  bursts: undefined,
  duplicate: 0,
  reorder: 0,
  reorderDelay: 0,
  corrupt: 0,
  bandwidth: Infinity,
  queue: Infinity,
  downloads: 0,
  mtu: Infinity,
  blackHole: Infinity,
  truncate: Infinity
}

/** `base` with `changes`. Throws a `RangeError` that names a value outside its range, because a test has no use for it. */
export const pathOf = (base: Path, changes: Partial<Path> = {}): Path => {
  const path = { ...base, ...changes }
  const { bursts, corrupt, duplicate, loss, reorder } = path
  for (const [name, chance] of Object.entries({ loss, duplicate, reorder, corrupt, "bursts.loss": bursts?.loss ?? 0 }))
    if (!(chance >= 0 && chance <= 1)) throw new RangeError(`${name} is ${chance}; it must be from 0 to 1`)
  const { delay, jitter, queue, reorderDelay } = path
  for (const [name, amount] of Object.entries({ delay, jitter, reorderDelay, queue }))
    if (!(amount >= 0)) throw new RangeError(`${name} is ${amount}; it must be 0 or more`)
  const { bandwidth, blackHole, mtu, truncate } = path
  const { bad = 1, good = 1 } = bursts ?? {}
  const sizes = { mtu, blackHole, truncate }
  for (const [name, amount] of Object.entries({ bandwidth, ...sizes, "bursts.good": good, "bursts.bad": bad }))
    if (!(amount > 0)) throw new RangeError(`${name} is ${amount}; it must be above 0`)
  if (!(Number.isInteger(path.downloads) && path.downloads >= 0))
    throw new RangeError(`downloads is ${path.downloads}; it must be a whole number from 0`)
  return path
}

export interface Link {
  readonly seed: number
  /** When the bottleneck will have sent everything it accepted. */
  readonly busyUntil: number
  /** The downloads; `undefined` before the first datagram. */
  readonly traffic: CrossTraffic.CrossTraffic | undefined
  /** Whether the period was bad when it was last sampled, and the time of that. */
  readonly isBad: boolean
  readonly lookedAt: number
}

/** An arriving copy of a datagram. */
export interface Arrival {
  /** The delay from now, ms. */
  readonly after: number
  /** The position of the bit to flip, 0 to 1; `undefined` for none. */
  readonly flip: number | undefined
  /** How many bytes of the datagram arrive at most. */
  readonly length: number
}

export const init = (seed: number): Link => ({
  seed: seed >>> 0,
  busyUntil: 0,
  traffic: undefined,
  isBad: false,
  lookedAt: -Infinity
})

/** Size of the IP and UDP headers, which the bottleneck also carries. */
const HEADERS = 28

/** Sends a datagram of `bytes` bytes. Returns its arriving copies. */
export const carry = (link: Link, path: Path, bytes: number, now: number): readonly [Link, ReadonlyArray<Arrival>] => {
  let { busyUntil, isBad, lookedAt, seed, traffic } = link
  const next = (): number => {
    const [value, after] = random(seed)
    seed = after
    return value
  }

  // The lengths of periods are exponentially distributed, so the last sampled state is all that matters.
  const { bursts } = path
  if (bursts !== undefined) {
    const share = bursts.bad / (bursts.good + bursts.bad)
    const kept = Math.exp(-(now - lookedAt) * (1 / bursts.good + 1 / bursts.bad))
    isBad = next() < share + ((isBad ? 1 : 0) - share) * kept
    lookedAt = now
  }
  const isUnlucky = next() < path.loss || (bursts !== undefined && isBad && next() < bursts.loss)
  const isLost = isUnlucky || bytes > path.blackHole

  if (path.downloads > 0) {
    traffic = CrossTraffic.advance(traffic ?? CrossTraffic.init(path.downloads, path, now, next), path, now)
    busyUntil = traffic.busyUntil
  }
  const size = bytes + HEADERS
  const start = Math.max(now, busyUntil)
  // With downloads, the queue has slots for full packets, like that of a router.
  const place = path.downloads > 0 ? Math.max(size, CrossTraffic.PACKET) : size
  const fits = ((start - now) * path.bandwidth) / 8000 + place <= path.queue
  if (path.bandwidth !== Infinity && !fits) return [{ seed, busyUntil, traffic, isBad, lookedAt }, []]
  const wait = path.bandwidth === Infinity ? 0 : start - now + (size * 8000) / path.bandwidth
  if (path.bandwidth !== Infinity) busyUntil = now + wait
  if (traffic !== undefined) traffic = { ...traffic, busyUntil }

  const arrivals: Array<Arrival> = []
  const copies = isLost ? 0 : next() < path.duplicate ? 2 : 1
  for (let copy = 0; copy < copies; copy++) {
    const flip = next() < path.corrupt ? next() : undefined
    const held = next() < path.reorder ? path.reorderDelay : 0
    arrivals.push({ after: wait + path.delay + next() * path.jitter + held, flip, length: path.truncate })
  }
  return [{ seed, busyUntil, traffic, isBad, lookedAt }, arrivals]
}

/** The bytes of a datagram as it arrives. */
export const arrived = (datagram: Uint8Array, { flip, length }: Arrival): Uint8Array => {
  const received = datagram.length > length ? datagram.subarray(0, length) : datagram
  if (flip === undefined || received.length === 0) return received
  const flipped = Uint8Array.from(received)
  const bit = Math.floor(flip * flipped.length * 8)
  flipped[bit >>> 3] = (flipped[bit >>> 3] ?? 0) ^ (1 << (bit & 7))
  return flipped
}

/** A number in [0, 1) from a seed, and the next seed (mulberry32). */
export const random = (seed: number): readonly [number, number] => {
  const next = (seed + 0x6d2b79f5) >>> 0
  let t = next
  t = Math.imul(t ^ (t >>> 15), t | 1)
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
  return [((t ^ (t >>> 14)) >>> 0) / 4294967296, next]
}
