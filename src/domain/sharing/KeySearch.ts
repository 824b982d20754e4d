/**
 * Finds the session of a datagram from an address that it does not use, by trying keys.
 *
 * With a connection id, only the sessions that expect it are tried. If none does, the datagram is no client's: a client uses no id
 * that its session does not expect (`EndpointIds`). Without an id, first the sessions with clients on the same host are tried,
 * where a NAT often changes the port, then those whose client has not connected yet, the newest and the oldest in turn, then all
 * others, the most recently active first.
 *
 * Trials without an id are bounded by two token buckets, one for hosts with clients and one for all others. Networks whose
 * datagrams fail are suspended (`Strangers`). A trial by an id takes a token of the session's own bucket. If that is
 * empty, as while an attacker repeats an observed id, it takes one token of the two shared buckets. So a client with ids can be
 * hidden only by more datagrams a second than these buckets gain tokens. With more than `TrialBudget.BURST` sessions, a client
 * without ids that moved to another host is found only if its session is among that many most recently active ones.
 *
 * Functions change the state in place.
 */
import * as ConnectionId from "../crypto/ConnectionId.ts"
import type { Millis } from "../Machine.ts"
import * as AddressTable from "./AddressTable.ts"
import * as FairShare from "./FairShare.ts"
import * as Member from "./Member.ts"
import * as PrefixTable from "./PrefixTable.ts"
import * as Strangers from "./Strangers.ts"
import * as TrialBudget from "./TrialBudget.ts"

/** The sessions of a port, and what is known of others that send to it. */
export interface Sessions<Session> {
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
  /** Trials so far. */
  readonly counters: { trials: number }
}

/** A session, and the datagram that its key opened. */
export interface Found<Session> {
  readonly member: Member.Member<Session>
  readonly opened: Member.Opened
}

/** Why no session was found. */
export type Failure =
  /** The datagram is too long or too short, or has a connection id that no session expects. */
  | "malformed"
  /** No session's key opens it. */
  | "unauthentic"
  /** Its session took more than its share of time while others were active (`FairShare`). The client sends again. */
  | "overload"
  /** Its network is suspended, because former datagrams belonged to no session. */
  | "suspended"
  /** Too few trials are left to search all sessions. The client sends again. */
  | "limited"

/** How many sessions of one host are tried before all others. */
export const SESSIONS_PER_HOST = 64

/** How many sessions there are. */
export const size = <Session>(state: Sessions<Session>): number => state.waiting.size + state.connected.size

/** A datagram whose session is sought. */
export interface Sought<Session> {
  readonly datagram: Uint8Array
  readonly source: AddressTable.Source
  /** Sessions whose keys do not open it. */
  readonly tried: ReadonlyArray<Member.Member<Session>>
}

/** Tries the keys of the sessions that expect the datagram's connection id. */
export const byId = <Session>(
  state: Sessions<Session>,
  { datagram, source, tried }: Sought<Session>,
  now: Millis
): Found<Session> | Failure => {
  const expecting = PrefixTable.sessionsWith(state.prefixes, ConnectionId.prefixOf(datagram))
  const [only] = expecting
  if (only === undefined) return "malformed"
  // An overloaded session accepts nothing: its client's address would stay unknown, and each datagram would take a token.
  if (expecting.length === 1 && FairShare.isOver(state.share, only.use, now)) return "overload"
  /** Those whose own tokens are used up, as while an attacker repeats their id. */
  const untried: Array<Member.Member<Session>> = []
  for (const member of without(expecting, tried)) {
    const own = attempt(state, member.trials, [member], datagram, now)
    if (own.found !== undefined) return own.found
    if (!own.isComplete) untried.push(member)
  }
  if (untried.length === 0) return "unauthentic"
  const [neighbour] = AddressTable.sessionsOn(state.addresses, source.host)
  const budget = neighbour === undefined ? state.budgets.anyHost : state.budgets.sameHost
  const shared = attempt(state, budget, untried, datagram, now)
  if (shared.found !== undefined) return shared.found
  return shared.isComplete ? "unauthentic" : "limited"
}

/** Tries the keys of all sessions. */
export const byKeys = <Session>(
  state: Sessions<Session>,
  { datagram, source, tried }: Sought<Session>,
  now: Millis
): Found<Session> | Failure => {
  const { addresses, budgets } = state
  const onHost = without(AddressTable.sessionsOn(addresses, source.host), tried)
  const nearby = Array.from(take(onHost, SESSIONS_PER_HOST))
  const near = attempt(state, budgets.sameHost, nearby, datagram, now)
  const network = Strangers.networkOf(source.host)
  if (near.found !== undefined) {
    Strangers.cleared(state.strangers, network)
    return near.found
  }
  if (Strangers.isSuspended(state.strangers, network, now)) return "suspended"
  // A search that could not be completed would use up trials, and would not show that the network is to be suspended.
  if (TrialBudget.available(budgets.anyHost, now) < Math.min(size(state), TrialBudget.BURST)) return "limited"
  const rest = without(all(state), near.isComplete ? [...tried, ...nearby] : tried)
  const any = attempt(state, budgets.anyHost, rest, datagram, now)
  if (any.found !== undefined) {
    Strangers.cleared(state.strangers, network)
    return any.found
  }
  Strangers.failed(state.strangers, network, now)
  return "unauthentic"
}

interface Attempt<Session> {
  readonly found: Found<Session> | undefined
  /** Whether all were tried. */
  readonly isComplete: boolean
}

const attempt = <Session>(
  state: Sessions<Session>,
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
    found = { member, opened }
    break
  }
  TrialBudget.spend(budget, trials)
  state.counters.trials += trials
  return { found, isComplete }
}

/**
 * All sessions, those without a client first. A client usually connects right after its session was opened, so the newest one is
 * tried first. If many sessions were opened before, clients connect in about the same order, so the oldest is tried next.
 */
function* all<Session>({ connected, waiting }: Sessions<Session>): Generator<Member.Member<Session>> {
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
