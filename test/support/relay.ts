/**
 * A bad network between a mosh client and its server: a UDP relay on loopback that can lose, delay, repeat and damage
 * datagrams, and can make the client appear at another address.
 */
import { createSocket, type Socket } from "node:dgram"
import { once } from "node:events"

export interface Weather {
  /** Probabilities, 0 to 1, for each datagram in either direction. */
  readonly loss?: number
  readonly duplication?: number
  readonly corruption?: number
  /** One-way delay in milliseconds, and how much may be added to it at random. */
  readonly delay?: number
  readonly jitter?: number
}

export class Relay implements AsyncDisposable {
  /** Where the client sends to, on 127.0.0.1. */
  readonly port: number
  readonly #front: Socket
  readonly #target: () => number | undefined
  readonly #random: () => number
  readonly #timers = new Set<NodeJS.Timeout>()
  #back: Socket | undefined
  #client: number | undefined
  #weather: Weather = {}
  #moves = 0
  /** Datagrams that reached the relay from the client and from the server. */
  readonly seen = { client: 0, server: 0 }

  private constructor(front: Socket, target: () => number | undefined, seed: number) {
    this.#front = front
    this.port = front.address().port
    this.#target = target
    this.#random = mulberry32(seed)
    front.on("message", (datagram, from) => {
      this.#client = from.port
      this.seen.client++
      this.#carry(datagram, (bytes) => this.#toServer(bytes))
    })
  }

  /** `target` tells the server's port on 127.0.0.1, as soon as it is known; until then the network swallows everything. */
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
      this.#carry(datagram, (bytes) => {
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
  weather(weather: Weather): void {
    this.#weather = weather
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer)
    this.#front.close()
    this.#back?.close()
  }

  #toServer(bytes: Uint8Array): void {
    const port = this.#target()
    if (port !== undefined) this.#back?.send(bytes, port, "127.0.0.1")
  }

  #carry(datagram: Buffer, deliver: (bytes: Uint8Array) => void): void {
    const { loss = 0, duplication = 0, corruption = 0, delay = 0, jitter = 0 } = this.#weather
    if (this.#random() < loss) return
    const copies = this.#random() < duplication ? 2 : 1
    for (let copy = 0; copy < copies; copy++) {
      const bytes = Uint8Array.from(datagram)
      if (this.#random() < corruption) flipBit(bytes, this.#random())
      const wait = delay + jitter * this.#random()
      if (wait === 0) deliver(bytes)
      else this.#later(wait, () => deliver(bytes))
    }
  }

  #later(wait: number, act: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      act()
    }, wait)
    this.#timers.add(timer)
  }
}

const flipBit = (bytes: Uint8Array, where: number): void => {
  const bit = Math.floor(where * bytes.length * 8)
  const byte = bytes[bit >> 3]
  if (byte !== undefined) bytes[bit >> 3] = byte ^ (1 << (bit & 7))
}

/** A small seeded generator, so that a run can be repeated. */
const mulberry32 = (seed: number) => (): number => {
  seed = (seed + 0x6d2b79f5) | 0
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296
}
