/**
 * A UDP port for a session, bound, without Effect: the process that ssh starts loads as little as it can, and has a
 * person waiting.
 */
import * as Result from "effect/Result"
import * as Dgram from "node:dgram"
import * as Net from "node:net"
import * as PortRange from "../../../domain/arguments/PortRange.ts"
import type { Family } from "../../transport/Datagrams.ts"
import { perror } from "../NodeSystemError.ts"
import * as UdpSharing from "./UdpSharing.ts"

/** A bound socket, which is its receiver's to close. */
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

// Hosts are numeric, so there is nothing to look up; Node's own look-up would put off every send by a tick.
const lookup = (host: string, _options: unknown, done: (error: null, host: string, family: number) => void): void =>
  done(null, host, Net.isIP(host))

export const createSocket = (family: Family, shares: "shares" | "alone"): Dgram.Socket =>
  Dgram.createSocket({
    type: family === "IPv4" ? "udp4" : "udp6",
    lookup,
    ...(shares === "shares" && UdpSharing.isPossible ? { reusePort: true } : {})
  })

/** Where a server listens. */
export interface ServerPort {
  /** The local IP address to bind, numeric; without it, any. */
  readonly address?: string | undefined
  /** The ports to try, ascending. */
  readonly ports: PortRange.PortRange
}

const ANY = "0.0.0.0"

/** A server's port on `address`, and on no other. */
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
 * Binds a port that nobody else has, and that only our guard will share. A socket that may share is given ports of other
 * servers of the same user, too: so one that may not asks first, and who was quicker is looked for afterwards.
 */
const bindAlone = async (address: string, family: Family, port: number): Promise<Bound> => {
  const alone = await bind(address, family, port, "alone")
  if (!UdpSharing.isPossible || Result.isFailure(alone)) return alone
  const free = alone.success.address().port
  close(alone.success)
  const bound = await bindShared(address, family, free)
  if (Result.isFailure(bound) || !UdpSharing.isShared(address, free)) return bound
  close(bound.success)
  return Result.fail({ address, ports: String(port), reason: "Address already in use" })
}

/** How often a port is looked for that another process takes in the meantime. */
const ATTEMPTS = 8

const anyAddress = (family: Family): string => (family === "IPv4" ? "0.0.0.0" : "::")

/** A client's port, of the kernel's choice, which no other socket has. */
export const forClient = async (family: Family): Promise<Bound> => {
  let bound = await bindAlone(anyAddress(family), family, 0)
  for (let attempt = 1; attempt < ATTEMPTS && Result.isFailure(bound); attempt++)
    bound = await bindAlone(anyAddress(family), family, 0)
  return bound
}

/** A further port of a running client, at once. Throws what the system refuses. */
export const anotherForClient = (family: Family): Dgram.Socket => {
  for (let attempt = 1; ; attempt++) {
    const alone = bindNow(family, 0, "alone")
    if (!UdpSharing.isPossible) return alone
    const { port } = alone.address()
    close(alone)
    try {
      const socket = bindNow(family, port, "shares")
      if (!UdpSharing.isShared(anyAddress(family), port)) return socket
      close(socket)
    } catch (error) {
      if (attempt >= ATTEMPTS) throw error
    }
    if (attempt >= ATTEMPTS) return bindNow(family, 0, "alone")
  }
}

/** Binds within the call: no address is looked up. */
const bindNow = (family: Family, port: number, shares: "shares" | "alone"): Dgram.Socket => {
  const socket = createSocket(family, shares)
  let refusal: Error | undefined
  const refuse = (error: Error): void => {
    refusal = error
  }
  socket.once("error", refuse)
  socket.bind(port, anyAddress(family))
  try {
    socket.address()
  } catch (error) {
    close(socket)
    throw refusal ?? error
  }
  socket.removeListener("error", refuse)
  return socket
}

/** Where the system lets nobody share, for ourselves: then there is no guard. */
export const bindShared = async (address: string, family: Family, port: number): Promise<Bound> => {
  const bound = await bind(address, family, port, "shares")
  return Result.isSuccess(bound) ? bound : bind(address, family, port, "alone")
}

const bind = (address: string, family: Family, port: number, shares: "shares" | "alone"): Promise<Bound> =>
  new Promise((resolve) => {
    const socket = createSocket(family, shares)
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
    // It was closed already, which is what was wanted.
  }
}
