/**
 * Where a client sends: the path to its server, and the other addresses at which the server may be reachable.
 *
 * A client that knows one address sends there, always. A client that knows several (*candidates*) sends to one of them, the
 * *current* path, as long as that works. While it does not, every instruction goes to all candidates, each copy with a packet
 * number of its own, and the first authentic packet from one of them makes it the current path. So nothing that the network
 * or an attacker does can end a session that one of the addresses still reaches.
 *
 * A stock server answers only to the address from which the newest packet came. So the copy with the highest packet number
 * decides where a stock server sends: it goes to each candidate in turn, for longer than a heartbeat takes, in case a
 * candidate delivers in one direction only. Such a candidate may also be the fastest, and get the answer to every instruction.
 * So every third instruction goes only to the candidate whose turn it is.
 *
 * A relay is the last choice. While the session uses it, the client checks from time to time whether a UDP address works
 * again. In that time UDP gets the highest packet numbers; afterwards the relay does, so that a stock server returns.
 *
 * There is one timer, which is off with fewer than two candidates: then neither a byte nor a time differs from a client
 * without candidates. Source: spec 2.7, RFC 8305.
 */
import type { Millis } from "../../Machine.ts"
import * as Timing from "../Timing.ts"

/** An address at which the server may be reachable. */
export interface Candidate<Address> {
  readonly address: Address
  /** Whether it is a relay, which is used only while no UDP address works. */
  readonly isRelay: boolean
}

export interface ClientPaths<Address> {
  /** In order of preference. */
  readonly candidates: ReadonlyArray<Candidate<Address>>
  /** The path that the session uses; `undefined` without candidates. */
  readonly current: Candidate<Address> | undefined
  /** How often `current` changed. */
  readonly moves: bigint
  readonly movedAt: Millis
  /** When the last packet arrived on the current path; `-Infinity` if what is known of that path is void. */
  readonly receivedAt: Millis
  /** When the client started. */
  readonly startedAt: Millis
  /** How many candidates the client has sent to before the first answer; `Infinity` from then on. */
  readonly opened: number
  /** How many instructions the client has sent since the current path stopped to work. */
  readonly tries: number
  /** The checks of UDP while the session uses a relay. */
  readonly check: Check
  /** When this host's addresses last changed. */
  readonly changedAt: Millis
  /** When the server's name was last resolved, and how often since the last round trip. */
  readonly lookUp: { readonly at: Millis; readonly count: number }
}

export interface Check {
  /** When the next check starts, or the present one ends. */
  readonly at: Millis
  /** When the present check started; `undefined` between checks. */
  readonly since: Millis | undefined
  /** How many checks have ended since the session moved to the relay. */
  readonly count: number
}

/** What the connection knows besides. */
export interface Knowledge {
  /** The retransmission timeout. */
  readonly rto: Millis
  /** When the newest state that the peer acknowledged was sent. */
  readonly roundTripAt: Millis
}

/** An authentic packet that arrived for the first time. */
export interface Arrival<Address> {
  readonly source: Address
  /** Whether its packet number is above all before. */
  readonly isNews: boolean
}

type Same<Address> = (a: Address, b: Address) => boolean

const NO_CHECK: Check = { at: Infinity, since: undefined, count: 0 }

/** How many candidates are kept at most. */
export const CANDIDATES = 8

export const init = <Address>(candidates: ReadonlyArray<Candidate<Address>>, now: Millis): ClientPaths<Address> => ({
  candidates: candidates.slice(0, CANDIDATES),
  current: candidates[0],
  moves: 0n,
  movedAt: -Infinity,
  receivedAt: -Infinity,
  startedAt: now,
  opened: 1,
  tries: 0,
  check: NO_CHECK,
  changedAt: -Infinity,
  lookUp: { at: -Infinity, count: 0 }
})

/**
 * Replaces the candidates. The current path stays if it is among them. `receivedAt` is when the last packet arrived from
 * anywhere. An empty list is ignored.
 */
