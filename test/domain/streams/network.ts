/**
 * Two ends of streams over a simulated network in virtual time, with state datagrams in between that take packet numbers.
 */
import type { Make } from "../../../src/domain/streams/recovery/CongestionControl.ts"
import type { State } from "../../../src/domain/streams/State.ts"
import * as Streams from "../../../src/domain/streams/Streams.ts"
import * as Link from "../../../src/testing/Link.ts"

/** Bytes of a datagram besides its payload: nonce, timestamps, tag. */
const OVERHEAD = 28
export const LIMIT = 1224

export interface End {
  readonly name: "client" | "server"
  state: State
  nextNumber: number
  readonly onOutput: (output: Streams.Output) => void
}

export interface Options {
  readonly seed: number
  /** The two directions; may change over time. */
  readonly path: (direction: "up" | "down", now: number) => Link.Path
  /** How often each end sends a state datagram, and of how many bytes. */
  readonly stateEvery?: number
  readonly stateBytes?: number
  readonly congestionControl?: Make
}

interface Event {
  readonly at: number
  readonly run: () => void
}

export interface Network {
  readonly client: End
  readonly server: End
  now: () => number
  /** Hands an input to an end, and its outputs to that end's application. */
  readonly give: (end: End, input: Streams.Input) => void
  readonly after: (ms: number, run: () => void) => void
  /** Runs until `isDone` or the time `until`. Returns whether it was done. */
  readonly run: (until: number, isDone?: () => boolean) => boolean
  /** One-way delays of state datagrams from the server. */
  readonly stateDelays: Array<number>
  /** Bytes of all datagrams that each end sent. */
  readonly sentBytes: { client: number; server: number }
  /** Datagrams that the ends sent. */
  readonly datagrams: { client: number; server: number }
  /** How long a datagram would have waited in the queue towards the client, at regular times. */
  readonly queueing: Array<number>
}

export const make = (
  options: Options,
  onOutput: (network: Network, end: End, output: Streams.Output) => void
): Network => {
  let now = 0
  const events: Array<Event> = []
  const at = (time: number, run: () => void): void => {
    let i = events.length
    while (i > 0 && (events[i - 1] as Event).at <= time) i--
    // The array is sorted from last to first, so that the next event is popped.
    events.splice(i, 0, { at: time, run })
  }
  const links = { up: Link.init(options.seed), down: Link.init(options.seed ^ 0x5bd1e995) }

  const makeEnd = (name: "client" | "server"): End => ({
    name,
    state: Streams.init({
      role: name === "client" ? "Client" : "Server",
      now,
      ...(options.congestionControl === undefined ? {} : { congestionControl: options.congestionControl })
    }),
    nextNumber: 0,
    onOutput: (output) => onOutput(network, name === "client" ? client : server, output)
  })
  const client = makeEnd("client")
  const server = makeEnd("server")
  const ends = [client, server]

  const give = (end: End, input: Streams.Input): void => {
    const [state, outputs] = Streams.machine.step(end.state, input, now)
    end.state = state
    for (const output of outputs) if (output._tag !== "Packet") end.onOutput(output)
  }

  const carry = (from: End, number: number, payload: Uint8Array | undefined, bytes: number): void => {
    const direction = from.name === "client" ? "up" : "down"
    const to = from === client ? server : client
    network.sentBytes[from.name] += bytes
    network.datagrams[from.name]++
    const [link, arrivals] = Link.carry(links[direction], options.path(direction, now), bytes, now)
    links[direction] = link
    const sentAt = now
    for (const [copy, { after }] of arrivals.entries())
      at(now + after, () => {
        // The connection drops duplicates. This network drops only some of them, because streams must not depend on
        // that.
        if (copy > 0 && number % 2 === 0) return
        if (payload === undefined && from === server) network.stateDelays.push(now - sentAt)
        give(to, { _tag: "Received", number, payload })
      })
  }

  const transmit = (end: End): void => {
    for (let i = 0; ; i++) {
      if (i > 10_000) throw new Error(`${end.name} sends without end`)
      const input: Streams.Input = { _tag: "Transmit", number: end.nextNumber, limit: LIMIT }
      const [state, outputs] = Streams.machine.step(end.state, input, now)
      end.state = state
      let payload: Uint8Array | undefined
      for (const output of outputs) {
        if (output._tag === "Packet") payload = output.payload
        else end.onOutput(output)
      }
      if (payload === undefined) break
      if (payload.length > LIMIT) throw new Error("packet too long")
      carry(end, end.nextNumber++, payload, payload.length + OVERHEAD)
    }
    if (Streams.machine.deadline(end.state) <= now) throw new Error(`${end.name} is due, and sends nothing`)
  }

  const { stateBytes = 120, stateEvery } = options
  if (stateEvery !== undefined) {
    const beat = (end: End): void => {
      const number = end.nextNumber++
      give(end, { _tag: "StateSent", number, bytes: stateBytes })
      carry(end, number, undefined, stateBytes)
      at(now + stateEvery, () => beat(end))
    }
    for (const [i, end] of ends.entries()) at((i * stateEvery) / 2, () => beat(end))
  }
  const sample = (): void => {
    network.queueing.push(Math.max(0, links.down.busyUntil - now))
    at(now + 5, sample)
  }
  at(0, sample)

  const network: Network = {
    client,
    server,
    now: () => now,
    give,
    after: (ms, run) => at(now + ms, run),
    run: (until, isDone = () => false) => {
      while (!isDone()) {
        const next = events[events.length - 1]
        const due = Math.min(next?.at ?? Infinity, ...ends.map((end) => Streams.machine.deadline(end.state)))
        if (due > until) return isDone()
        now = Math.max(now, due)
        if (next !== undefined && next.at <= now) {
          events.pop()
          next.run()
        }
        for (const end of ends) if (Streams.machine.deadline(end.state) <= now) transmit(end)
      }
      return true
    },
    stateDelays: [],
    sentBytes: { client: 0, server: 0 },
    datagrams: { client: 0, server: 0 },
    queueing: []
  }
  return network
}

export const percentile = (values: ReadonlyArray<number>, share: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? NaN
