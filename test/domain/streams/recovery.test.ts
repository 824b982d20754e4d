/**
 * Acknowledgements, loss and probes, packet by packet.
 */
import * as Fs from "node:fs"
import * as Path from "node:path"
import { describe, expect, it } from "@effect/vitest"
import * as Limits from "../../../src/domain/streams/Limits.ts"
import * as Streams from "../../../src/domain/streams/Streams.ts"
import type { StreamFrame } from "../../../src/domain/wire/streams/StreamFrame.ts"
import * as StreamPacket from "../../../src/domain/wire/streams/StreamPacket.ts"

/** One end, whose peer is the test. */
const start = () => {
  let state = Streams.init({ role: "Server", now: 0 })
  let now = 0
  let number = 0
  const give = (input: Streams.Input): ReadonlyArray<Streams.Output> => {
    const [next, outputs] = Streams.machine.step(state, input, now)
    state = next
    return outputs
  }
  return {
    give,
    state: () => state,
    now: () => now,
    deadline: () => Streams.machine.deadline(state),
    at: (time: number) => void (now = time),
    /** The next packet, if one is due: its number and frames. */
    transmit: (): { readonly number: number; readonly frames: ReadonlyArray<StreamFrame> } | undefined => {
      const [output] = give({ _tag: "Transmit", number, limit: 1224 })
      if (output?._tag !== "Packet") return undefined
      return { number: number++, frames: StreamPacket.decode(output.payload) ?? [] }
    },
    stateSent: () => give({ _tag: "StateSent", number: number++, bytes: 100 }),
    open: (bytes: number) => {
      give({ _tag: "Open", kind: 1, header: new Uint8Array() })
      give({ _tag: "Write", stream: 1, bytes: new Uint8Array(bytes) })
    },
    receive: (from: number, ...frames: ReadonlyArray<StreamFrame>) =>
      give({ _tag: "Received", number: from, payload: StreamPacket.encode(frames) })
  }
}

const ack = (delay: number, ...ranges: ReadonlyArray<readonly [number, number]>): StreamFrame => ({
  _tag: "Ack",
  delay: delay * 125,
  ranges: ranges.map(([first, last]) => ({ first, last }))
})
const ping: StreamFrame = { _tag: "Ping" }

/** The offsets of stream data in a packet. */
const offsets = (packet: { readonly frames: ReadonlyArray<StreamFrame> } | undefined): ReadonlyArray<number> =>
  packet?.frames.flatMap((frame) => (frame._tag === "Stream" ? [frame.offset] : [])) ?? []

describe("a silence", () => {
  it("is no reason to probe for a packet that was sent just now: an idle session's first packet is sent once", () => {
    const { at, give, open, transmit } = start()
    give({ _tag: "Received", number: 0, payload: undefined })
    at(3000)
    open(100)
    expect(transmit()?.number).toBe(0)
    at(3050)
    give({ _tag: "Received", number: 1, payload: undefined })
    expect(transmit()).toBeUndefined()
    // But what is in flight for longer than a probe timeout is sent again when a datagram ends a silence.
    at(60_000)
    while (transmit() !== undefined);
    at(62_000)
    give({ _tag: "Received", number: 2, payload: undefined })
    expect(offsets(transmit())).toEqual([0])
  })
})

describe("a sleep", () => {
  it("is not measured as a round trip: what was lost before it does not wait for as long again", () => {
    const { at, deadline, now, open, receive, transmit } = start()
    open(1500)
    expect([transmit()?.number, transmit()?.number, transmit()]).toEqual([0, 1, undefined])
    at(3_600_000)
    receive(0, ack(0, [1, 1]))
    while (transmit() !== undefined);
    expect(deadline() - now()).toBeGreaterThan(0)
    expect(deadline() - now()).toBeLessThanOrEqual(Limits.PROBE_INTERVAL_MAX)
  })
})