export const replace = <Address>(
  paths: ClientPaths<Address>,
  same: Same<Address>,
  candidates: ReadonlyArray<Candidate<Address>>,
  receivedAt: Millis,
  now: Millis
): ClientPaths<Address> => {
  const [first] = candidates
  if (first === undefined) return paths
  const { current } = paths
  const kept = current && candidates.find(({ address }) => same(address, current.address))
  const limited = candidates.slice(0, CANDIDATES)
  const bounded = kept === undefined || limited.includes(kept) ? limited : [...limited.slice(0, -1), kept]
  // With a single candidate, packets since the last move arrived on the current path.
  const isKnown = isPlural(paths) || receivedAt <= paths.movedAt
  const known = { ...paths, candidates: bounded, receivedAt: isKnown ? paths.receivedAt : receivedAt }
  if (kept === undefined) return move(known, first, -Infinity, now)
  if (!isCheckable(known)) return { ...known, current: kept, check: NO_CHECK }
  const isUnknown = ({ address }: Candidate<Address>): boolean =>
    !paths.candidates.some((other) => same(other.address, address))
  const isDue = paths.check.at === Infinity || bounded.some(isUnknown)
  return { ...known, current: kept, check: isDue ? { ...NO_CHECK, at: now } : paths.check }
}

const isPlural = <Address>({ candidates }: ClientPaths<Address>): boolean => candidates.length > 1

const move = <Address>(
  paths: ClientPaths<Address>,
  current: Candidate<Address>,
  receivedAt: Millis,
  now: Millis
): ClientPaths<Address> => {
  const moved = { ...paths, current, moves: paths.moves + 1n, movedAt: now, receivedAt }
  const check = isCheckable(moved) ? { ...NO_CHECK, at: now + checkInterval(0) } : NO_CHECK
  return { ...moved, check }
}

/** Whether there is a better path than the current one. */
const isCheckable = <Address>({ candidates, current }: ClientPaths<Address>): boolean =>
  current?.isRelay === true && candidates.some(({ isRelay }) => !isRelay)

const checkInterval = (count: number): Millis => Math.min(Timing.RELAY_CHECK * 2 ** count, Timing.RELAY_CHECK_MAX)

/** The host was suspended, or its addresses changed: what is known of the paths is void. */
export const disrupted = <Address>(paths: ClientPaths<Address>, now: Millis): ClientPaths<Address> => {
  const changed = { ...paths, changedAt: now }
  return isPlural(paths)
    ? { ...changed, receivedAt: -Infinity, check: isCheckable(paths) ? { ...NO_CHECK, at: now } : NO_CHECK }
    : changed
}

/** Whether the current path does not work, as far as is known, and there are others. */
export const isSearching = <Address>(paths: ClientPaths<Address>, knowledge: Knowledge, now: Millis): boolean =>
  isPlural(paths) && (isSilent(paths, knowledge, now) || isOneWay(paths, knowledge, now))

/** Whether nothing arrives on the current path: a server that is reachable sends at least every `ACK_INTERVAL`. */
const isSilent = <Address>({ receivedAt }: ClientPaths<Address>, { rto }: Knowledge, now: Millis): boolean =>
  now - receivedAt >= Timing.ACK_INTERVAL + rto + Timing.ACK_DELAY

/** Whether nothing that was sent on the current path is acknowledged, though packets may arrive. */
const isOneWay = <Address>(
  { movedAt, startedAt }: ClientPaths<Address>,
  { roundTripAt }: Knowledge,
  now: Millis
): boolean => now - Math.max(roundTripAt, movedAt, startedAt) > Timing.PORT_HOP

/** Where the next instruction goes, in the order of packet numbers. */
export const destinations = <Address>(
  paths: ClientPaths<Address>,
  knowledge: Knowledge,
  now: Millis
): ReadonlyArray<Candidate<Address>> => {
  const { candidates, check, current } = paths
  if (current === undefined) return []
  if (isSearching(paths, knowledge, now)) {
    const leader = leaderOf(paths, now) ?? current
    if (paths.tries % 3 === 2) return [leader]
    return [...openOf(paths).filter((candidate) => candidate !== leader), leader]
  }
  return isChecking(check, knowledge, now) ? [current, ...candidates.filter(({ isRelay }) => !isRelay)] : [current]
}

/** An instruction was sent to `destinations`. */
export const transmitted = <Address>(
  paths: ClientPaths<Address>,
  knowledge: Knowledge,
  now: Millis
): ClientPaths<Address> => {
  const tries = isSearching(paths, knowledge, now) ? paths.tries + 1 : 0
  return tries === paths.tries ? paths : { ...paths, tries }
}

