/**
 * Where a server sends: the path to its client, and every path that may have replaced it, until one is validated.
 *
 * A datagram from a new address does not prove that the client is there: an attacker who sees datagrams can forward
 * copies that arrive before the originals (RFC 9000, section 9.3.3). So a new address is a *candidate*. The server sends
 * everything to the old path and to the candidates until it knows which of them the client receives on. A client that
 * roamed is served at once, and one that did not roam loses nothing.
 *
 * Stock's datagrams have no path challenge, but the client echoes timestamps, which only the two ends can read and write.
 * Timestamps on each path run ahead by an offset of their own, so an echo names the path on which the client received.
 * Source: spec 2.4, 2.7.
 */
import type { Millis } from "../../Machine.ts"
import * as Timestamp16 from "../../wire/Timestamp16.ts"
import * as Timing from "../Timing.ts"
import type { PacketNumber } from "../../wire/Numbers.ts"

/** An address of the client, and what is known of it. */
export interface Path<Address> {
  readonly address: Address
  /** The server's socket on which the client was received. */
  readonly socket: number
  /** How far timestamps on this path are ahead of the clock. */
  readonly offset: Millis
  /** The sequence number of the first datagram received from here. */
  readonly from: PacketNumber
  /** Whether the client echoed a timestamp that was sent here, at any time. */
  readonly isValidated: boolean
  /** How many bytes may still be sent here. */
  readonly allowance: number
  /** In the present contest: when the client last seemed to send from here, and whether it receives here. */
  readonly usedAt: Millis
  readonly isEchoed: boolean
}

/** Several paths of which one is the client's. */
export interface Contest {
  readonly since: Millis
  /** The first datagram that left the path in doubt. A path that delivers this one or a later one is in use. */
  readonly from: PacketNumber
  /** Whether it is the second contest after one roam. */
  readonly isReturn: boolean
}

export interface Paths<Address> {
  /** The client's path, as far as it is known. */
  readonly peer: Path<Address> | undefined
  /** Oldest first. */
  readonly candidates: ReadonlyArray<Path<Address>>
  /** `undefined` while there are no candidates. */
  readonly contest: Contest | undefined
  /** The path before the last roam; it can be returned to until `until`. */
  readonly former: { readonly path: Path<Address>; readonly from: PacketNumber; readonly until: Millis } | undefined
  /**
   * When the peer's path last delivered what a candidate had delivered before: an attacker may be forwarding copies.
   */
  readonly copiedAt: Millis
  readonly nextOffset: Millis
}

/** An authentic datagram from the client, as far as paths are concerned. */
export interface Arrival<Address> {
  readonly address: Address
  readonly socket: number
  readonly sequence: PacketNumber
  /** Whether its sequence number is above all before. */
  readonly isNews: boolean
  /** Whether it arrived before. */
  readonly isCopy: boolean
  readonly bytes: number
  /** `Timestamp16.NONE` if there is none, or the datagram is not news. */
  readonly reply: Timestamp16.Timestamp16
}

export type Change =
  /** There is a further path to send on, and the client may have missed what was sent before. */
  | "Opened"
  /** `peer` changed. */
  | "Moved"

export const none = <Address>(): Paths<Address> => ({
  peer: undefined,
  candidates: [],
  contest: undefined,
  former: undefined,
  copiedAt: -Infinity,
  nextOffset: 0
})

/** How many candidates there are at most. */
export const CANDIDATES = 2

/** There are eight offsets, 8 s apart at least: no round trip of less than 5 s is taken for another path's. */
const OFFSET_STEP: Millis = 3 * 0x2000

/** The next offset that no open path has. At most four are in use. */
const freeOffset = <Address>({ candidates, former, nextOffset, peer }: Paths<Address>): Millis => {
  const open = [peer, ...candidates, former?.path]
  let offset = nextOffset
  while (open.some((path) => path?.offset === offset)) offset = (offset + OFFSET_STEP) % 0x10000
  return offset
}

/**
 * Where to send: to candidates first, to the peer last. The client echoes the highest sequence number that it received,
 * so while the old path works, its echoes prevail.
 */
export const destinations = <Address>({ candidates, peer }: Paths<Address>): ReadonlyArray<Path<Address>> =>
  peer === undefined ? candidates : [...candidates, peer]

/**
 * Where to send stream packets: as `destinations`, but most of what a candidate may receive is left to instructions, and
 * candidates get none while copies are forwarded: an attacker who forwards many small acknowledgements could name a victim.
 */
export const streamDestinations = <Address>(paths: Paths<Address>, now: Millis): ReadonlyArray<Path<Address>> => {
  const { candidates, copiedAt, peer } = paths
  if (peer === undefined || peer.allowance <= 0) return []
  if (candidates.length === 0 || now - copiedAt < Timing.PATH_SUSPICION) return [peer]
  return [...candidates.filter(isOpenToStreams), peer]
}