describe("an acknowledgement", () => {
  it("covers state datagrams, which leave no gaps", () => {
    const { at, receive, give, transmit } = start()
    for (let number = 0; number < 60; number++) {
      if (number % 3 === 0) receive(number, ping)
      else give({ _tag: "Received", number, payload: undefined })
    }
    at(25)
    expect(transmit()?.frames).toEqual([ack(25, [0, 59])])
  })

  it("is due after two packets, or 25 ms after one, and not for acknowledgements or states", () => {
    const { at, deadline, give, receive, transmit } = start()
    give({ _tag: "Received", number: 0, payload: undefined })
    give({ _tag: "StateSent", number: 0, bytes: 100 })
    receive(1, ack(0, [0, 0]))
    expect(deadline()).toBe(Infinity)
    at(10)
    receive(2, ping)
    expect([deadline(), transmit()]).toEqual([35, undefined])
    receive(3, ping)
    expect(deadline()).toBe(10)
    expect(transmit()?.frames).toEqual([ack(0, [0, 3])])
    expect(deadline()).toBe(Infinity)
  })

  it("is due at once for what arrives out of order", () => {
    const { deadline, now, receive, transmit } = start()
    receive(0, ping)
    receive(2, ping)
    expect(deadline()).toBe(now())
    expect(transmit()?.frames).toEqual([ack(0, [2, 2], [0, 0])])
    receive(1, ping)
    expect(deadline()).toBe(now())
    expect(transmit()?.frames).toEqual([ack(0, [0, 2])])
  })

  it("omits packets of which the peer knows that they arrived", () => {
    const { at, open, receive, transmit } = start()
    for (const number of [0, 2, 4, 6]) receive(number, ping)
    open(10)
    expect(transmit()?.frames[0]).toEqual(ack(0, [6, 6], [4, 4], [2, 2], [0, 0]))
    receive(7, ack(0, [0, 0]), ping)
    at(25)
    expect(transmit()?.frames).toEqual([ack(25, [6, 7])])
  })
})

describe("a packet", () => {
  it("is lost when one sent three stream packets later arrived, whatever states were sent between", () => {
    const { at, open, receive, state, stateSent, transmit } = start()
    open(4 * 1200)
    const numbers: Array<number> = []
    for (let i = 0; i < 4; i++) {
      const packet = transmit()
      if (packet !== undefined) numbers.push(packet.number)
      for (let j = 0; j < 5; j++) stateSent()
      at(30 * (i + 1))
    }
    const [first = 0, second = 0, third = 0, fourth = 0] = numbers
    expect([first, second, third, fourth]).toEqual([0, 6, 12, 18])
    at(660)
    receive(0, ack(0, [third, third + 5]))
    while (transmit() !== undefined);
    receive(1, ack(0, [second, third + 5]))
    expect(state().recovery.packets.head).toBe(0)
    receive(2, ack(0, [second, fourth]))
    expect(offsets(transmit())).toEqual([0])
  })

  it("is lost when one sent later arrived nine eighths of a round trip ago", () => {
    const { at, deadline, open, receive, transmit } = start()
    open(2 * 1200)
    transmit()
    at(1)
    transmit()
    at(81)
    receive(0, ack(0, [1, 1]))
    expect(deadline()).toBe(90)
    expect(transmit()).toBeUndefined()
    at(90)
    expect(offsets(transmit())).toEqual([0])
  })

  it("may arrive later, once another one did that had been counted as lost", () => {
    const { at, open, receive, state, transmit } = start()
    open(8 * 1200)
    for (let i = 0; i < 5; i++) {
      at(30 * i)
      transmit()
    }
    at(500)
    receive(0, ack(0, [3, 4]))
    expect(offsets(transmit())[0]).toBe(0)
    expect(state().recovery.reordering.packets).toBe(Limits.PACKET_THRESHOLD)
    receive(1, ack(0, [3, 4], [0, 0]))
    expect(state().recovery.reordering.packets).toBe(5)
    expect(state().recovery.reordering.roundTrips).toBeGreaterThan(Limits.TIME_THRESHOLD)
  })

  it("is probed for when nothing is acknowledged, at intervals that double up to 3 s, without end", () => {
    const { at, deadline, open, state, transmit } = start()
    open(1200)
    while (transmit() !== undefined);
    const intervals: Array<number> = []
    let last = 0
    for (let i = 0; i < 12; i++) {
      const due = deadline()
      intervals.push(Math.round(due - last))
      last = due
      at(due)
      const probes = [transmit(), transmit(), transmit()]
      expect(probes.map((probe) => probe !== undefined)).toEqual([true, true, false])
      expect(offsets(probes[0])).toEqual([0])
    }
    const first = Math.round(Limits.INITIAL_RTT * 3 + Limits.MAX_ACK_DELAY)
    expect(intervals.slice(0, 3)).toEqual([first, 2 * first, 3000])
    expect(intervals.slice(3)).toEqual(intervals.slice(3).map(() => 3000))
    expect(state().ended).toBeUndefined()
  })

  it("is probed for at once after a disruption, and when a packet of the peer ends a silence", () => {
    const { at, deadline, give, open, transmit } = start()
    open(1200)
    while (transmit() !== undefined);
    at(100)
    expect(deadline()).toBeGreaterThan(100)
    give({ _tag: "Disrupted" })
    expect(offsets(transmit())).toEqual([0])
    expect(transmit()).toBeUndefined()
    at(60_000)
    transmit()
    transmit()
    at(62_000)
    expect(deadline()).toBeGreaterThan(62_000)
    give({ _tag: "Received", number: 5, payload: undefined })
    expect(offsets(transmit())).toEqual([0])
  })

  it("does not measure the new path if it was sent on the old one", () => {
    const { at, give, open, receive, state, transmit } = start()
    open(20_000)
    while (transmit() !== undefined);
    at(20)
    receive(0, ack(0, [0, 0]))
    expect(state().recovery.rtt.smoothed).toBe(20)
    give({ _tag: "PathChanged" })
    expect(state().congestion.window()).toBe(Limits.INITIAL_WINDOW)
    at(25)
    receive(1, ack(0, [0, 2]))
    expect(state().recovery.rtt.smoothed).toBeUndefined()
    expect(state().congestion.window()).toBe(Limits.INITIAL_WINDOW)
    const probe = transmit()?.number ?? 0
    at(125)
    receive(2, ack(0, [probe, probe]))
    expect(state().recovery.rtt.smoothed).toBe(100)
  })

  it("waits for state datagrams, which use up the pacer's tokens", () => {
    const { at, deadline, give, open, transmit } = start()
    open(20_000)
    give({ _tag: "StateSent", number: 0, bytes: 50_000 })
    expect(transmit()).toBeUndefined()
    expect(deadline()).toBeGreaterThan(0)
    at(deadline())
    expect(transmit()).toBeDefined()
  })

  it("subtracts the peer's delay from the round trip, as far as it is plausible", () => {
    const { at, open, receive, state, transmit } = start()
    open(3 * 1200)
    transmit()
    transmit()
    at(30)
    receive(0, ack(0, [0, 0]))
    at(50)
    receive(1, ack(20, [0, 1]))
    expect(state().recovery.rtt.smoothed).toBe(30)
    const packet = transmit()?.number ?? 0
    at(100)
    receive(2, ack(1000, [0, packet]))
    expect(state().recovery.rtt.min).toBe(30)
  })
})

