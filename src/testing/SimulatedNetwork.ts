/**
 * A network in virtual time: `Datagrams` for one client and one server, with a `Link` in each direction. The seed decides
 * every random choice, so runs are reproducible. Under Effect's `TestClock`, hours pass in moments.
 *
 * ```ts
 * import { Effect, Layer } from "effect"
 * import { Predictor } from "effect-mosh"
 * import { NodeMoshClient, NodeMoshServer, XtermEmulator } from "effect-mosh/node"
 * import { FakePty, SimulatedNetwork } from "effect-mosh/testing"
 *
 * // A server and a client over a network with a delay of 10 s that loses 30 % of all datagrams.
 * export const badRuntime = Effect.gen(function* () {
 *   const network = yield* SimulatedNetwork.make({ seed: 1, path: { delay: 10_000, loss: 0.3 } })
 *   const pty = FakePty.make()
 *   return Layer.merge(
 *     Layer.provide(NodeMoshServer.layerOver(() => network.server), Layer.merge(pty.layer, XtermEmulator.layer)),
 *     Layer.provide(NodeMoshClient.layerOver(() => network.client), Predictor.layer)
 *   )
 * })
 * ```
 */
import * as Effect from "effect/Effect"
import * as FiberSet from "effect/FiberSet"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as Actor from "../services/runtime/Actor.ts"
import { type Address, type DatagramHandlers, Datagrams, type Family } from "../services/transport/Datagrams.ts"
import * as Link from "./Link.ts"

export { type Bursts, PERFECT, type Path } from "./Link.ts"

/** A direction of the network. */
export type Direction = "toServer" | "toClient"

/** The network, and its two ends. */
export interface SimulatedNetwork {
  /** The client's end. */
  readonly client: Layer.Layer<Datagrams>
  /** The server's end. */
  readonly server: Layer.Layer<Datagrams>
  /** Changes the properties of a direction from now on. Throws a `RangeError` for a value outside its range. */
  readonly shape: (direction: Direction | "both", path: Partial<Link.Path>) => void
  /** Gives the client another address; datagrams to the old one are lost. */
  readonly moveClient: (host: string) => void
  /** Delivers a datagram at once, as if `source` had sent it. */
  readonly inject: (direction: Direction, datagram: Uint8Array, source?: Address) => void
  /** All sent datagrams, in order. */
  readonly sent: Array<Sent>
  /** Called for each sent datagram; `false` drops it. */
  filter: (sent: Sent) => boolean
  /** The client's open ports. */
  readonly ports: () => ReadonlyArray<number>
}

/** A sent datagram. */
export interface Sent {
  /** Its direction. */
  readonly direction: Direction
  /** Its encrypted bytes. */
  readonly datagram: Uint8Array
  /** Its source. */
  readonly source: Address
  /** Its destination. */
  readonly to: Address
}

/** The server's address. */
export const SERVER: Address = { host: "198.51.100.1", port: 60001 }

interface Port {
  handlers: DatagramHandlers | undefined
  readonly sockets: Set<number>
}

const FIRST_CLIENT_PORT = 40000

/** The properties of a network. */
export interface NetworkOptions {
  /** The seed of all random choices. */
  readonly seed: number
  /** The address family. Default: IPv4. */
  readonly family?: Family | undefined
  /** The initial properties of both directions. Default of each: as in `PERFECT`. */
  readonly path?: Partial<Link.Path> | undefined
}

/** Creates a network, which lives as long as the scope. Dies with a `RangeError` for a value of `path` outside its range. */
export const make = Effect.fnUntraced(function* (
  options: NetworkOptions
): Effect.fn.Return<SimulatedNetwork, never, Scope.Scope> {
  const family = options.family ?? "IPv4"
  const now = yield* Actor.millis
  const links: Record<Direction, Link.Link> = {
    toServer: Link.init(options.seed),
    toClient: Link.init(options.seed + 1)
  }
  const run = yield* FiberSet.makeRuntime<never>()
  const paths: Record<Direction, Link.Path> = {
    toServer: Link.pathOf(Link.PERFECT, options.path),
    toClient: Link.pathOf(Link.PERFECT, options.path)
  }
  const client: Port = { handlers: undefined, sockets: new Set([0]) }
  const server: Port = { handlers: undefined, sockets: new Set([0]) }
  let clientHost = "192.0.2.1"

  const arrive = (direction: Direction, datagram: Uint8Array, source: Address, to: Address): void => {
    if (direction === "toServer") {
      server.handlers?.onDatagram(datagram, source, 0, false)
      return
    }
    const socket = to.port - FIRST_CLIENT_PORT
    if (to.host === clientHost && client.sockets.has(socket)) {
      client.handlers?.onDatagram(datagram, source, socket, false)
    }
  }

  const transmit = (direction: Direction, datagram: Uint8Array, source: Address, to: Address): void => {
    const [link, arrivals] = Link.carry(links[direction], paths[direction], datagram.length, now())
    links[direction] = link
    for (const arrival of arrivals)
      run(
        Effect.andThen(
          Effect.sleep(arrival.after),
          Effect.sync(() => arrive(direction, Link.arrived(datagram, arrival), source, to))
        )
      )
  }

  const network: SimulatedNetwork = {
    client: Layer.sync(Datagrams, () => end(client, "toServer")),
    server: Layer.sync(Datagrams, () => end(server, "toClient")),
    shape: (direction, path) => {
      if (direction !== "toClient") paths.toServer = Link.pathOf(paths.toServer, path)
      if (direction !== "toServer") paths.toClient = Link.pathOf(paths.toClient, path)
    },
    moveClient: (host) => {
      clientHost = host
    },
    inject: (direction, datagram, source) => {
      const to = direction === "toServer" ? SERVER : { host: clientHost, port: FIRST_CLIENT_PORT }
      arrive(direction, datagram, source ?? (direction === "toServer" ? { ...to, port: 9 } : SERVER), to)
    },
    sent: [],
    filter: () => true,
    ports: () => Array.from(client.sockets, (socket) => FIRST_CLIENT_PORT + socket)
  }

  const end = (port: Port, direction: Direction): Datagrams["Service"] => ({
    family,
    peers: () => (direction === "toServer" ? [SERVER] : []),
    port: direction === "toServer" ? FIRST_CLIENT_PORT : SERVER.port,
    receive: (handlers) =>
      Effect.acquireRelease(
        Effect.sync(() => {
          port.handlers = handlers
        }),
        () =>
          Effect.sync(() => {
            port.handlers = undefined
          })
      ),
    send: (socket, to, datagram) => {
      if (!port.sockets.has(socket)) return
      if (datagram.length > paths[direction].mtu) {
        const text = "sendto: Message too long"
        port.handlers?.onTrouble({ kind: "MessageTooLarge", text, bytes: datagram.length })
        return
      }
      port.handlers?.onSent(to)
      const source = direction === "toServer" ? { host: clientHost, port: FIRST_CLIENT_PORT + socket } : SERVER
      const sent = { direction, datagram, source, to }
      network.sent.push(sent)
      if (network.filter(sent)) transmit(direction, datagram, source, to)
    },
    open: (socket) => {
      port.sockets.add(socket)
    },
    close: (socket) => {
      port.sockets.delete(socket)
    }
  })

  return network
})
