/**
 * `Datagrams` on `node:dgram`.
 *
 * Not on `effect/socket/DatagramSocket`: its writes are effects and its reads a fiber's loop, while a session's
 * datagrams are sent and received inside one synchronous step of its machine. Here neither costs a fiber. Under a flood
 * the kernel's buffer is the only queue, and libuv hands over at most 32 datagrams a socket between two looks at
 * timers and other files, so neither the clock nor the pty starves; nor the peer, whose datagrams have a buffer of their
 * own (`NodeDatagramsGuard`).
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
import type * as Scope from "effect/Scope"
import * as Dgram from "node:dgram"
import * as Net from "node:net"
import * as Util from "node:util"
import * as PortRange from "../../domain/bootstrap/PortRange.ts"
import {
  type Address,
  BindError,
  type DatagramHandlers,
  Datagrams,
  type Family,
  type SocketTrouble,
  type TroubleKind
} from "../Datagrams.ts"
import * as Guard from "./NodeDatagramsGuard.ts"
import * as NetworkWatch from "./NodeNetworkWatch.ts"

/** Where a server listens. */
export interface ServerOptions {
  /** The local IP address to bind, numeric. Without it, and when it cannot be bound, any. */
  readonly address?: string | undefined
  /** The ports to try, ascending. */
  readonly ports: PortRange.PortRange
  /** Told why `address` could not be used, before any address is tried instead (spec 2.9). */
  readonly onAddressRefused?: ((error: BindError) => void) | undefined
}

/** A server's socket, bound when the layer is built. */
export const server = (options: ServerOptions): Layer.Layer<Datagrams, BindError> =>
  Layer.effect(
    Datagrams,
    Effect.gen(function* () {
      const { address, ports } = options
      const any = bindFirst("0.0.0.0", ports)
      const socket = yield* address === undefined
        ? any
        : bindFirst(address, ports).pipe(
            Effect.catchTag("BindError", (error) =>
              Effect.andThen(
                Effect.sync(() => options.onAddressRefused?.(error)),
                any
              )
            )
          )
      return yield* make(socket, undefined)
    })
  )

/** Where a client sends. */
export interface ClientOptions {
  /** The server's IP address, numeric. */
  readonly host: string
  /** The server's UDP port. */
  readonly port: number
}

/** A client's sockets, on ports of the kernel's choice. They send to one server, but receive from anywhere (spec 2.7). */
export const client = (options: ClientOptions): Layer.Layer<Datagrams, BindError> =>
  Layer.effect(
    Datagrams,
    Effect.gen(function* () {
      const family = familyOf(options.host)
      if (family === undefined) return yield* notNumeric(options.host, String(options.port))
      const socket = yield* bindShared(family === "IPv4" ? "0.0.0.0" : "::", family, 0)
      return yield* make(socket, { host: options.host, port: options.port })
    })
  )

const familyOf = (host: string): Family | undefined => {
  const version = Net.isIP(host)
  return version === 4 ? "IPv4" : version === 6 ? "IPv6" : undefined
}

const notNumeric = (address: string, ports: string): BindError =>
  new BindError({ address, ports, reason: "not a numeric IP address" })

// Hosts are numeric, so there is nothing to look up; Node's own look-up would put off every send by a tick.
const lookup = (host: string, _options: unknown, done: (error: null, host: string, family: number) => void): void =>
  done(null, host, Net.isIP(host))

const createSocket = (family: Family, shares: "shares" | "alone"): Dgram.Socket =>
  Dgram.createSocket({
    type: family === "IPv4" ? "udp4" : "udp6",
    lookup,
    ...(shares === "shares" && Guard.isPossible ? { reusePort: true } : {})
  })

/** Binds the first port of a range that is free. */
const bindFirst = Effect.fnUntraced(function* (
  address: string,
  ports: PortRange.PortRange
): Effect.fn.Return<Dgram.Socket, BindError, Scope.Scope> {
  const range = PortRange.format(ports)
  const family = familyOf(address)
  if (family === undefined) return yield* notNumeric(address, range)
  for (let port = ports.low; port < ports.high; port++) {
    const socket = yield* Effect.option(bindAlone(address, family, port))
    if (socket._tag === "Some") return socket.value
  }
  return yield* bindAlone(address, family, ports.high).pipe(
    Effect.mapError((error) => new BindError({ address, ports: range, reason: error.reason }))
  )
})

