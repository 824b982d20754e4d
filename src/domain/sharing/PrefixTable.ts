/**
 * Which sessions' clients may use which prefixes of nonces (`ConnectionId`). Bounded: a session has those of one block and the
 * `AHEAD` next ones. A prefix may belong to several sessions, by chance.
 *
 * Functions change the table in place.
 */
import type { Member } from "./Member.ts"

export type PrefixTable<Session> = Map<number, ReadonlyArray<Member<Session>>>

const NONE: ReadonlyArray<never> = []

/** The sessions whose clients may use a prefix. */
export const sessionsWith = <Session>(table: PrefixTable<Session>, prefix: number): ReadonlyArray<Member<Session>> =>
  table.get(prefix) ?? NONE

/** The client of a session may use these prefixes, and no others any more. */
export const replace = <Session>(
  table: PrefixTable<Session>,
  member: Member<Session>,
  prefixes: ReadonlyArray<number>
): void => {
  if (member.list === undefined) return
  leave(table, member)
  for (const prefix of prefixes) table.set(prefix, [...sessionsWith(table, prefix), member])
  member.prefixes = prefixes
}

/** A session has left the port. */
export const leave = <Session>(table: PrefixTable<Session>, member: Member<Session>): void => {
  for (const prefix of member.prefixes) {
    const left = sessionsWith(table, prefix).filter((other) => other !== member)
    if (left.length > 0) table.set(prefix, left)
    else table.delete(prefix)
  }
  member.prefixes = NONE
}
