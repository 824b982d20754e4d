/**
 * Decides which session a datagram belongs to, where many sessions share one UDP port.
 *
 * Only a session's key shows that a datagram is its own. The demultiplexer delivers only what a key opened:
 *
 * 1. From an address that sessions use, their keys are tried. This is the usual case: one decryption, which the session
 *    would need anyway.
 * 2. From an unknown address, with a connection id: the keys of the sessions that expect this id are tried, usually one. If
 *    none expects it, no key is tried: a client uses no id that its session does not expect (`EndpointIds`).
 * 3. From an unknown address, without an id, as from stock mosh: other keys are tried, first those of sessions with clients on
 *    the same host, where a NAT often changes the port, then of sessions whose client has not connected yet, the newest and the
 *    oldest in turn, then of all others, the most recently active first.
 *
 * Trials of the third kind are bounded by two token buckets, one for hosts with clients and one for all others. Networks whose
 * datagrams fail are suspended (`Strangers`). A trial of the second kind takes a token of the session's own bucket. If that is
 * empty, as while an attacker repeats an observed id, it takes one token of the two shared buckets. So a client with ids can be
 * hidden only by more datagrams a second than these buckets gain tokens. Datagrams from the addresses of sessions need no token:
 * a flood of forged datagrams costs bounded time and never affects them. With more than `TrialBudget.BURST` sessions, a client
 * without ids that moved to another host is found only if its session is among that many most recently active ones.
 *
 * An address becomes known when it delivers a packet that is newer than all before, so replays make no address known.
 * Functions change the state in place. Source: spec 2.2, 2.3, 2.7.
 */
import * as ConnectionId from "../crypto/ConnectionId.ts"
import * as Nonce from "../crypto/Nonce.ts"
import type { Millis } from "../Machine.ts"
import { MAX as MAX_DATAGRAM } from "../ssp/path/PathMtu.ts"
import * as AddressTable from "./AddressTable.ts"
import * as FairShare from "./FairShare.ts"
import * as Member from "./Member.ts"
import * as PrefixTable from "./PrefixTable.ts"
import * as Strangers from "./Strangers.ts"
import * as TrialBudget from "./TrialBudget.ts"

export type { Source } from "./AddressTable.ts"
export type { Opened } from "./Member.ts"

/** Counts of a shared port, from its start. */
export interface Counters {
  /** Datagrams from addresses that their session used before. */
  known: number
  /** Datagrams whose session was found by trial decryption. */
  found: number
  /** Trial decryptions of datagrams from addresses that no session, or another one, used before. */
  trials: number
  /** Datagrams that were dropped, by reason. */
  readonly dropped: Record<DropReason, number>
}

/** Why a datagram reaches no session. */
export type DropReason =
  /** It is too long or too short, or has a connection id that no session expects. */
  | "malformed"
  /** No session's key opens it. */
  | "unauthentic"
  /** Its session took more than its share of time while others were active (`FairShare`). The client sends again. */
  | "overload"
  /** Its network is suspended, because former datagrams belonged to no session. */
  | "suspended"
  /** Too few trials are left to search all sessions. The client sends again. */
  | "limited"

export interface State<Session> {
  /** Sessions whose client has not connected yet, and all others. */
  readonly waiting: Member.Members<Session>
  readonly connected: Member.Members<Session>
  readonly addresses: AddressTable.AddressTable<Session>
  /** Connection ids. */
  readonly prefixes: PrefixTable.PrefixTable<Session>
  readonly strangers: Strangers.Strangers
  /** Trials for unknown ports of hosts with clients, and for unknown hosts. */
  readonly budgets: { readonly sameHost: TrialBudget.TrialBudget; readonly anyHost: TrialBudget.TrialBudget }
  readonly share: FairShare.FairShare
  readonly counters: Counters
}

/** Where a datagram goes. */
export type Route<Session> =
  | { readonly _tag: "Deliver"; readonly member: Member.Member<Session>; readonly opened: Member.Opened }
  | { readonly _tag: "Drop"; readonly reason: DropReason }

/** The longest datagram that is tried from an unknown address, bytes: the longest that a client sends before it is known. */
export const MAX_UNKNOWN = 2048
/** The shortest datagram: nonce, tag, timestamps. */
export const MIN_DATAGRAM = 8 + 16 + 4

/** How many sessions of one address are tried without a token, the newest ones. */
export const SESSIONS_PER_ADDRESS = 4
/** How many sessions of one host are tried before all others. */
export const SESSIONS_PER_HOST = 64

