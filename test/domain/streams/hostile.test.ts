/**
 * A peer with the right key that lies: refused with a reason, in bounded memory.
 */
import { describe, expect, it } from "@effect/vitest"
import * as ByteQueue from "../../../src/domain/streams/ByteQueue.ts"
import * as Limits from "../../../src/domain/streams/Limits.ts"
import type { State } from "../../../src/domain/streams/State.ts"
import * as Streams from "../../../src/domain/streams/Streams.ts"
import type { StreamFrame } from "../../../src/domain/wire/streams/StreamFrame.ts"
import * as StreamPacket from "../../../src/domain/wire/streams/StreamPacket.ts"
import { random } from "../wire/hostile.ts"

/** A server, and a peer that sends it whatever frames it likes. */
const victim = () => {
  let state = Streams.init({ role: "Server", now: 0 })
  let number = 0
  let sent = 0
  let now = 0
  const give = (input: Streams.Input): ReadonlyArray<Streams.Output> => {
    const [next, outputs] = Streams.machine.step(state, input, now)
    state = next
    return outputs
  }
  return {
    state: (): State => state,
    give,
    pass: (ms: number) => void (now += ms),
    send: (...frames: ReadonlyArray<StreamFrame>) =>
      give({ _tag: "Received", number: number++, payload: StreamPacket.encode(frames) }),
    raw: (payload: Uint8Array) => give({ _tag: "Received", number: number++, payload }),
    /** The frames that the server sends now. */
    transmit: (): ReadonlyArray<StreamFrame> => {
      const frames: Array<StreamFrame> = []
      for (;;) {
        const [output] = give({ _tag: "Transmit", number: sent, limit: 1224 })
        if (output?._tag !== "Packet") return frames
        sent++
        frames.push(...(StreamPacket.decode(output.payload) ?? []))
      }
    }
  }
}

/** A STREAM frame; by default one that opens the client's first stream. */
const data = (offset: number, length: number, isFinal = false, stream = 0): StreamFrame => ({
  _tag: "Stream",
  stream,
  offset,
  data: offset === 0 ? new Uint8Array([1, 0, ...new Uint8Array(Math.max(0, length - 2))]) : new Uint8Array(length),
  isFinal
})
const reset = (finalSize: number, stream = 0): StreamFrame => ({ _tag: "ResetStream", stream, code: 1, finalSize })
const ack = (first: number, last: number): StreamFrame => ({ _tag: "Ack", delay: 0, ranges: [{ first, last }] })

