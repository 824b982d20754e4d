/**
 * One direction of a network, as a pure machine: what becomes of each datagram that goes in. It delays, loses singly and
 * in bursts, repeats, damages, lets overtake, and queues before a narrow pipe. All chance comes from the seed.
 *
 * The same link is a wire in virtual time (`SimulatedNetwork`) and a relay between real programs (`Relay`).
 */
import * as CrossTraffic from "./CrossTraffic.ts"

/** What a link does to datagrams. Chances are 0 to 1, times ms, sizes bytes. */
export interface Path {
  /** How long each is under way. */
  readonly delay: number
  /** Up to this much is added to each delay, so that datagrams may overtake each other. */
  readonly jitter: number
  /** The chance that a datagram is lost, each by itself. */
  readonly loss: number
  /** Losses in bursts (Gilbert and Elliott's model): good and bad times take turns. */
  readonly bursts: Bursts | undefined
  /** The chance that it arrives twice. */
  readonly duplicate: number
  /** The chance that a datagram is held back, for `reorderDelay` more. */
  readonly reorder: number
  /** How much longer that is. */
  readonly reorderDelay: number
  /** The chance that one random bit arrives flipped. */
  readonly corrupt: number
  /** What the pipe takes, in bits a second. */
  readonly bandwidth: number
  /** How many bytes may wait before the pipe; what does not fit is lost. */
  readonly queue: number
  /** How many TCP downloads share the pipe, and keep its queue full (`CrossTraffic`). */
  readonly downloads: number
  /** Larger datagrams are refused with EMSGSIZE. */
  readonly mtu: number
}

/** Good and bad times. */
export interface Bursts {
  /** How long good times last on average, ms. */
  readonly good: number
  /** How long bad times last on average, ms. */
  readonly bad: number
  /** The chance that a datagram is lost in a bad time. */
  readonly loss: number
}

/** Takes no time, and loses nothing. */
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
  mtu: Infinity
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
  const { bandwidth, mtu } = path
  const { bad = 1, good = 1 } = bursts ?? {}
  for (const [name, amount] of Object.entries({ bandwidth, mtu, "bursts.good": good, "bursts.bad": bad }))
    if (!(amount > 0)) throw new RangeError(`${name} is ${amount}; it must be above 0`)
  if (!(Number.isInteger(path.downloads) && path.downloads >= 0))
    throw new RangeError(`downloads is ${path.downloads}; it must be a whole number from 0`)
  return path
}

export interface Link {
  readonly seed: number
  /** Until when the pipe is busy with what it has taken. */
  readonly busyUntil: number
  /** The downloads, once a datagram has met them. */
  readonly traffic: CrossTraffic.CrossTraffic | undefined
  /** Whether times were bad, and when that was looked at. */
  readonly isBad: boolean
  readonly lookedAt: number
}

/** A copy of a datagram that arrives. */
export interface Arrival {
  /** ms from now. */
  readonly after: number
  /** The bit to flip, as a share of all of them. */
  readonly flip: number | undefined
}

export const init = (seed: number): Link => ({
  seed: seed >>> 0,
  busyUntil: 0,
  traffic: undefined,
  isBad: false,
  lookedAt: -Infinity
})

/** IP and UDP headers, which the pipe carries, too. */
const HEADERS = 28

/** Sends a datagram of so many bytes: the copies of it that arrive. */
export const carry = (link: Link, path: Path, bytes: number, now: number): readonly [Link, ReadonlyArray<Arrival>] => {
  let { busyUntil, isBad, lookedAt, seed, traffic } = link
  const next = (): number => {
    const [value, after] = random(seed)
    seed = after
    return value
  }

  // Times that last as long as chance will have it: all that is to be known of them is how they were when last looked at.
  const { bursts } = path
  if (bursts !== undefined) {
    const share = bursts.bad / (bursts.good + bursts.bad)
    const kept = Math.exp(-(now - lookedAt) * (1 / bursts.good + 1 / bursts.bad))
    isBad = next() < share + ((isBad ? 1 : 0) - share) * kept
    lookedAt = now
  }
  const isLost = next() < path.loss || (bursts !== undefined && isBad && next() < bursts.loss)

  if (path.downloads > 0) {
    traffic = CrossTraffic.advance(traffic ?? CrossTraffic.init(path.downloads, path, now, next), path, now)
    busyUntil = traffic.busyUntil
  }
  const size = bytes + HEADERS
  const start = Math.max(now, busyUntil)
  // Where others fill the queue, it has places for packets of their size, as those of routers do.
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
    arrivals.push({ after: wait + path.delay + next() * path.jitter + held, flip })
  }
  return [{ seed, busyUntil, traffic, isBad, lookedAt }, arrivals]
}

/** The datagram as it arrives. */
export const arrived = (datagram: Uint8Array, { flip }: Arrival): Uint8Array => {
  if (flip === undefined || datagram.length === 0) return datagram
  const flipped = Uint8Array.from(datagram)
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
