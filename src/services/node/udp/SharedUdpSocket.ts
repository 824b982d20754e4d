/**
 * `SharedSocket` on `node:dgram`: one port, with a socket of each address family.
 *
 * Unlike a session's own port (`NodeDatagrams`), no socket is connected to a peer: the kernel would search them all for each
 * datagram. All sessions share the kernel's receive buffer, which is enlarged as far as the system allows.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import * as Dgram from "node:dgram"
import * as PortRange from "../../../domain/arguments/PortRange.ts"
import { BindError } from "../../transport/Datagrams.ts"
import type { SharedSocket } from "../../transport/SharedSocket.ts"
import { perror, systemError } from "../NodeSystemError.ts"
import type { ServerOptions } from "./NodeDatagrams.ts"
import { trouble } from "./SocketTroubles.ts"
import * as UdpPort from "./UdpPort.ts"

type Bound = Result.Result<ReadonlyArray<Dgram.Socket>, PortRange.Refusal>

/** Requested size of the kernel's receive buffer, bytes. Linux limits it to `net.core.rmem_max`. */
const RECEIVE_BUFFER = 4 * 1_048_576

/** How many ports that the kernel chose for IPv4 are tried for IPv6. */
const ATTEMPTS = 8

/**
 * Binds the first port of a range that is free: on `address`, or by default on all addresses of both families. Without IPv6
 * on this host, on those of IPv4. The sockets are closed with the scope.
 */
export const bind = (options: ServerOptions): Effect.Effect<SharedSocket, BindError, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.flatMap(
      Effect.promise(() => bindFirst(options)),
      (bound) => Effect.mapError(Effect.fromResult(bound), (refusal) => new BindError(refusal))
    ),
    (sockets) => Effect.sync(() => sockets.forEach(UdpPort.close))
  ).pipe(Effect.map(make))

const make = (sockets: ReadonlyArray<Dgram.Socket>): SharedSocket => ({
  family: sockets.some((socket) => socket.address().family === "IPv6") ? "IPv6" : "IPv4",
  port: sockets[0]?.address().port ?? 0,
  receive: (onDatagram) =>
    Effect.acquireRelease(
      Effect.sync(() =>
        sockets.map((socket, number) => {
          const onMessage = (bytes: Buffer, source: Dgram.RemoteInfo): void =>
            onDatagram(bytes, { host: source.address, port: source.port }, number)
          socket.on("message", onMessage)
          return () => socket.off("message", onMessage)
        })
      ),
      (listening) => Effect.sync(() => listening.forEach((stop) => stop()))
    ),
  send: (number, to, datagram, sender) => {
    try {
      sockets[number]?.send(datagram, to.port, to.host, (error) => {
        if (error === null) sender.onSent(to)
        else sender.onTrouble(trouble("sendto", error))
      })
    } catch (error) {
      sender.onTrouble(trouble("sendto", error))
    }
  }
})

const bindFirst = async ({ address, ports }: ServerOptions): Promise<Bound> => {
  const range = PortRange.format(ports)
  const requested = address ?? "0.0.0.0"
  const refuse = (reason: string): Bound => Result.fail({ address: requested, ports: range, reason })
  const problem = PortRange.rangeProblem(ports)
  if (problem !== undefined) return refuse(problem)
  if (UdpPort.familyOf(requested) === undefined) return Result.fail(UdpPort.notNumeric(requested, range))
  let refusal = "Address already in use"
  const attempts = ports.low === 0 ? ATTEMPTS : ports.high - ports.low + 1
  for (let attempt = 0; attempt < attempts; attempt++) {
    const port = ports.low === 0 ? 0 : ports.low + attempt
    const bound = await (address === undefined ? bindBoth(port) : bindAt(address, port).then((one) => [one]))
    const failed = bound.find((one) => !(one instanceof Dgram.Socket))
    const sockets = bound.filter((one) => one instanceof Dgram.Socket)
    if (failed === undefined) return Result.succeed(sockets)
    sockets.forEach(UdpPort.close)
    refusal = perror(failed)
  }
  return refuse(refusal)
}

/** The sockets of both families on one port, or the error of one. A family that the host lacks is left out. */
const bindBoth = async (port: number): Promise<ReadonlyArray<Dgram.Socket | Error>> => {
  const first = await bindAt("0.0.0.0", port)
  if (!(first instanceof Dgram.Socket)) return [first]
  const second = await bindAt("::", first.address().port)
  const isMissing = second instanceof Error && systemError(second)?.code !== "EADDRINUSE"
  return isMissing ? [first] : [first, second]
}

const bindAt = (address: string, port: number): Promise<Dgram.Socket | Error> =>
  new Promise((resolve) => {
    const socket = UdpPort.createSocket(UdpPort.familyOf(address) ?? "IPv4", "alone", true)
    socket.once("error", (error) => {
      UdpPort.close(socket)
      resolve(error)
    })
    socket.bind(port, address, () => {
      socket.removeAllListeners("error")
      // Errors of a send are reported to its sender; others concern no session.
      socket.on("error", () => undefined)
      enlarge(socket)
      resolve(socket)
    })
  })

const enlarge = (socket: Dgram.Socket): void => {
  try {
    socket.setRecvBufferSize(RECEIVE_BUFFER)
  } catch {
    // The system's default remains.
  }
}