describe("a peer that", () => {
  const cases: ReadonlyArray<readonly [what: string, violation: string, frames: ReadonlyArray<StreamFrame>]> = [
    ["acknowledges a packet that was never sent", "acknowledged-unsent", [ack(0, 0)]],
    ["acknowledges one packet too many", "acknowledged-unsent", [ack(0, 2 ** 40)]],
    ["exceeds the window of a stream", "window-exceeded", [data(Limits.INITIAL_STREAM_DATA, 1)]],
    ["exceeds it by a reset", "window-exceeded", [reset(Limits.INITIAL_STREAM_DATA + 1)]],
    ["opens more streams than allowed", "stream-limit-exceeded", [data(0, 2, false, 2 * Limits.INITIAL_STREAMS)]],
    ["opens more by asking to stop", "stream-limit-exceeded", [{ _tag: "StopSending", stream: 2 ** 40, code: 0 }]],
    ["sends on a stream of ours that is not open", "stream-not-open", [data(0, 2, false, 3)]],
    ["sends after the end", "final-size-changed", [data(0, 9, true), data(9, 1)]],
    ["moves the end", "final-size-changed", [data(0, 9, true), data(0, 8, true)]],
    ["ends before what it sent", "final-size-changed", [data(100, 9), data(0, 8, true)]],
    ["sends after a reset", "final-size-changed", [data(0, 9), reset(20), data(20, 1)]],
    ["resets below what it sent", "final-size-changed", [data(0, 9), reset(8)]],
    ["resets beyond the end", "final-size-changed", [data(0, 9, true), reset(10)]],
    [
      "sends an overlong header",
      "malformed-header",
      [{ _tag: "Stream", stream: 0, offset: 0, data: new Uint8Array([1, 0x7f, 0xff]), isFinal: false }]
    ],
    [
      "ends within the header",
      "malformed-header",
      [{ _tag: "Stream", stream: 0, offset: 0, data: new Uint8Array([1, 5, 1]), isFinal: true }]
    ]
  ]

  it.each(cases)("%s ends the streams: %s", (_, violation, frames) => {
    const { give, send, state, transmit } = victim()
    give({ _tag: "Open", kind: 1, header: new Uint8Array() })
    const outputs = send(...frames)
    expect(outputs).toContainEqual({ _tag: "Ended", reason: { _tag: "PeerViolated", violation } })
    expect(state().table.streams.size).toBe(0)
    expect(transmit().map(({ _tag }) => _tag)).toEqual(["Close"])
  })

  it("acknowledges the numbers of state datagrams is accepted, and one number more is not", () => {
    const { give, send, state } = victim()
    for (let number = 0; number < 10; number++) give({ _tag: "StateSent", number, bytes: 100 })
    expect(send(ack(0, 9))).toEqual([])
    expect(send(ack(0, 10))).toContainEqual({
      _tag: "Ended",
      reason: { _tag: "PeerViolated", violation: "acknowledged-unsent" }
    })
    expect(state().ended).toBeDefined()
  })

  it("keeps sending after CLOSE is answered ever more rarely", () => {
    const { send, transmit } = victim()
    send(ack(0, 0))
    let closes = transmit().length
    for (let i = 0; i < 1000; i++) {
      expect(send(data(0, 100))).toEqual([])
      closes += transmit().length
    }
    expect(closes).toBeGreaterThan(5)
    expect(closes).toBeLessThan(15)
    expect(send({ _tag: "Close", code: 0 })).toEqual([])
    expect(transmit()).toEqual([])
  })

  it("closes ends the streams, and is not answered", () => {
    const { send, transmit } = victim()
    send(data(0, 100))
    expect(send({ _tag: "Close", code: 3 })).toEqual([{ _tag: "Ended", reason: { _tag: "ClosedByPeer", code: 3 } }])
    expect(send(data(0, 100))).toEqual([])
    expect(transmit()).toEqual([])
  })

  it("sends frames of a finished stream again is not answered, and cannot open it again", () => {
    const { give, send, state, transmit } = victim()
    send(data(0, 2, true))
    give({ _tag: "Read", stream: 0, max: 10 })
    give({ _tag: "Finish", stream: 0 })
    transmit()
    send(ack(0, 0))
    expect(state().table.streams.size).toBe(0)
    expect(send(data(0, 2, true), data(50_000, 9), reset(4), { _tag: "StopSending", stream: 0, code: 1 })).toEqual([])
    expect([state().ended, state().table.streams.size]).toEqual([undefined, 0])
  })

  it("opens 100,000 streams at once is refused, and nothing of them is kept", () => {
    const { send, state, transmit } = victim()
    for (let i = 0; i < 100_000; i++) send(data(0, 2, false, 2 * i))
    expect([state().ended?.reason, state().table.streams.size]).toEqual([
      { _tag: "PeerViolated", violation: "stream-limit-exceeded" },
      0
    ])
    expect(transmit().map(({ _tag }) => _tag)).toEqual(["Close"])
  })

  it("opens 100,000 streams, and abandons each at once, leaves as many as may be open", () => {
    const { give, send, state, transmit } = victim()
    for (let i = 0; i < 100_000 && state().ended === undefined; i++) {
      send(data(0, 2, false, 2 * i), reset(2, 2 * i))
      give({ _tag: "ResetSending", stream: 2 * i, code: 1 })
      // It acknowledges nothing but the limit of streams, so the resets wait.
      if (i % 16 === 0) transmit()
    }
    expect(state().table.streams.size).toBeLessThanOrEqual(Limits.INITIAL_STREAMS)
    expect(state().ended?.reason).toEqual({ _tag: "PeerViolated", violation: "stream-limit-exceeded" })
  })

  it("sends one byte at the end of every window holds what the windows allow, and no more", () => {
    const { send, state } = victim()
    for (let i = 0; i < Limits.INITIAL_STREAMS; i++) send(data(Limits.INITIAL_STREAM_DATA - 1, 1, false, 2 * i))
    const held = [...state().table.streams.values()].reduce(
      (sum, { receive }) => sum + ByteQueue.capacity(receive.queue),
      0
    )
    expect(held).toBeLessThanOrEqual(Limits.INITIAL_STREAMS * Limits.INITIAL_STREAM_DATA)
    expect(state().ended).toBeUndefined()
  })

  it("leaves a gap after every byte is not acknowledged beyond the gaps that are kept", () => {
    const { send, state, transmit } = victim()
    const dropped: Array<number> = []
    for (let i = 0; i < Limits.RECEIVE_GAPS + 100; i++)
      if (send(data(2 + 2 * i, 1)).some(({ _tag }) => _tag === "Dropped")) dropped.push(i)
    expect(dropped.length).toBe(100)
    expect(state().table.streams.get(0)?.receive.beyond.length).toBe(2 * Limits.RECEIVE_GAPS)
    const acks = transmit().find(({ _tag }) => _tag === "Ack")
    expect(acks).toMatchObject({ ranges: [{ first: 0, last: Limits.RECEIVE_GAPS - 1 }] })
    // Data that fills a gap is still accepted.
    expect(send(data(0, 2)).some(({ _tag }) => _tag === "Dropped")).toBe(false)
  })

  it("leaves a gap after every packet is remembered in few ranges", () => {
    const { give, state, transmit } = victim()
    const payload = StreamPacket.encode([{ _tag: "Ping" }])
    for (let i = 0; i < 5000; i++) give({ _tag: "Received", number: 2 * i, payload })
    expect(state().acks.numbers.length).toBeLessThanOrEqual(2 * Limits.ACK_RANGES)
    expect(transmit()).toHaveLength(1)
  })

  it("acknowledges nothing holds a window of packets, and what the streams buffer", () => {
    const { give, pass, state, transmit } = victim()
    let written = 0
    for (let i = 0; i < Limits.INITIAL_STREAMS; i++) {
      give({ _tag: "Open", kind: 1, header: new Uint8Array() })
      for (const output of give({ _tag: "Write", stream: 2 * i + 1, bytes: new Uint8Array(2e6) }))
        if (output._tag === "Written") written += output.bytes
    }
    // Streams that the peer does not read buffer little beyond its windows, and leave the pool to others.
    const each = Limits.INITIAL_STREAM_DATA + Limits.SEND_AHEAD
    expect(written).toBeLessThanOrEqual(Limits.INITIAL_STREAMS * each)
    expect(state().flow.sendPool).toBeGreaterThanOrEqual(
      Limits.SEND_POOL - Limits.INITIAL_STREAMS * (each - Limits.SEND_BUFFER)
    )
    for (let i = 0; i < 200; i++) {
      transmit()
      pass(3000)
    }
    const { packets } = state().recovery
    expect(packets.slots.length).toBeLessThan(10 + 200 * Limits.PROBES)
  })

  it("sends arbitrary frames never makes a step throw, spin, or miscount", () => {
    const next = random(42)
    const pick = (...values: ReadonlyArray<number>): number => values[Math.floor(next() * values.length)] ?? 0
    const someStream = () => pick(0, 0, 1, 2, 3, 5, 100, 254, 256)
    const frame = (): StreamFrame => {
      const stream = someStream()
      switch (Math.floor(next() * 9)) {
        case 0:
          return { _tag: "Ping" }
        case 1: {
          const first = Math.floor(next() * 12)
          return ack(first, first + Math.floor(next() * 3))
        }
        case 2:
          return reset(pick(0, 9, 3000), stream)
        case 3:
          return { _tag: "StopSending", stream, code: 2 }
        case 4:
          return { _tag: "MaxData", limit: pick(0, 2 ** 24, 2 ** 50) }
        case 5:
          return { _tag: "MaxStreamData", stream, limit: pick(0, 2 ** 16, 2 ** 50) }
        case 6:
          return { _tag: "MaxStreams", limit: pick(0, 200, 2 ** 50) }
        default:
          return data(pick(0, 0, 0, 100, 1000, 30_000, 40_000), Math.floor(next() * 1000), next() < 0.1, stream)
      }
    }
    const ends = new Set<string>()
    for (let session = 0; session < 400; session++) {
      const { give, pass, send, state, transmit } = victim()
      for (let i = 0; i < 60 && state().ended === undefined; i++) {
        if (next() < 0.2) give({ _tag: "Open", kind: pick(1, 2), header: new Uint8Array(pick(0, 5)) })
        if (next() < 0.3) give({ _tag: "Write", stream: someStream(), bytes: new Uint8Array(pick(1, 5000, 200_000)) })
        if (next() < 0.3) give({ _tag: "Read", stream: someStream(), max: pick(1, 1e6) })
        if (next() < 0.05) give({ _tag: "Finish", stream: someStream() })
        if (next() < 0.05) give({ _tag: "ResetSending", stream: someStream(), code: 1 })
        if (next() < 0.05) give({ _tag: "StopReading", stream: someStream(), code: 1 })
        if (next() < 0.05) give({ _tag: next() < 0.5 ? "PathChanged" : "Disrupted" })
        for (const output of send(...Array.from({ length: pick(1, 2, 4) }, frame)))
          if (output._tag === "Ended" && output.reason._tag === "PeerViolated") ends.add(output.reason.violation)
        transmit()
        const { flow, recovery, table } = state()
        const streams = [...table.streams.values()]
        expect(recovery.inFlight).toBe(recovery.packets.slots.reduce((sum, packet) => sum + (packet?.bytes ?? 0), 0))
        expect(flow.sendPool).toBeGreaterThanOrEqual(0)
        expect(flow.receivePool).toBeGreaterThanOrEqual(0)
        const unread = streams.reduce((sum, { receive }) => sum + receive.highest - receive.queue.start, 0)
        const owed = state().ended === undefined ? flow.received - flow.consumed : 0
        expect(unread).toBe(owed)
        pass(pick(0, 1, 30, 500))
      }
    }
    expect([...ends].sort()).toEqual([
      "acknowledged-unsent",
      "final-size-changed",
      "stream-limit-exceeded",
      "stream-not-open",
      "window-exceeded"
    ])
  })
})
