/**
 * A network in virtual time: `Datagrams` for one client and one server, with a wire between them that does what wires
 * do. Every choice comes from the seed, so a run can be had again.
 */
import * as Effect from "effect/Effect"
import * as FiberSet from "effect/FiberSet"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as Actor from "../../src/services/Actor.ts"
import { type Address, type DatagramHandlers, Datagrams, type Family } from "../../src/services/Datagrams.ts"
import * as Link from "./link.ts"

export { PERFECT, type Path } from "./link.ts"

export type Direction = "toServer" | "toClient"

export interface SimulatedNetwork {
  readonly client: Layer.Layer<Datagrams>
  readonly server: Layer.Layer<Datagrams>
  /** Changes what a direction does from now on. */
  readonly shape: (direction: Direction | "both", path: Partial<Link.Path>) => void
  /** Gives the client another address; what is sent to the old one is lost. */
  readonly moveClient: (host: string) => void
  /** Delivers a datagram at once, as if `source` had sent it. */
  readonly inject: (direction: Direction, datagram: Uint8Array, source?: Address) => void
  /** Everything that was sent, as it was sent. */
  readonly sent: Array<Sent>
  /** Called for each datagram sent; `false` loses it. */
  filter: (sent: Sent) => boolean
  /** The client's open ports. */
  readonly ports: () => ReadonlyArray<number>
}

export interface Sent {
  readonly direction: Direction
  readonly datagram: Uint8Array
  readonly source: Address
  readonly to: Address
}

/** The seed of a run: `SIMULATION_SEED` of the environment, or the test's own. */
export const seedOr = (seed: number): number => Number(process.env["SIMULATION_SEED"] ?? seed)

/** Numbers in [0, 1) from a seed. */
export const random = (seed: number): (() => number) => {
  let state = seed >>> 0
  return () => {
    const [value, next] = Link.random(state)
    state = next
    return value
  }
}

export const SERVER: Address = { host: "198.51.100.1", port: 60001 }

interface Port {
  handlers: DatagramHandlers | undefined
  readonly sockets: Set<number>
}

const FIRST_CLIENT_PORT = 40000

export const make = Effect.fnUntraced(function* (options: {
  readonly seed: number
  readonly family?: Family
  readonly path?: Partial<Link.Path>
}): Effect.fn.Return<SimulatedNetwork, never, Scope.Scope> {
  const family = options.family ?? "IPv4"
  const now = yield* Actor.millis
  const links: Record<Direction, Link.Link> = {
    toServer: Link.init(options.seed),
    toClient: Link.init(options.seed + 1)
  }
  const run = yield* FiberSet.makeRuntime<never>()
  const paths: Record<Direction, Link.Path> = {
    toServer: { ...Link.PERFECT, ...options.path },
    toClient: { ...Link.PERFECT, ...options.path }
  }
  const client: Port = { handlers: undefined, sockets: new Set([0]) }
  const server: Port = { handlers: undefined, sockets: new Set([0]) }
  let clientHost = "192.0.2.1"

  const arrive = (direction: Direction, datagram: Uint8Array, source: Address, to: Address): void => {
    if (direction === "toServer") return server.handlers?.onDatagram(datagram, source, 0, false)
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
      if (direction !== "toClient") paths.toServer = { ...paths.toServer, ...path }
      if (direction !== "toServer") paths.toClient = { ...paths.toClient, ...path }
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
    peer: direction === "toServer" ? SERVER : undefined,
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
        port.handlers?.onTrouble({ kind: "MessageTooLarge", text: "sendto: Message too long" })
        return
      }
      port.handlers?.onSent()
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
