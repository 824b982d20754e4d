/**
 * `Datagrams` on `node:dgram`.
 *
 * `effect/socket/DatagramSocket` is not used: its writes are effects and its reads a fiber's loop, while a session's
 * datagrams are sent and received inside one synchronous step of its machine. Here neither costs a fiber. During a flood
 * the kernel's buffer is the only queue. libuv delivers at most 32 datagrams of a socket before it serves timers and other
 * files, so neither the timers nor the pty starve. The peer's datagrams have a separate buffer (`ConnectedPeerSocket`).
 *
 * Node can neither set nor read the ECN bits: datagrams are never reported as congested.
 *
 * ```ts
 * import { Context, Effect, Layer } from "effect"
 * import { Datagrams } from "effect-mosh"
 * import { NodeDatagrams } from "effect-mosh/node"
 *
 * // A server's socket on this machine, and its port.
 * export const bound = Effect.map(
 *   Layer.build(NodeDatagrams.server({ address: "127.0.0.1", ports: { low: 0, high: 0 } })),
 *   (context) => Context.get(context, Datagrams).port
 * )
 * ```
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import type * as Dgram from "node:dgram"
import * as PortRange from "../../../domain/arguments/PortRange.ts"
import {
  type Address,
  BindError,
  type DatagramHandlers,
  Datagrams,
  type Family,
  type SocketTrouble,
  type TroubleKind
} from "../../transport/Datagrams.ts"
import * as ConnectedPeerSocket from "./ConnectedPeerSocket.ts"
import * as NetworkWatch from "./NetworkWatch.ts"
import { perror, systemError } from "../NodeSystemError.ts"
import * as UdpPort from "./UdpPort.ts"
import * as UdpSharing from "./UdpSharing.ts"

/** Where a server listens. */
export interface ServerOptions {
  /** The numeric local IP address to bind. Default: any. If it cannot be bound, the layer fails. */
  readonly address?: string | undefined
  /** The ports to try, in ascending order. */
  readonly ports: PortRange.PortRange
}

/** A server's socket, bound when the layer is built. Fails if `ports` is invalid, or no port of it is free on `address`. */
export const server = (options: ServerOptions): Layer.Layer<Datagrams, BindError> =>
  bound(() => UdpPort.forServer(options))

/**
 * A server's socket that the caller bound. The layer's scope closes it. On a socket from another process, sends leave one
 * tick later, because Node gives it its own address look-up.
 */
export const adopted = (socket: Dgram.Socket): Layer.Layer<Datagrams> =>
  Layer.effect(
    Datagrams,
    Effect.andThen(
      Effect.addFinalizer(() => Effect.sync(() => UdpPort.close(socket))),
      make(socket, undefined)
    )
  )

/** Where a client sends. */
export interface ClientOptions {
  /** The server's IP address, numeric. */
  readonly host: string
  /** The server's UDP port, 1 to 65535. */
  readonly port: number
}

/** A client's sockets, on ports that the kernel chooses. They send to one server, but receive from any address (spec 2.7). */
export const client = (options: ClientOptions): Layer.Layer<Datagrams, BindError> =>
  bound(async () => {
    const family = UdpPort.familyOf(options.host)
    if (family === undefined) return Result.fail(UdpPort.notNumeric(options.host, String(options.port)))
    const reason = PortRange.portProblem(options.port)
    if (reason !== undefined) return Result.fail({ address: options.host, ports: String(options.port), reason })
    return UdpPort.forClient(family)
  }, options)

const bound = (bind: () => Promise<UdpPort.Bound>, peer?: ClientOptions): Layer.Layer<Datagrams, BindError> =>
  Layer.effect(
    Datagrams,
    Effect.gen(function* () {
      const attempt = Effect.flatMap(Effect.promise(bind), (result) => Effect.fromResult(result))
      const socket = yield* Effect.acquireRelease(
        Effect.mapError(attempt, (refusal) => new BindError(refusal)),
        (socket) => Effect.sync(() => UdpPort.close(socket))
      )
      return yield* make(socket, peer === undefined ? undefined : { host: peer.host, port: peer.port })
    })
  )