export const initial = <Session>(now: Millis): State<Session> => ({
  waiting: Member.none(),
  connected: Member.none(),
  addresses: AddressTable.empty(),
  prefixes: new Map(),
  strangers: new Map(),
  budgets: {
    sameHost: TrialBudget.full(TrialBudget.RATE_SAME_HOST, now),
    anyHost: TrialBudget.full(TrialBudget.RATE, now)
  },
  share: FairShare.initial(now),
  counters: {
    known: 0,
    found: 0,
    trials: 0,
    dropped: { malformed: 0, unauthentic: 0, overload: 0, suspended: 0, limited: 0 }
  }
})

/** Adds a session. */
export const join = <Session>(state: State<Session>, session: Session, keyed: Member.Keyed): Member.Member<Session> =>
  Member.add(state.waiting, session, keyed)

/** Removes a session and its addresses. */
export const leave = <Session>(state: State<Session>, member: Member.Member<Session>): void => {
  AddressTable.leave(state.addresses, member)
  PrefixTable.leave(state.prefixes, member)
  Member.move(member, undefined)
}

/** The session accepted a datagram from `source` that is newer than all before. */
export const accepted = <Session>(
  state: State<Session>,
  member: Member.Member<Session>,
  source: AddressTable.Source
): void => {
  Member.move(member, state.connected)
  AddressTable.use(state.addresses, member, source)
}

/** The client's newest packet is of `block`: the session expects the connection ids of this block and the next ones. */
export const blockReached = <Session>(state: State<Session>, member: Member.Member<Session>, block: number): void => {
  const { connectionId } = member
  if (connectionId !== undefined)
    PrefixTable.replace(state.prefixes, member, ConnectionId.expected(connectionId, block))
}

/** How many sessions there are. */
export const size = <Session>(state: State<Session>): number => state.waiting.size + state.connected.size

/**
 * The session sends to `to`. An address that it sends to is not forgotten for others from which copies of its datagrams
 * arrive.
 */
export const sending = <Session>(
  state: State<Session>,
  member: Member.Member<Session>,
  to: AddressTable.Source
): void => AddressTable.use(state.addresses, member, to)

/** The session took `time` ms to process a datagram that was delivered to it. */
export const processed = <Session>(
  state: State<Session>,
  member: Member.Member<Session>,
  time: number,
  now: Millis
): void => FairShare.spend(state.share, member.use, time, now)

/** Finds the session of a datagram. */
export const route = <Session>(
  state: State<Session>,
  datagram: Uint8Array,
  source: AddressTable.Source,
  now: Millis
): Route<Session> => {
  const { length } = datagram
  if (length < MIN_DATAGRAM || length > MAX_DATAGRAM || !Nonce.isFromClient(datagram)) return drop(state, "malformed")
  const hasId = !Nonce.hasNoId(datagram)
  const known = AddressTable.sessionsAt(state.addresses, source)
  const last = Math.max(0, known.length - SESSIONS_PER_ADDRESS)
  for (let i = known.length - 1; i >= last; i--) {
    const member = known[i]
    if (member === undefined || (hasId && member.prefixes.length === 0)) continue
    // Before decryption, which costs as much as all other steps here.
    if (known.length === 1 && FairShare.isOver(state.share, member.use, now)) return drop(state, "overload")
    const opened = member.open(datagram)
    if (opened === undefined) continue
    state.counters.known++
    return deliver(state, member, opened, now)
  }
  if (length > MAX_UNKNOWN) return drop(state, "malformed")
  const tried = known.slice(last)
  return hasId ? searchById(state, datagram, source, tried, now) : search(state, datagram, source, tried, now)
}

/** Tries the keys of the sessions that expect the datagram's connection id. */
const searchById = <Session>(
  state: State<Session>,
  datagram: Uint8Array,
  source: AddressTable.Source,
  tried: ReadonlyArray<Member.Member<Session>>,
  now: Millis
): Route<Session> => {
  const expecting = PrefixTable.sessionsWith(state.prefixes, ConnectionId.prefixOf(datagram))
  const [only] = expecting
  if (only === undefined) return drop(state, "malformed")
  // An overloaded session accepts nothing: its client's address would stay unknown, and each datagram would take a token.
  if (expecting.length === 1 && FairShare.isOver(state.share, only.use, now)) return drop(state, "overload")
  /** Those whose own tokens are used up, as while an attacker repeats their id. */
  const untried: Array<Member.Member<Session>> = []
  for (const member of without(expecting, tried)) {
    const own = attempt(state, member.trials, [member], datagram, now)
    if (own.found !== undefined) return found(state, own.found, now)
    if (!own.isComplete) untried.push(member)
  }
  if (untried.length === 0) return drop(state, "unauthentic")
  const [neighbour] = AddressTable.sessionsOn(state.addresses, source.host)
  const budget = neighbour === undefined ? state.budgets.anyHost : state.budgets.sameHost
  const shared = attempt(state, budget, untried, datagram, now)
  if (shared.found !== undefined) return found(state, shared.found, now)
  return drop(state, shared.isComplete ? "unauthentic" : "limited")
}

