/**
 * Finds the local address on which a session of this user listens.
 */
import * as Fs from "node:fs"
import * as UdpTable from "../../../domain/relay/UdpTable.ts"

/**
 * The local addresses to try for the session on `port`, best first; empty if certainly no socket of this user has the
 * port. `reached` is the address at which ssh reached this host, on which sessions usually listen. Where the system has no
 * table of its sockets, these are guesses.
 */
export const candidates = (port: number, reached: string | undefined): ReadonlyArray<string> => {
  const guesses = [...(reached === undefined ? [] : [reached]), "127.0.0.1", "::1"]
  const uid = process.getuid?.()
  const tables = ["/proc/net/udp", "/proc/net/udp6"].map(read)
  if (uid === undefined || tables.every((table) => table === undefined)) return guesses
  const bound = tables.flatMap((table) => UdpTable.boundAddresses(table ?? "", port, uid)).map(toLoopback)
  return [...bound.filter((address) => address === reached), ...bound.filter((address) => address !== reached)]
}

/** A socket that is bound to all addresses is reached by loopback. */
const toLoopback = (address: string): string =>
  address === "0.0.0.0" ? "127.0.0.1" : address === "0:0:0:0:0:0:0:0" ? "::1" : address

const read = (file: string): string | undefined => {
  try {
    return Fs.readFileSync(file, "latin1")
  } catch {
    return undefined
  }
}