/** Whether UDP has the highest packet numbers. Afterwards, an idle client waits for the heartbeat of a stock server. */
const isChecking = ({ since }: Check, { rto }: Knowledge, now: Millis): boolean =>
  since !== undefined && now - since < Math.max(Timing.RELAY_CHECK_WINDOW, 2 * rto)

/** The candidates to try. */
const openOf = <Address>({ candidates, current, opened }: ClientPaths<Address>): ReadonlyArray<Candidate<Address>> =>
  candidates.filter((candidate, i) => i < opened || candidate === current)

/** The candidate whose copy has the highest packet number. */
const leaderOf = <Address>(paths: ClientPaths<Address>, now: Millis): Candidate<Address> | undefined => {
  const open = openOf(paths)
  return open[Math.floor((now - paths.startedAt) / Timing.CANDIDATE_TURN) % open.length]
}

/** Records a packet. Returns the same value if it changes nothing. */
export const received = <Address>(
  paths: ClientPaths<Address>,
  same: Same<Address>,
  { isNews, source }: Arrival<Address>,
  knowledge: Knowledge,
  now: Millis
): ClientPaths<Address> => {
  const { candidates, current } = paths
  if (current === undefined || !isPlural(paths)) return paths
  const isLost = isSearching(paths, knowledge, now)
  // A server with several addresses may answer from one that is no candidate.
  const from =
    candidates.find(({ address }) => same(address, source)) ?? (isLost ? leaderOf(paths, now) : undefined) ?? current
  const answered = paths.opened === Infinity ? paths : { ...paths, opened: Infinity }
  if (from === current) return { ...answered, receivedAt: now }
  const isBetter = current.isRelay && !from.isRelay
  // Packets of the current path that arrive earlier must not hide that another path delivers, too, if only that one works
  // in both directions.
  const isMove = isNews ? isLost || isBetter : isLost && isOneWay(paths, knowledge, now)
  return isMove ? move(answered, from, now, now) : answered
}

/** When to call `tick`. */
export const deadline = <Address>(paths: ClientPaths<Address>): Millis =>
  !isPlural(paths) ? Infinity : Math.min(paths.check.at, openingAt(paths))

/** When to send to one more candidate, before the first answer. */
const openingAt = <Address>({ candidates, opened, startedAt }: ClientPaths<Address>): Millis =>
  opened < candidates.length ? startedAt + opened * Timing.CANDIDATE_DELAY : Infinity

/** Something is due. Returns the same value if nothing is; otherwise, an instruction is to be sent at once. */
export const tick = <Address>(paths: ClientPaths<Address>, now: Millis): ClientPaths<Address> => {
  if (deadline(paths) > now) return paths
  let { opened } = paths
  while (opened < paths.candidates.length && paths.startedAt + opened * Timing.CANDIDATE_DELAY <= now) opened++
  const { check } = paths
  return { ...paths, opened, check: check.at <= now ? nextCheck(check, now) : check }
}

const nextCheck = ({ count, since }: Check, now: Millis): Check =>
  since === undefined
    ? { at: now + Timing.CANDIDATE_TURN, since: now, count }
    : { at: now + checkInterval(count), since: undefined, count: count + 1 }

/**
 * Whether to resolve the server's name again: it has not answered for `Timing.LOOK_UP`, or not since this host's addresses
 * changed, or only through a relay. Then the time of that is recorded.
 */
export const lookUp = <Address>(
  paths: ClientPaths<Address>,
  { roundTripAt }: Knowledge,
  now: Millis
): ClientPaths<Address> | undefined => {
  const { changedAt, current, movedAt, startedAt } = paths
  if (current === undefined) return undefined
  if (current.isRelay) {
    const { at } = paths.lookUp
    const due = at > movedAt ? at + Timing.LOOK_UP_MAX : movedAt + Timing.LOOK_UP_CHANGED
    return now < due ? undefined : { ...paths, lookUp: { at: now, count: 0 } }
  }
  const answeredAt = Math.max(roundTripAt, startedAt)
  const count = answeredAt > paths.lookUp.at ? 0 : paths.lookUp.count
  const silentAt = changedAt > answeredAt ? changedAt + Timing.LOOK_UP_CHANGED : answeredAt + Timing.LOOK_UP
  const againAt = count === 0 ? -Infinity : paths.lookUp.at + Math.min(Timing.LOOK_UP * count, Timing.LOOK_UP_MAX)
  return now < Math.max(silentAt, againAt) ? undefined : { ...paths, lookUp: { at: now, count: count + 1 } }
}
