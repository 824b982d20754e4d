/**
 * Which sessions use which addresses of clients. Bounded: a session has at most `ADDRESSES_PER_SESSION`, and its least
 * recently used one is forgotten. An address may belong to several sessions: a NAT gives a port to another client.
 *
 * Functions change the table in place.
 */
import type { Member } from "./Member.ts"

/** A numeric IP address and a UDP port. */
export interface Source {
  readonly host: string
  readonly port: number
}

export interface AddressTable<Session> {
  /** By the name of an address: its sessions, the newest last. */
  readonly byAddress: Map<string, ReadonlyArray<Member<Session>>>
  /** By host: how many addresses of it each session has. */
  readonly byHost: Map<string, Map<Member<Session>, number>>
}

/** The client's path, two that it may have moved to (`PathValidation`), and the former one. */
export const ADDRESSES_PER_SESSION = 4

export const empty = <Session>(): AddressTable<Session> => ({ byAddress: new Map(), byHost: new Map() })

/** The key of an address. A host contains no space. */
const nameOf = ({ host, port }: Source): string => `${port} ${host}`
const hostOf = (name: string): string => name.slice(name.indexOf(" ") + 1)

const NONE: ReadonlyArray<never> = []

/** The sessions that use an address, the newest last. */
export const sessionsAt = <Session>(table: AddressTable<Session>, source: Source): ReadonlyArray<Member<Session>> =>
  table.byAddress.get(nameOf(source)) ?? NONE

/** The sessions that use any address of a host. */
export const sessionsOn = <Session>(table: AddressTable<Session>, host: string): Iterable<Member<Session>> =>
  table.byHost.get(host)?.keys() ?? NONE

/** A session uses an address: records it, as the most recently used one. */
export const use = <Session>(table: AddressTable<Session>, member: Member<Session>, source: Source): void => {
  if (member.list === undefined) return
  const name = nameOf(source)
  const { addresses } = member
  if (addresses[addresses.length - 1] === name) return
  if (addresses.includes(name)) {
    member.addresses = [...addresses.filter((other) => other !== name), name]
    return
  }
  member.addresses = [...addresses, name]
  table.byAddress.set(name, [...(table.byAddress.get(name) ?? NONE), member])
  const onHost = table.byHost.get(source.host) ?? new Map<Member<Session>, number>()
  onHost.set(member, (onHost.get(member) ?? 0) + 1)
  table.byHost.set(source.host, onHost)
  const [oldest] = addresses
  if (addresses.length >= ADDRESSES_PER_SESSION && oldest !== undefined) forget(table, member, oldest)
}

/** A session has left the port. */
export const leave = <Session>(table: AddressTable<Session>, member: Member<Session>): void => {
  for (const name of member.addresses) forget(table, member, name)
}

const forget = <Session>(table: AddressTable<Session>, member: Member<Session>, name: string): void => {
  member.addresses = member.addresses.filter((other) => other !== name)
  const left = (table.byAddress.get(name) ?? NONE).filter((other) => other !== member)
  if (left.length > 0) table.byAddress.set(name, left)
  else table.byAddress.delete(name)
  const host = hostOf(name)
  const onHost = table.byHost.get(host)
  const count = (onHost?.get(member) ?? 0) - 1
  if (count > 0) onHost?.set(member, count)
  else onHost?.delete(member)
  if (onHost?.size === 0) table.byHost.delete(host)
}
