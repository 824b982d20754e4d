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
import * as FiberSet from "effect/FiberSet"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import type * as Dgram from "node:dgram"
import * as PortRange from "../../../domain/arguments/PortRange.ts"
import { type Address, BindError, type DatagramHandlers, Datagrams, type Family } from "../../transport/Datagrams.ts"
import * as ConnectedPeerSocket from "./ConnectedPeerSocket.ts"
import * as NetworkWatch from "./NetworkWatch.ts"
import * as PeerAddresses from "./PeerAddresses.ts"
import { trouble } from "./SocketTroubles.ts"
import * as UdpPort from "./UdpPort.ts"
import * as UdpSharing from "./UdpSharing.ts"

/** Where a server listens. */
export interface ServerOptions {
  /** The numeric local IP address to bind. Default: any. If it cannot be bound, the layer fails. */
  readonly address?: string | undefined
  /** The ports to try, in ascending order. */
  readonly ports: PortRange.PortRange
  /**
   * Whether to listen on the port at all other addresses of this host, too, of IPv4 and IPv6, as far as they are free: then a
   * client reaches the server when either's address changes, also to the other family. `address` remains the one that is
   * answered from. Default: no.
   */
  readonly everywhere?: boolean | undefined
}

/** A server's socket, bound when the layer is built. Fails if `ports` is invalid, or no port of it is free on `address`. */
export const server = (options: ServerOptions): Layer.Layer<Datagrams, BindError> =>
  bound(() => UdpPort.forServer(options), undefined, options.everywhere)

/**
 * A server's socket that the caller bound. The layer's scope closes it. On a socket from another process, sends leave one
 * tick later, because Node gives it its own address look-up.
 */
export const adopted = (
  socket: Dgram.Socket,
  { everywhere }: Pick<ServerOptions, "everywhere"> = {}
): Layer.Layer<Datagrams> =>
  Layer.effect(
    Datagrams,
    Effect.andThen(
      Effect.addFinalizer(() => Effect.sync(() => UdpPort.close(socket))),
      make(socket, undefined, everywhere)
    )
  )

/** Where a client sends. */
export interface ClientOptions {
  /** The server's IP address, numeric. */
  readonly host: string
  /** The server's UDP port, 1 to 65535. */
  readonly port: number
  /**
   * Further numeric addresses of the server, of either family, most preferred first. They are tried while `host` does not
   * answer; others than numeric ones are ignored. Default: none.
   */
  readonly addresses?: ReadonlyArray<string> | undefined
  /**
   * Resolves the server's name. Run after the server has been silent for 10 s. The interval then grows, to one minute at most.
   * An empty result changes nothing. Default: the server has no name.
   */
  readonly resolve?: Effect.Effect<ReadonlyArray<string>> | undefined
}

/**
 * A client's sockets, on ports that the kernel chooses. They send to one server, but receive from any address (spec 2.7). The
 * sockets of a second address family are opened when they are needed.
 */
export const client = (options: ClientOptions): Layer.Layer<Datagrams, BindError> =>
  bound(async () => {
    const family = UdpPort.familyOf(options.host)
    if (family === undefined) return Result.fail(UdpPort.notNumeric(options.host, String(options.port)))
    const reason = PortRange.portProblem(options.port)
    if (reason !== undefined) return Result.fail({ address: options.host, ports: String(options.port), reason })
    return UdpPort.forClient(family)
  }, options)

const bound = (
  bind: () => Promise<UdpPort.Bound>,
  peer?: ClientOptions,
  everywhere?: boolean
): Layer.Layer<Datagrams, BindError> =>
  Layer.effect(
    Datagrams,
    Effect.gen(function* () {
      const attempt = Effect.flatMap(Effect.promise(bind), (result) => Effect.fromResult(result))
      const socket = yield* Effect.acquireRelease(
        Effect.mapError(attempt, (refusal) => new BindError(refusal)),
        (socket) => Effect.sync(() => UdpPort.close(socket))
      )
      return yield* make(socket, peer, everywhere)
    })
  )

/** A bound socket, and further ones on its port, each of which is connected to one peer. */
interface Port {
  readonly socket: Dgram.Socket
  readonly guard: ConnectedPeerSocket.Guard | undefined
}

