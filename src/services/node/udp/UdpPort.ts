/**
 * Binds a UDP port for a session, without Effect: the process that ssh starts loads as little as possible, because the user
 * waits for it.
 */
import * as Result from "effect/Result"
import * as Dgram from "node:dgram"
import * as Net from "node:net"
import * as PortRange from "../../../domain/arguments/PortRange.ts"
import type { Family } from "../../transport/Datagrams.ts"
import { perror } from "../NodeSystemError.ts"
import * as UdpSharing from "./UdpSharing.ts"

/** A bound socket, which the caller must close. */
export type Bound = Result.Result<Dgram.Socket, PortRange.Refusal>

export const familyOf = (host: string): Family | undefined => {
  const version = Net.isIP(host)
  return version === 4 ? "IPv4" : version === 6 ? "IPv6" : undefined
}

export const notNumeric = (address: string, ports: string): PortRange.Refusal => ({
  address,
  ports,
  reason: "not a numeric IP address"
})

// Hosts are numeric. Node's own look-up would delay every send by a tick.
const lookup = (host: string, _options: unknown, done: (error: null, host: string, family: number) => void): void =>
  done(null, host, Net.isIP(host))

/** `ipv6Only`: whether an IPv6 socket for any address leaves IPv4 to another one. Default: no. */
export const createSocket = (family: Family, shares: "shares" | "alone", ipv6Only = false): Dgram.Socket =>
  Dgram.createSocket({
    type: family === "IPv4" ? "udp4" : "udp6",
    lookup,
    // On an IPv4 socket, the system refuses it.
    ipv6Only: ipv6Only && family === "IPv6",
    ...(shares === "shares" && UdpSharing.isPossible ? { reusePort: true } : {})
  })

/** Where a server listens. */
export interface ServerPort {
  /** The numeric local IP address to bind. Default: any. */
  readonly address?: string | undefined
  /** The ports to try, in ascending order. */
  readonly ports: PortRange.PortRange
}

const ANY = "0.0.0.0"

/** Binds a server's port on `address` only. */
export const forServer = ({ address = ANY, ports }: ServerPort): Promise<Bound> => bindFirst(address, ports)

/**
 * As `forServer`, but binds any address when `address` cannot be bound, as stock's `mosh-server` does (spec 2.9).
 * `onAddressRefused` is called first.
 */
export const forServerOrAny = async (
  { address, ports }: ServerPort,
  onAddressRefused: (refusal: PortRange.Refusal) => void
): Promise<Bound> => {
  if (address !== undefined) {
    const bound = await bindFirst(address, ports)
    if (Result.isSuccess(bound)) return bound
    onAddressRefused(bound.failure)
  }
  return bindFirst(ANY, ports)
}

/** Binds the first port of a range that is free. */
const bindFirst = async (address: string, ports: PortRange.PortRange): Promise<Bound> => {
  const range = PortRange.format(ports)
  const reason = PortRange.rangeProblem(ports)
  if (reason !== undefined) return Result.fail({ address, ports: range, reason })
  const family = familyOf(address)
  if (family === undefined) return Result.fail(notNumeric(address, range))
  for (let port = ports.low; port < ports.high; port++) {
    const bound = await bindAlone(address, family, port)
    if (Result.isSuccess(bound)) return bound
  }
  return Result.mapError(await bindAlone(address, family, ports.high), ({ reason }) => ({
    address,
    ports: range,
    reason
  }))
}

/**
 * Binds a port that no other process has, and that only our connected peer sockets will share. With `reusePort`, the kernel
 * would also assign ports of the same user's other servers. So a socket without it checks first that the port is free, and
 * afterwards the kernel's table shows whether another process was faster.
 */
const bindAlone = async (address: string, family: Family, port: number, ipv6Only = false): Promise<Bound> => {
  const alone = await bind(address, family, port, "alone", ipv6Only)
  if (!UdpSharing.isPossible || Result.isFailure(alone)) return alone
  const free = alone.success.address().port
  close(alone.success)
  const bound = await bindShared(address, family, free, ipv6Only)
  const isTaken = ipv6Only ? UdpSharing.holders(family, free) > 1 : UdpSharing.isShared(address, free)
  if (Result.isFailure(bound) || !isTaken) return bound
  close(bound.success)
  return Result.fail({ address, ports: String(port), reason: "Address already in use" })
}