/** Tries the keys of sessions other than those that were `tried`. */
const search = <Session>(
  state: State<Session>,
  datagram: Uint8Array,
  source: AddressTable.Source,
  tried: ReadonlyArray<Member.Member<Session>>,
  now: Millis
): Route<Session> => {
  const { addresses, budgets } = state
  const onHost = without(AddressTable.sessionsOn(addresses, source.host), tried)
  const nearby = Array.from(take(onHost, SESSIONS_PER_HOST))
  const near = attempt(state, budgets.sameHost, nearby, datagram, now)
  const network = Strangers.networkOf(source.host)
  if (near.found !== undefined) {
    Strangers.cleared(state.strangers, network)
    return found(state, near.found, now)
  }
  if (Strangers.isSuspended(state.strangers, network, now)) return drop(state, "suspended")
  // A search that could not be completed would use up trials, and would not show that the network is to be suspended.
  if (TrialBudget.available(budgets.anyHost, now) < Math.min(size(state), TrialBudget.BURST))
    return drop(state, "limited")
  const rest = without(all(state), near.isComplete ? [...tried, ...nearby] : tried)
  const any = attempt(state, budgets.anyHost, rest, datagram, now)
  if (any.found !== undefined) {
    Strangers.cleared(state.strangers, network)
    return found(state, any.found, now)
  }
  Strangers.failed(state.strangers, network, now)
  return drop(state, "unauthentic")
}

interface Attempt<Session> {
  readonly found: Extract<Route<Session>, { readonly _tag: "Deliver" }> | undefined
  /** Whether all were tried. */
  readonly isComplete: boolean
}

const attempt = <Session>(
  state: State<Session>,
  budget: TrialBudget.TrialBudget,
  candidates: Iterable<Member.Member<Session>>,
  datagram: Uint8Array,
  now: Millis
): Attempt<Session> => {
  const available = TrialBudget.available(budget, now)
  let trials = 0
  let found: Attempt<Session>["found"]
  let isComplete = true
  for (const member of candidates) {
    if (trials === available) {
      isComplete = false
      break
    }
    trials++
    const opened = member.open(datagram)
    if (opened === undefined) continue
    found = { _tag: "Deliver", member, opened }
    break
  }
  TrialBudget.spend(budget, trials)
  state.counters.trials += trials
  return { found, isComplete }
}

const found = <Session>(
  state: State<Session>,
  { member, opened }: Extract<Route<Session>, { readonly _tag: "Deliver" }>,
  now: Millis
): Route<Session> => {
  state.counters.found++
  return deliver(state, member, opened, now)
}

const deliver = <Session>(
  state: State<Session>,
  member: Member.Member<Session>,
  opened: Member.Opened,
  now: Millis
): Route<Session> => {
  if (FairShare.isOver(state.share, member.use, now)) return drop(state, "overload")
  Member.touch(member)
  return { _tag: "Deliver", member, opened }
}

const drop = <Session>(state: State<Session>, reason: DropReason): Route<Session> => {
  state.counters.dropped[reason]++
  return { _tag: "Drop", reason }
}

/**
 * All sessions, those without a client first. A client usually connects right after its session was opened, so the newest one is
 * tried first. If many sessions were opened before, clients connect in about the same order, so the oldest is tried next.
 */
function* all<Session>({ connected, waiting }: State<Session>): Generator<Member.Member<Session>> {
  yield* Member.fromBothEnds(waiting)
  yield* Member.byActivity(connected)
}

function* take<A>(values: Iterable<A>, count: number): Generator<A> {
  let taken = 0
  for (const value of values) {
    if (taken++ === count) return
    yield value
  }
}

function* without<A>(values: Iterable<A>, excluded: ReadonlyArray<A>): Generator<A> {
  for (const value of values) if (!excluded.includes(value)) yield value
}
