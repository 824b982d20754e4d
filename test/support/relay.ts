/**
 * A bad network between a mosh client and its server: a UDP relay on loopback, with a simulated link each way, that can
 * also make the client appear at another address.
 */
import { createSocket, type Socket } from "node:dgram"
import { once } from "node:events"
import * as Link from "../../src/testing/Link.ts"

export interface Weather {
  /** Probabilities, 0 to 1, for each datagram in either direction. */
  readonly loss?: number
  readonly duplication?: number
  readonly corruption?: number
  /** One-way delay in milliseconds, and how much may be added to it at random. */
  readonly delay?: number
  readonly jitter?: number
  /** Larger datagrams, in bytes, are lost or cut to this size. */
  readonly blackHole?: number
  readonly truncate?: number
}

export type Direction = "toServer" | "toClient"

/** Datagrams that reached the relay, and their bytes with IP and UDP headers. */
export interface Traffic {
  readonly datagrams: number
  readonly bytes: number
}

interface Pending {
  readonly due: number
  readonly deliver: () => void
}

const HEADERS = 28
/** Timers have a resolution of a millisecond, so shorter times are waited for by polling the clock. */
const TIMER = 1.5

export class Relay implements AsyncDisposable {
  /** Where the client sends to, on 127.0.0.1. */
  readonly port: number
  readonly #front: Socket
  readonly #target: () => number | undefined
  readonly #links: Record<Direction, Link.Link>
  readonly #paths: Record<Direction, Link.Path> = { toServer: Link.PERFECT, toClient: Link.PERFECT }
  /** Sorted by the time at which they are due. */
  readonly #pending: Array<Pending> = []
  #timer: NodeJS.Timeout | undefined
  #immediate: NodeJS.Immediate | undefined
  #back: Socket | undefined
  #client: number | undefined
  #moves = 0
  /** Datagrams that reached the relay from the client and from the server. */
  readonly seen = { client: 0, server: 0 }
  /** All that reached the relay so far. */
  readonly traffic: Record<Direction, Traffic> = {
    toServer: { datagrams: 0, bytes: 0 },
    toClient: { datagrams: 0, bytes: 0 }
  }

  private constructor(front: Socket, target: () => number | undefined, seed: number) {
    this.#front = front
    this.port = front.address().port
    this.#target = target
    this.#links = { toServer: Link.init(seed), toClient: Link.init(seed + 1) }
    front.on("message", (datagram, from) => {
      this.#client = from.port
      this.seen.client++
      this.#carry("toServer", datagram, (bytes) => this.#toServer(bytes))
    })
  }

  /** `target` returns the server's port on 127.0.0.1; while that is unknown, everything is lost. */
  static async start(target: () => number | undefined, seed = 1): Promise<Relay> {
    const front = createSocket("udp4")
    front.bind(0, "127.0.0.1")
    await once(front, "listening")
    const relay = new Relay(front, target, seed)
    await relay.roam()
    return relay
  }

  /** From now on the client has another address and port, and what is sent to the old ones is lost. */
  async roam(): Promise<void> {
    const next = createSocket("udp4")
    next.on("message", (datagram) => {
      this.seen.server++
      this.#carry("toClient", datagram, (bytes) => {
        if (this.#client !== undefined) this.#front.send(bytes, this.#client, "127.0.0.1")
      })
    })
    next.on("error", () => {})
    this.#moves++
    next.bind(0, `127.0.0.${this.#moves}`)
    await once(next, "listening")
    this.#back?.close()
    this.#back = next
  }

  /** Changes the network's conditions; `{}` is a perfect one. */
  weather({ corruption = 0, duplication = 0, ...others }: Weather): void {
    const path = { ...Link.PERFECT, duplicate: duplication, corrupt: corruption, ...others }
    this.#paths.toServer = path
    this.#paths.toClient = path
  }

  /** Changes what a direction does from now on. */
  shape(direction: Direction | "both", path: Partial<Link.Path>): void {
    if (direction !== "toClient") this.#paths.toServer = { ...this.#paths.toServer, ...path }
    if (direction !== "toServer") this.#paths.toClient = { ...this.#paths.toClient, ...path }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#timer)
    clearImmediate(this.#immediate)
    this.#pending.length = 0
    this.#front.close()
    this.#back?.close()
  }

  #toServer(bytes: Uint8Array): void {
    const port = this.#target()
    if (port !== undefined) this.#back?.send(bytes, port, "127.0.0.1")
  }

  #carry(direction: Direction, datagram: Buffer, deliver: (bytes: Uint8Array) => void): void {
    const { bytes, datagrams } = this.traffic[direction]
    this.traffic[direction] = { datagrams: datagrams + 1, bytes: bytes + datagram.length + HEADERS }
    const now = performance.now()
    const [link, arrivals] = Link.carry(this.#links[direction], this.#paths[direction], datagram.length, now)
    this.#links[direction] = link
    for (const arrival of arrivals) {
      const whole = Link.arrived(datagram, arrival)
      if (arrival.after === 0) deliver(whole)
      else this.#later({ due: now + arrival.after, deliver: () => deliver(whole) })
    }
  }

  #later(pending: Pending): void {
    const later = this.#pending.findIndex(({ due }) => due > pending.due)
    if (later < 0) this.#pending.push(pending)
    else this.#pending.splice(later, 0, pending)
    this.#arm()
  }

  #arm(): void {
    clearTimeout(this.#timer)
    clearImmediate(this.#immediate)
    const [next] = this.#pending
    if (next === undefined) return
    const wait = next.due - performance.now()
    if (wait > TIMER) this.#timer = setTimeout(() => this.#pump(), wait - TIMER)
    else this.#immediate = setImmediate(() => this.#pump())
  }

  #pump(): void {
    const now = performance.now()
    while ((this.#pending[0]?.due ?? Infinity) <= now) this.#pending.shift()?.deliver()
    this.#arm()
  }
}