describe("the specification", () => {
  const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex.replaceAll(" ", ""), "hex"))

  it("shows the packets that are sent (docs/spec/streams.md, section 11)", () => {
    const page = Fs.readFileSync(Path.resolve(import.meta.dirname, "../../../docs/spec/streams.md"), "utf8")
    const [first = bytes(""), second = bytes("")] = Array.from(page.matchAll(/^ {4}(80 [0-9a-f ]+)$/gm), ([, hex]) =>
      bytes(hex ?? "")
    )
    const server = start()
    server.give({ _tag: "Open", kind: 1, header: new Uint8Array() })
    server.give({ _tag: "Write", stream: 1, bytes: bytes("68 69") })
    server.give({ _tag: "Finish", stream: 1 })
    expect(server.give({ _tag: "Transmit", number: 7, limit: 1224 })).toEqual([{ _tag: "Packet", payload: first }])

    const client = Streams.init({ role: "Client", now: 0 })
    const step = (input: Streams.Input, now: number) => Streams.machine.step(client, input, now)[1]
    expect(step({ _tag: "Received", number: 7, payload: first }, 0)).toEqual([
      { _tag: "PeerOpened", stream: 1, kind: 1, header: new Uint8Array() },
      { _tag: "Readable", stream: 1 }
    ])
    expect(step({ _tag: "Read", stream: 1, max: 100 }, 0)).toEqual([
      { _tag: "Data", stream: 1, bytes: bytes("68 69"), isEnd: true }
    ])
    step({ _tag: "Finish", stream: 1 }, 2)
    expect(step({ _tag: "Transmit", number: 0, limit: 1224 }, 2)).toEqual([{ _tag: "Packet", payload: second }])
  })
})
