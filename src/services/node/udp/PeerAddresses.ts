/**
 * The addresses at which a client's server may be: those it was started with, those that its name resolved to later, and the
 * one from which it was received last. They are bounded in number.
 */
import * as Net from "node:net"
import { type Address, type Family, sameAddress } from "../../transport/Datagrams.ts"

export interface PeerAddresses {
  /** Most preferred first; empty on a server. */
  readonly addresses: ReadonlyArray<Address>
  /** Where the newest packet came from. */
  readonly heardFrom: Address | undefined
}

/** How many addresses are kept, and how many of them may come from one look-up of the name. */
export const MAX = 6
const MAX_RESOLVED = 4

export const initial = (
  server:
    | { readonly host: string; readonly port: number; readonly addresses?: ReadonlyArray<string> | undefined }
    | undefined
): PeerAddresses => ({
  addresses: server === undefined ? [] : merge([server.host, ...(server.addresses ?? [])].map(at(server.port))),
  heardFrom: undefined
})

/** A new packet of the server arrived. */
export const received = (peers: PeerAddresses, from: Address): PeerAddresses =>
  peers.heardFrom !== undefined && sameAddress(peers.heardFrom, from) ? peers : { ...peers, heardFrom: from }

/** The server's name resolved to these addresses. Returns the same value if they are all known. */
export const resolved = (peers: PeerAddresses, hosts: ReadonlyArray<string>): PeerAddresses => {
  const { addresses, heardFrom } = peers
  const [first] = addresses
  if (first === undefined) return peers
  const found = hosts.slice(0, MAX_RESOLVED).map(at(first.port))
  if (found.every((address) => isAmong(addresses, address))) return peers
  const former = heardFrom === undefined ? [] : addresses.filter((address) => sameAddress(address, heardFrom))
  return { ...peers, addresses: merge([...found, ...former, ...addresses]) }
}

/** The family of a numeric address. */
export const familyOf = ({ host }: Address): Family => (host.includes(":") ? "IPv6" : "IPv4")

const at =
  (port: number) =>
  (host: string): Address => ({ host: canonical(host), port })

/** An IPv6 address as the system writes it, to be compared with those of received datagrams. */
const canonical = (host: string): string =>
  Net.isIPv6(host) && !host.includes("%") ? new Net.SocketAddress({ address: host, family: "ipv6" }).address : host

const isAmong = (addresses: ReadonlyArray<Address>, address: Address): boolean =>
  addresses.some((other) => sameAddress(other, address))

/** Each numeric address once, in order, up to the limit. */
const merge = (addresses: ReadonlyArray<Address>): ReadonlyArray<Address> =>
  addresses
    .filter((address, i) => Net.isIP(address.host) !== 0 && !isAmong(addresses.slice(0, i), address))
    .slice(0, MAX)