const isOpenToStreams = <Address>({ allowance, isValidated }: Path<Address>): boolean =>
  isValidated || allowance > Timing.PATH_RESERVE

/** Records that bytes were sent to candidates: `sent[i]` to the path at `i` of `destinations`. */
export const sent = <Address>(paths: Paths<Address>, sent: ReadonlyArray<number>): Paths<Address> =>
  paths.candidates.length === 0
    ? paths
    : {
        ...paths,
        candidates: paths.candidates.map((path, i) => ({ ...path, allowance: path.allowance - (sent[i] ?? 0) }))
      }

/** The round trip that an echoed timestamp shows, ms; `undefined` if it was sent on no path known. */
export const roundTrip = <Address>(
  paths: Paths<Address>,
  reply: Timestamp16.Timestamp16,
  now: Millis
): { readonly path: Path<Address>; readonly time: Millis } | undefined => {
  for (const path of paths.candidates) {
    const sample = roundTripOn(path, reply, now)
    if (sample !== undefined) return sample
  }
  return roundTripOn(paths.peer, reply, now) ?? roundTripOn(paths.former?.path, reply, now)
}

const roundTripOn = <Address>(
  path: Path<Address> | undefined,
  reply: Timestamp16.Timestamp16,
  now: Millis
): { readonly path: Path<Address>; readonly time: Millis } | undefined => {
  if (path === undefined) return undefined
  const time = Timestamp16.since(Timestamp16.at(now + path.offset), reply)
  return time < Timing.RTT_IGNORED ? { path, time } : undefined
}

type Same<Address> = (a: Address, b: Address) => boolean

/** Takes a datagram into account: first what it proves, then where it came from. */
export const arrived = <Address>(
  paths: Paths<Address>,
  same: Same<Address>,
  arrival: Arrival<Address>,
  now: Millis
): readonly [Paths<Address>, ReadonlyArray<Change>] => {
  const echoed = settle(echo(paths, arrival.reply, now), arrival, now)
  const [located, change] = locate(echoed, same, arrival, now)
  const decided = settle(located, arrival, now)
  // The client may be where a path has just been opened: no other path wins with this arrival, although one of two candidates that
  // were echoed has left.
  const opened = located.nextOffset === echoed.nextOffset ? undefined : located.candidates.at(-1)
  const settled = opened === undefined || decided.peer?.offset === opened.offset ? decided : located
  const changes: ReadonlyArray<Change> = change === undefined ? [] : [change]
  return [
    settled,
    settled.peer?.offset !== paths.peer?.offset && paths.peer !== undefined ? [...changes, "Moved"] : changes
  ]
}

/** The client echoes a timestamp: it receives on that path. */
const echo = <Address>(paths: Paths<Address>, reply: Timestamp16.Timestamp16, now: Millis): Paths<Address> => {
  const answered = reply === Timestamp16.NONE ? undefined : roundTrip(paths, reply, now)
  if (answered === undefined) return paths
  // What was sent before the contest shows where the client was, not where it is.
  const isEchoed = paths.contest !== undefined && now - answered.time >= paths.contest.since
  return update(paths, answered.path, (path) =>
    path.isValidated && path.isEchoed === (path.isEchoed || isEchoed)
      ? path
      : { ...path, isValidated: true, allowance: Infinity, isEchoed: path.isEchoed || isEchoed }
  )
}

/** Replaces one path, found by its offset. */
const update = <Address>(
  paths: Paths<Address>,
  { offset }: Path<Address>,
  change: (path: Path<Address>) => Path<Address>
): Paths<Address> => ({
  ...paths,
  peer: paths.peer?.offset === offset ? change(paths.peer) : paths.peer,
  candidates: paths.candidates.some((path) => path.offset === offset)
    ? paths.candidates.map((path) => (path.offset === offset ? change(path) : path))
    : paths.candidates
})

