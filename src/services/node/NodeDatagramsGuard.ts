/**
 * A second socket on a session's port, for what comes from the peer alone.
 *
 * It is connected to the peer, so the kernel puts the peer's datagrams into its buffer, and those of all others into the
 * first socket's: a flood of strangers fills that one only, and what the peer sends is neither lost nor late. It is an
 * improvement and no condition: whatever comes to either socket is looked at in the same way, and where the system does
 * not let sockets of one user share a port, there is no second one.
 */
import type * as Dgram from "node:dgram"
import * as Fs from "node:fs"
import { type Address, sameAddress } from "../Datagrams.ts"

/** Whether sockets can share a port, so that one of them can be a guard. */
export const isPossible = process.platform === "linux"

export interface Guard {
  /** The peer is at `peer` now. Cheap when it was there before. */
  readonly follow: (peer: Address) => void
  readonly close: () => void
}

export interface GuardOptions {
  /** The first socket, bound with `reusePort`. */
  readonly first: Dgram.Socket
  readonly createSocket: () => Dgram.Socket
  readonly onMessage: (bytes: Buffer, source: Dgram.RemoteInfo) => void
}

export const make = (options: GuardOptions): Guard => {
  let present: { readonly peer: Address; readonly socket: Dgram.Socket } | undefined
  const close = (): void => {
    const socket = present?.socket
    present = undefined
    try {
      socket?.close()
    } catch {
      // It closed itself already.
    }
  }
  return {
    follow: (peer) => {
      if (present !== undefined && sameAddress(present.peer, peer)) return
      close()
      try {
        const { address, port } = options.first.address()
        const socket = options.createSocket()
        present = { peer, socket }
        socket.on("message", options.onMessage)
        // What a connected socket is told of refusals, one that is not never hears: nothing is lost by leaving it.
        socket.on("error", () => undefined)
        socket.bind(port, address)
        socket.connect(peer.port, peer.host)
      } catch {
        // Then there is none.
      }
    },
    close
  }
}

/**
 * Whether another socket of this machine, of either family, can take datagrams for `port` of `address` from us. Sockets of
 * the same user may share a port, if they ask for it; two servers may not.
 */
export const isShared = (address: string, port: number): boolean => {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, "0")}`
  const own = isWild(address) ? undefined : address
  let overlapping = 0
  for (const family of ["udp", "udp6"]) {
    for (const line of lines(`/proc/net/${family}`)) {
      const [, local = ""] = line.trim().split(/\s+/)
      if (local.endsWith(wanted) && overlaps(own, local.slice(0, -wanted.length))) overlapping++
    }
  }
  return overlapping > 1
}

const isWild = (address: string): boolean => address === "0.0.0.0" || address === "::"

/** `other` as the kernel prints it: 32-bit words in hexadecimal, each in the machine's byte order. */
const overlaps = (own: string | undefined, other: string): boolean =>
  own === undefined || /^0+$/.test(other) || !own.includes(".") || other === printed(own)

const printed = (address: string): string =>
  address
    .split(".")
    .toReversed()
    .map((byte) => Number(byte).toString(16).toUpperCase().padStart(2, "0"))
    .join("")

const lines = (file: string): ReadonlyArray<string> => {
  try {
    return Fs.readFileSync(file, "latin1").split("\n").slice(1)
  } catch {
    return []
  }
}