/** Number of attempts, if other processes take the port in between. */
const ATTEMPTS = 8

const anyAddress = (family: Family): string => (family === "IPv4" ? "0.0.0.0" : "::")

/** Binds a client's port, which the kernel chooses, and which no other socket has. */
export const forClient = (family: Family): Bound => {
  try {
    return Result.succeed(anotherForClient(family))
  } catch (error) {
    return Result.fail({ address: anyAddress(family), ports: "0", reason: perror(error) })
  }
}

/**
 * Binds another port of a running client, synchronously. Throws the system's error.
 *
 * The kernel chooses a free port at random. Another process of the same user could share it only if the kernel chose the same
 * one for it in the few microseconds between the two binds. The kernel's table would show that, but its length grows with the
 * sockets of the host: a process with 1000 clients would read for 20 ms at each change of a port.
 */
export const anotherForClient = (family: Family): Dgram.Socket => {
  for (let attempt = 1; ; attempt++) {
    const alone = bindNow(family, 0, "alone")
    if (!UdpSharing.isPossible) return alone
    const { port } = alone.address()
    close(alone)
    try {
      return bindNow(family, port, "shares")
    } catch {
      if (attempt >= ATTEMPTS) return bindNow(family, 0, "alone")
    }
  }
}

/** Binds synchronously: no address is looked up. */
const bindNow = (family: Family, port: number, shares: "shares" | "alone"): Dgram.Socket => {
  const socket = createSocket(family, shares)
  let refusal: Error | undefined
  const refuse = (error: Error): void => {
    refusal = error
  }
  socket.once("error", refuse)
  // A worker of `node:cluster` would bind asynchronously, through its primary process.
  socket.bind({ port, address: anyAddress(family), exclusive: true })
  try {
    socket.address()
  } catch (error) {
    close(socket)
    throw refusal ?? error
  }
  socket.removeListener("error", refuse)
  return socket
}

/** Binds a port that can be shared. Where the system does not support that, binds it alone. */
export const bindShared = async (address: string, family: Family, port: number, ipv6Only = false): Promise<Bound> => {
  const bound = await bind(address, family, port, "shares", ipv6Only)
  return Result.isSuccess(bound) ? bound : bind(address, family, port, "alone", ipv6Only)
}

const FAMILIES: ReadonlyArray<Family> = ["IPv4", "IPv6"]

/**
 * Binds further sockets on the port of a server's socket, so that clients reach it at every address of this host, of either
 * family, also at those that the host gets later. The first socket has the datagrams for its own address, and answers from
 * there. Where another process has the port, or the host lacks a family, there is no further socket.
 */
export const everywhere = async (first: Dgram.Socket): Promise<ReadonlyArray<Dgram.Socket>> => {
  const { address, port } = first.address()
  if (address === "::") return []
  const sockets: Array<Dgram.Socket> = []
  for (const family of FAMILIES) {
    if (address === anyAddress(family)) continue
    const bound =
      familyOf(address) === family
        ? await bindBeside(family, port)
        : await bindAlone(anyAddress(family), family, port, true)
    if (Result.isSuccess(bound)) sockets.push(bound.success)
  }
  return sockets
}

/** Binds any address of a family on a port that a socket of ours has on one address, if no other process has it on another. */
const bindBeside = async (family: Family, port: number): Promise<Bound> => {
  const address = anyAddress(family)
  return UdpSharing.isPossible && UdpSharing.holders(family, port) === 1
    ? bind(address, family, port, "shares", true)
    : Result.fail({ address, ports: String(port), reason: "Address already in use" })
}

const bind = (
  address: string,
  family: Family,
  port: number,
  shares: "shares" | "alone",
  ipv6Only: boolean
): Promise<Bound> =>
  new Promise((resolve) => {
    const socket = createSocket(family, shares, ipv6Only)
    socket.once("error", (error) => {
      close(socket)
      resolve(Result.fail({ address, ports: String(port), reason: perror(error) }))
    })
    socket.bind(port, address, () => {
      socket.removeAllListeners("error")
      resolve(Result.succeed(socket))
    })
  })

export const close = (socket: Dgram.Socket): void => {
  try {
    socket.close()
  } catch {
    // It was closed already.
  }
}