const locate = <Address>(
  paths: Paths<Address>,
  same: Same<Address>,
  arrival: Arrival<Address>,
  now: Millis
): readonly [Paths<Address>, Change | undefined] => {
  const isFrom = (path: Path<Address>): boolean => path.socket === arrival.socket && same(path.address, arrival.address)
  const { contest, former, peer } = paths
  const known = destinations(paths).find(isFrom)
  if (known !== undefined) return [contest === undefined ? paths : use(paths, contest, known, arrival, now), undefined]
  if (peer === undefined) {
    if (!arrival.isNews) return [paths, undefined]
    const [opened, path] = create(paths, arrival, Infinity, now)
    return [{ ...opened, peer: path }, "Opened"]
  }
  if (former !== undefined && isFrom(former.path) && arrival.sequence >= former.from && now < former.until) {
    const returned = { ...former.path, usedAt: now, isEchoed: false }
    return [
      {
        ...paths,
        peer: returned,
        candidates: [{ ...peer, usedAt: -Infinity, isEchoed: false }],
        contest: { since: now, from: arrival.sequence, isReturn: true },
        former: undefined
      },
      "Opened"
    ]
  }
  // A copy of what an unproven path delivered first: perhaps this one is the original.
  const doubtful = contest?.from ?? (peer.isValidated ? undefined : peer.from)
  const isCopy = doubtful !== undefined && arrival.sequence >= doubtful && paths.candidates.length < CANDIDATES
  return arrival.isNews || isCopy ? open(paths, arrival, now) : [paths, undefined]
}

const create = <Address>(
  paths: Paths<Address>,
  { address, bytes, sequence, socket }: Arrival<Address>,
  allowance: number,
  now: Millis
): readonly [Paths<Address>, Path<Address>] => {
  const offset = freeOffset(paths)
  const path = {
    address,
    socket,
    offset,
    from: sequence,
    isValidated: false,
    allowance: allowance + Timing.PATH_AMPLIFICATION * bytes,
    usedAt: now,
    isEchoed: false
  }
  return [{ ...paths, nextOffset: (offset + OFFSET_STEP) % 0x10000 }, path]
}

const open = <Address>(
  paths: Paths<Address>,
  arrival: Arrival<Address>,
  now: Millis
): readonly [Paths<Address>, Change | undefined] => {
  // While copies are forwarded, a new path gets little, and triggers nothing.
  const isSuspect = now - paths.copiedAt < Timing.PATH_SUSPICION
  const [opened, path] = create(paths, arrival, isSuspect || !arrival.isNews ? 0 : Timing.PATH_ALLOWANCE, now)
  const { candidates, contest, peer } = paths
  const isFull = candidates.length >= CANDIDATES
  const evicted = isFull ? (candidates.find(({ isEchoed }) => !isEchoed) ?? candidates[0]) : undefined
  const begun = contest ?? { since: now, from: arrival.sequence, isReturn: false }
  return [
    {
      ...opened,
      peer:
        contest === undefined && peer !== undefined
          ? { ...peer, usedAt: arrival.isNews ? -Infinity : now, isEchoed: false }
          : peer,
      candidates: [...candidates.filter((other) => other !== evicted), path],
      contest: begun
    },
    isSuspect ? undefined : "Opened"
  ]
}

/** A known path delivers. It is in use if it delivers what was sent since the contest began. */
const use = <Address>(
  paths: Paths<Address>,
  contest: Contest,
  known: Path<Address>,
  { bytes, isCopy, sequence }: Arrival<Address>,
  now: Millis
): Paths<Address> => {
  const isUsed = sequence >= contest.from
  const used = update(paths, known, (path) => ({
    ...path,
    usedAt: isUsed ? now : path.usedAt,
    allowance: path.allowance + Timing.PATH_AMPLIFICATION * bytes
  }))
  return isUsed && isCopy && known === paths.peer ? { ...used, copiedAt: now } : used
}

/** Ends the contest if it is decided. */
const settle = <Address>(paths: Paths<Address>, arrival: Arrival<Address>, now: Millis): Paths<Address> => {
  const { contest, peer } = paths
  if (contest === undefined || peer === undefined) return paths
  const winner = decide(paths, contest, arrival, now)
  if (winner === undefined) return paths
  const settled = { ...paths, peer: winner, candidates: [], contest: undefined }
  if (winner === peer) return settled
  const former = { path: peer, from: contest.from, until: now + Timing.PATH_RETURN }
  return { ...settled, former: contest.isReturn ? undefined : former }
}

const decide = <Address>(
  paths: Paths<Address>,
  { since }: Contest,
  { isNews }: Arrival<Address>,
  now: Millis
): Path<Address> | undefined => {
  const { peer } = paths
  const all = destinations(paths)
  const used = all.filter(({ usedAt }) => now - usedAt < Timing.PATH_SILENCE)
  const [only] = used
  if (used.length === 1 && only !== undefined) {
    if (only.isEchoed) return only
    return isNews && now - since >= Timing.PATH_SILENCE ? only : undefined
  }
  // A copy can come from a forged address, or arrive before the original. An echo can do neither.
  if (peer !== undefined && peer.isEchoed && used.includes(peer)) return peer
  const echoed = used.filter(({ isEchoed }) => isEchoed)
  return echoed.length === 1 && now - since >= Timing.PATH_CONTEST ? echoed[0] : undefined
}
