/**
 * The sessions that share a port, in the order of their activity: a doubly linked list, so that moving one to the front
 * takes constant time. Functions change it in place.
 */

import * as FairShare from "./FairShare.ts"

/** A datagram that a session's key opened. */
export interface Opened {
  readonly nonce: bigint
  readonly plaintext: Uint8Array
}

/** A session that shares the port. */
export interface Member<Session> {
  readonly session: Session
  /** Decrypts a datagram with the session's key; `undefined` if it is not authentic. */
  readonly open: (datagram: Uint8Array) => Opened | undefined
  /** The names of the addresses that its client uses, the most recently used last. */
  addresses: ReadonlyArray<string>
  /** The time that its datagrams took. */
  readonly use: FairShare.Use
  more: Member<Session> | undefined
  less: Member<Session> | undefined
  isMember: boolean
}

/** The sessions from the most to the least recently active one. */
export interface Members<Session> {
  first: Member<Session> | undefined
  size: number
}

export const none = <Session>(): Members<Session> => ({ first: undefined, size: 0 })

/** Adds a session as the most recently active one. */
export const add = <Session>(
  members: Members<Session>,
  session: Session,
  open: Member<Session>["open"]
): Member<Session> => {
  const member: Member<Session> = {
    session,
    open,
    addresses: [],
    use: FairShare.unused(),
    more: undefined,
    less: undefined,
    isMember: true
  }
  members.size++
  link(members, member)
  return member
}

/** Makes a session the most recently active one. */
export const touch = <Session>(members: Members<Session>, member: Member<Session>): void => {
  if (members.first === member || !member.isMember) return
  unlink(members, member)
  link(members, member)
}

export const remove = <Session>(members: Members<Session>, member: Member<Session>): void => {
  if (!member.isMember) return
  unlink(members, member)
  members.size--
  member.isMember = false
}

const link = <Session>(members: Members<Session>, member: Member<Session>): void => {
  member.more = undefined
  member.less = members.first
  if (members.first !== undefined) members.first.more = member
  members.first = member
}

const unlink = <Session>(members: Members<Session>, member: Member<Session>): void => {
  if (member.more === undefined) members.first = member.less
  else member.more.less = member.less
  if (member.less !== undefined) member.less.more = member.more
}
