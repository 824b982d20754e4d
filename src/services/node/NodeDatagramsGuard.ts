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
 * Whether another socket of this machine can take datagrams for `port` of `address` from us. Sockets of the same user may
 * share a port, if they ask for it; two servers may not.
 */
export const isShared = (address: string, port: number): boolean => {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, "0")}`
  const locals = (file: string): ReadonlyArray<string> =>
    lines(file)
      .map((line) => line.trim().split(/\s+/)[1] ?? "")
      .filter((local) => local.endsWith(wanted))
      .map((local) => local.slice(0, -wanted.length))
  return (
    locals("/proc/net/udp")
      .concat(locals("/proc/net/udp6"))
      .filter((other) => overlaps(address, other)).length > 1
  )
}

/** `other` as the kernel prints it. */
const overlaps = (own: string, other: string): boolean => {
  if (own === "::") return true
  const isWild = /^0+$/.test(other)
  const family = other.length === 8 ? "IPv4" : "IPv6"
  if (own === "0.0.0.0") return isWild || family === "IPv4"
  if (own.includes(".")) return isWild || other === words(own.split(".").map(Number))
  return family === "IPv6" && (isWild || other === words(bytesOfIPv6(own)))
}

/** Words of 32 bits in hexadecimal, each as a machine of the usual byte order reads it. */
const words = (bytes: ReadonlyArray<number>): string => {
  const hex = bytes.map((byte) => byte.toString(16).toUpperCase().padStart(2, "0"))
  const text: Array<string> = []
  for (let at = 0; at < hex.length; at += 4) text.push(...hex.slice(at, at + 4).toReversed())
  return text.join("")
}

const bytesOfIPv6 = (address: string): ReadonlyArray<number> => {
  const [head = "", tail = ""] = address.replace(/%.*$/, "").split("::")
  const [before, after] = [head, tail].map((part) => part.split(":").filter(Boolean)) as [Array<string>, Array<string>]
  const missing = Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => "0")
  return [...before, ...missing, ...after]
    .map((group) => Number.parseInt(group, 16))
    .flatMap((group) => [group >> 8, group & 0xff])
}

const lines = (file: string): ReadonlyArray<string> => {
  try {
    return Fs.readFileSync(file, "latin1").split("\n").slice(1)
  } catch {
    return []
  }
}