/** The service on a bound first socket, which the caller closes. */
const make = Effect.fnUntraced(function* (
  first: Dgram.Socket,
  peer: Address | undefined
): Effect.fn.Return<Datagrams["Service"], never, Scope.Scope> {
  const bound = first.address()
  const family: Family = bound.family === "IPv6" ? "IPv6" : "IPv4"
  const sockets = new Map<number, Dgram.Socket>()
  const guards = new Map<number, ConnectedPeerSocket.Guard>()
  let handlers: DatagramHandlers | undefined
  // Only a client has to find its peer again.
  const onDisrupted = (): void => {
    guards.forEach((guard) => guard.disrupted())
    handlers?.onDisrupted?.()
  }
  const watch = peer === undefined ? undefined : NetworkWatch.make({ onDisrupted })

  const adopt = (number: number, socket: Dgram.Socket): void => {
    const onMessage = (bytes: Buffer, source: Dgram.RemoteInfo): boolean => {
      const from = { host: source.address, port: source.port }
      const isNews = handlers?.onDatagram(bytes, from, number, false) === true
      if (isNews) watch?.received()
      return isNews
    }
    const onRefused = (error: Error): void => handlers?.onTrouble(trouble("recvfrom", error))
    sockets.set(number, socket)
    socket.on("message", (bytes, source) => {
      if (onMessage(bytes, source)) guards.get(number)?.bypassed({ host: source.address, port: source.port })
    })
    socket.on("error", (error) => handlers?.onTrouble(trouble("recvfrom", error)))
    if (UdpSharing.isPossible)
      guards.set(
        number,
        ConnectedPeerSocket.make({
          first: socket,
          createSocket: () => UdpPort.createSocket(family, "shares"),
          onMessage,
          onRefused
        })
      )
  }
  adopt(0, first)
  yield* Effect.addFinalizer(() =>
    Effect.sync(() => {
      watch?.close()
      guards.forEach((guard) => guard.close())
      sockets.forEach(UdpPort.close)
    })
  )

  return Datagrams.of({
    family,
    peer,
    port: bound.port,
    receive: (receiver) =>
      Effect.acquireRelease(
        Effect.sync(() => {
          handlers = receiver
        }),
        () =>
          Effect.sync(() => {
            handlers = undefined
          })
      ),
    send: (number, to, datagram) => {
      watch?.sent()
      guards.get(number)?.follow(to)
      try {
        sockets.get(number)?.send(datagram, to.port, to.host, (error) => {
          if (error === null) handlers?.onSent()
          else handlers?.onTrouble(trouble("sendto", error))
        })
      } catch (error) {
        handlers?.onTrouble(trouble("sendto", error))
      }
    },
    open: (number) => {
      try {
        adopt(number, UdpPort.anotherForClient(family))
      } catch (error) {
        handlers?.onTrouble(trouble("socket", error))
      }
    },
    close: (number) => {
      const socket = sockets.get(number)
      guards.get(number)?.close()
      guards.delete(number)
      sockets.delete(number)
      if (socket !== undefined) UdpPort.close(socket)
    }
  })
})

const trouble = (call: string, error: unknown): SocketTrouble => ({
  kind: kindOf(error),
  text: `${call}: ${perror(error)}`
})

const kinds: Readonly<Record<string, TroubleKind>> = {
  EMSGSIZE: "MessageTooLarge",
  EHOSTUNREACH: "Unreachable",
  ENETUNREACH: "Unreachable",
  EHOSTDOWN: "Unreachable",
  ENETDOWN: "Unreachable",
  EADDRNOTAVAIL: "Unreachable",
  ECONNREFUSED: "ConnectionRefused",
  EACCES: "PermissionDenied",
  EPERM: "PermissionDenied"
}

const kindOf = (error: unknown): TroubleKind => kinds[systemError(error)?.code ?? ""] ?? "Unknown"
