/**
 * Decides which session a datagram belongs to, where many sessions share one UDP port.
 *
 * Only a session's key shows that a datagram is its own. The demultiplexer delivers only what a key opened:
 *
 * 1. From an address that sessions use, their keys are tried. This is the usual case: one decryption, which the session
 *    would need anyway.
 * 2. From an unknown address, with a connection id: the keys of the sessions that expect this id are tried, usually one.
 * 3. From an unknown address, without an id, as from stock mosh: the keys of other sessions are tried.
 *
 * Trials of the second and third kind are bounded (`KeySearch`). Datagrams from the addresses of sessions need no trial: a flood of
 * forged datagrams costs bounded time and never affects them.
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
import * as KeySearch from "./KeySearch.ts"
import * as Member from "./Member.ts"
import * as PrefixTable from "./PrefixTable.ts"
import * as TrialBudget from "./TrialBudget.ts"

export type { Source } from "./AddressTable.ts"
export { SESSIONS_PER_HOST, size } from "./KeySearch.ts"
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
export type DropReason = KeySearch.Failure

export interface State<Session> extends KeySearch.Sessions<Session> {
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
  const search = hasId ? KeySearch.byId : KeySearch.byKeys
  const result = search(state, { datagram, source, tried: known.slice(last) }, now)
  if (typeof result === "string") return drop(state, result)
  state.counters.found++
  return deliver(state, result.member, result.opened, now)
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
