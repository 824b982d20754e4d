/**
 * The sessions that share a port, in the order of their activity: a doubly linked list, so that moving one to the front
 * takes constant time. Functions change it in place.
 */

import * as FairShare from "./FairShare.ts"
import * as TrialBudget from "./TrialBudget.ts"

/** A datagram that a session's key opened. */
export interface Opened {
  readonly nonce: bigint
  readonly plaintext: Uint8Array
}

/** What a session's key computes. */
export interface Keyed {
  /** Decrypts a datagram; `undefined` if it is not authentic. */
  readonly open: (datagram: Uint8Array) => Opened | undefined
  /** The connection id of a block of the client's packets. Absent: the session has no ids. */
  readonly connectionId?: ((block: number) => number) | undefined
}

/** A session that shares the port. */
export interface Member<Session> extends Keyed {
  readonly session: Session
  /** The names of the addresses that its client uses, the most recently used last. */
  addresses: ReadonlyArray<string>
  /** The prefixes of the nonces with connection ids that its client may use; none if it uses no ids. */
  prefixes: ReadonlyArray<number>
  /** Trials of its key for datagrams that have one of these prefixes, and come from an address that it does not use. */
  readonly trials: TrialBudget.TrialBudget
  /** The time that its datagrams took. */
  readonly use: FairShare.Use
  more: Member<Session> | undefined
  less: Member<Session> | undefined
  /** The list that it is in; `undefined` once it has left. */
  list: Members<Session> | undefined
}

/** Sessions from the most to the least recently active one. */
export interface Members<Session> {
  first: Member<Session> | undefined
  last: Member<Session> | undefined
  size: number
}

export const none = <Session>(): Members<Session> => ({ first: undefined, last: undefined, size: 0 })

/** Adds a session to `list`, as the most recently active one. */
export const add = <Session>(
  list: Members<Session>,
  session: Session,
  { connectionId, open }: Keyed
): Member<Session> => {
  const member: Member<Session> = {
    session,
    open,
    connectionId,
    addresses: [],
    prefixes: [],
    trials: TrialBudget.full(TrialBudget.RATE_BY_ID, -Infinity, TrialBudget.BURST_BY_ID),
    use: FairShare.unused(),
    more: undefined,
    less: undefined,
    list
  }
  link(list, member)
  return member
}

/** Makes a session the most recently active one of its list. */
export const touch = <Session>(member: Member<Session>): void => {
  const { list } = member
  if (list === undefined || list.first === member) return
  unlink(list, member)
  link(list, member)
}

/** Moves a session to the front of another list, or of none. */
export const move = <Session>(member: Member<Session>, to: Members<Session> | undefined): void => {
  if (member.list === undefined || member.list === to) return
  unlink(member.list, member)
  member.list = to
  if (to !== undefined) link(to, member)
}

/** All sessions, the most recently active first. */
export function* byActivity<Session>({ first }: Members<Session>): Generator<Member<Session>> {
  for (let member = first; member !== undefined; member = member.less) yield member
}

/** All sessions, from both ends of the list in turn. The list must not change meanwhile. */
export function* fromBothEnds<Session>({ first, last, size }: Members<Session>): Generator<Member<Session>> {
  let [front, back] = [first, last]
  for (let i = 0; i < size; i++) {
    const member = i % 2 === 0 ? front : back
    if (member === undefined) return
    if (i % 2 === 0) front = member.less
    else back = member.more
    yield member
  }
}

const link = <Session>(list: Members<Session>, member: Member<Session>): void => {
  list.size++
  member.more = undefined
  member.less = list.first
  if (list.first === undefined) list.last = member
  else list.first.more = member
  list.first = member
}

const unlink = <Session>(list: Members<Session>, member: Member<Session>): void => {
  list.size--
  if (member.more === undefined) list.first = member.less
  else member.more.less = member.less
  if (member.less === undefined) list.last = member.more
  else member.less.more = member.more
}