/** The service on a bound first socket, which the caller closes. */
const make = Effect.fnUntraced(function* (
  first: Dgram.Socket,
  peer: ClientOptions | undefined,
  everywhere = false
): Effect.fn.Return<Datagrams["Service"], never, Scope.Scope> {
  const bound = first.address()
  const family: Family = familyOf(first)
  /** The ports by number. A client's number has a port of each family that it has used. */
  const ports = new Map<number, Map<Family, Port>>()
  const run = yield* FiberSet.makeRuntime<never>()
  let handlers: DatagramHandlers | undefined
  let peers = PeerAddresses.initial(peer)
  let familyUsed = family
  let isLookingUp = false
  const all = (): ReadonlyArray<Port> => Array.from(ports.values()).flatMap((families) => [...families.values()])
  // Only a client has to find its peer again.
  const onDisrupted = (): void => {
    all().forEach(({ guard }) => guard?.disrupted())
    handlers?.onDisrupted?.()
  }
  const watch = peer === undefined ? undefined : NetworkWatch.make({ onDisrupted })

  const adopt = (number: number, families: Map<Family, Port>, socketFamily: Family, socket: Dgram.Socket): Port => {
    const onMessage = (bytes: Buffer, source: Dgram.RemoteInfo): boolean => {
      const from = { host: source.address, port: source.port }
      const isNews = handlers?.onDatagram(bytes, from, number, false) === true
      if (isNews) {
        watch?.received()
        peers = PeerAddresses.received(peers, from)
      }
      return isNews
    }
    const guard = UdpSharing.isPossible
      ? ConnectedPeerSocket.make({
          first: socket,
          createSocket: () => UdpPort.createSocket(socketFamily, "shares", number > 0),
          onMessage,
          onRefused: (error, to) => handlers?.onTrouble(trouble("recvfrom", error, to))
        })
      : undefined
    socket.on("message", (bytes, source) => {
      if (onMessage(bytes, source)) guard?.bypassed({ host: source.address, port: source.port })
    })
    socket.on("error", (error) => handlers?.onTrouble(trouble("recvfrom", error)))
    const port = { socket, guard }
    families.set(socketFamily, port)
    return port
  }
  const add = (number: number, socket: Dgram.Socket): void => {
    const families = new Map<Family, Port>()
    ports.set(number, families)
    adopt(number, families, familyOf(socket), socket)
  }
  add(0, first)
  // The first datagrams do not wait for the further sockets.
  if (everywhere)
    yield* Effect.acquireRelease(
      Effect.promise(() => UdpPort.everywhere(first)),
      (sockets) => Effect.sync(() => sockets.forEach(UdpPort.close))
    ).pipe(
      Effect.map((sockets) => sockets.forEach((socket, i) => add(i + 1, socket))),
      Effect.forkScoped
    )
  yield* Effect.addFinalizer(() =>
    Effect.sync(() => {
      watch?.close()
      all().forEach(close)
    })
  )

  /** A client's port of a family, opened if it is not. `undefined` after an error, which is reported. */
  const portOf = (number: number, wanted: Family, to: Address | undefined): Port | undefined => {
    const families = ports.get(number)
    const port = families?.get(wanted)
    if (port !== undefined || families === undefined || peer === undefined) return port
    try {
      return adopt(number, families, wanted, UdpPort.anotherForClient(wanted))
    } catch (error) {
      handlers?.onTrouble(trouble("socket", error, to))
      return undefined
    }
  }

  const resolved = (hosts: ReadonlyArray<string>): void => {
    isLookingUp = false
    const next = PeerAddresses.resolved(peers, hosts)
    if (next === peers) return
    peers = next
    handlers?.onPeers?.()
  }
  const { resolve } = peer ?? {}

  return Datagrams.of({
    family,
    peers: () => peers.addresses,
    port: bound.port,
    lookUp:
      resolve &&
      (() => {
        if (isLookingUp) return
        isLookingUp = true
        run(Effect.map(resolve, resolved))
      }),
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
      familyUsed = PeerAddresses.familyOf(to)
      const port = portOf(number, familyUsed, to)
      port?.guard?.follow(to)
      try {
        port?.socket.send(datagram, to.port, to.host, (error) => {
          if (error === null) handlers?.onSent(to)
          else handlers?.onTrouble({ ...trouble("sendto", error, to), bytes: datagram.length })
        })
      } catch (error) {
        handlers?.onTrouble({ ...trouble("sendto", error, to), bytes: datagram.length })
      }
    },
    open: (number) => {
      ports.set(number, new Map())
      portOf(number, familyUsed, undefined)
    },
    close: (number) => {
      ports.get(number)?.forEach(close)
      ports.delete(number)
    }
  })
})

const familyOf = (socket: Dgram.Socket): Family => (socket.address().family === "IPv6" ? "IPv6" : "IPv4")

const close = ({ guard, socket }: Port): void => {
  guard?.close()
  UdpPort.close(socket)
}