/**
 * Binds a port that nobody else has, and that only our guard will share. A socket that may share is given ports of other
 * servers of the same user, too: so one that may not asks first, and who was quicker is looked for afterwards.
 */
const bindAlone = Effect.fnUntraced(function* (
  address: string,
  family: Family,
  port: number
): Effect.fn.Return<Dgram.Socket, BindError, Scope.Scope> {
  if (!Guard.isPossible) return yield* bind(address, family, port, "alone")
  const free = yield* Effect.scoped(Effect.map(bind(address, family, port, "alone"), (socket) => socket.address().port))
  const socket = yield* bindShared(address, family, free)
  if (!Guard.isShared(address, free)) return socket
  close(socket)
  return yield* new BindError({ address, ports: String(port), reason: "Address already in use" })
})

/** Where the system lets nobody share, for ourselves: then there is no guard. */
const bindShared = (address: string, family: Family, port: number) =>
  Effect.catch(bind(address, family, port, "shares"), () => bind(address, family, port, "alone"))

const bind = (
  address: string,
  family: Family,
  port: number,
  shares: "shares" | "alone"
): Effect.Effect<Dgram.Socket, BindError, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.callback<Dgram.Socket, BindError>((resume) => {
      const socket = createSocket(family, shares)
      socket.once("error", (error) => {
        close(socket)
        resume(Effect.fail(new BindError({ address, ports: String(port), reason: words(error) })))
      })
      socket.bind(port, address, () => {
        socket.removeAllListeners("error")
        resume(Effect.succeed(socket))
      })
    }),
    (socket) => Effect.sync(() => close(socket))
  )

/** The service, on a bound first socket that its caller closes. */
const make = Effect.fnUntraced(function* (
  first: Dgram.Socket,
  peer: Address | undefined
): Effect.fn.Return<Datagrams["Service"], never, Scope.Scope> {
  const bound = first.address()
  const family: Family = bound.family === "IPv6" ? "IPv6" : "IPv4"
  const sockets = new Map<number, Dgram.Socket>()
  const guards = new Map<number, Guard.Guard>()
  let handlers: DatagramHandlers | undefined
  // A server learns from its client where that is.
  const watch = peer === undefined ? undefined : NetworkWatch.make({ onDisrupted: () => handlers?.onDisrupted?.() })

  const adopt = (number: number, socket: Dgram.Socket): void => {
    const onMessage = (bytes: Buffer, source: Dgram.RemoteInfo): void => {
      const from = { host: source.address, port: source.port }
      if (handlers?.onDatagram(bytes, from, number, false) === true) watch?.received()
    }
    sockets.set(number, socket)
    socket.on("message", onMessage)
    socket.on("error", (error) => handlers?.onTrouble(trouble("recvfrom", error)))
    if (Guard.isPossible)
      guards.set(number, Guard.make({ first: socket, createSocket: () => createSocket(family, "shares"), onMessage }))
  }
  adopt(0, first)
  yield* Effect.addFinalizer(() =>
    Effect.sync(() => {
      watch?.close()
      guards.forEach((guard) => guard.close())
      sockets.forEach(close)
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
        const socket = createSocket(family, "shares")
        adopt(number, socket)
        socket.bind(0)
      } catch (error) {
        handlers?.onTrouble(trouble("socket", error))
      }
    },
    close: (number) => {
      const socket = sockets.get(number)
      guards.get(number)?.close()
      guards.delete(number)
      sockets.delete(number)
      if (socket !== undefined) close(socket)
    }
  })
})

const close = (socket: Dgram.Socket): void => {
  try {
    socket.close()
  } catch {
    // It was closed already, which is what was wanted.
  }
}

const trouble = (call: string, error: unknown): SocketTrouble => ({
  kind: kindOf(error),
  text: `${call}: ${words(error)}`
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

const systemError = (error: unknown): NodeJS.ErrnoException | undefined => (error instanceof Error ? error : undefined)

const kindOf = (error: unknown): TroubleKind => kinds[systemError(error)?.code ?? ""] ?? "Unknown"

/** The system's own words for an error, such as `Network is unreachable`. */
const words = (error: unknown): string => {
  const { errno, message } = systemError(error) ?? { errno: undefined, message: String(error) }
  const text = (errno === undefined ? undefined : Util.getSystemErrorMap().get(errno)?.[1]) ?? message
  return text.slice(0, 1).toUpperCase() + text.slice(1)
}
