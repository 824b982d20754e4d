import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import type { PathEstimate } from "../../../../src/domain/ssp/path/PathEstimate.ts"
import * as Retransmission from "../../../../src/domain/ssp/sender/Retransmission.ts"
import * as Sender from "../../../../src/domain/ssp/sender/Sender.ts"
import * as Timing from "../../../../src/domain/ssp/Timing.ts"
import { settled as sender, times } from "../senders.ts"

const path = (changes: Partial<PathEstimate> = {}): PathEstimate => ({
  srtt: 100,
  minRtt: 100,
  rto: 105,
  loss: undefined,
  ...changes
})

describe("Speculative copies", () => {
  it("are not sent where nothing is lost, and are more where more is lost", () => {
    const copies = (loss: number | undefined) => Retransmission.redundancy(Retransmission.NONE, path({ loss }))
    expect([undefined, 0, 0.01].map(copies)).toEqual([1, 1, 1])
    expect([0.02, 0.05, 0.1, 0.29, 0.5, 0.9].map(copies)).toEqual([2, 2, 3, 5, 6, 6])
  })

  it("are not sent where a queue causes the delay", () => {
    const queued = path({ loss: 0.3, srtt: 400, minRtt: 100 })
    expect(Retransmission.redundancy(Retransmission.NONE, queued)).toBe(1)
    expect(Retransmission.timeout(queued, 0)).toBeGreaterThan(400 + Timing.ACK_DELAY)
  })

  it("are sent behind a queue longer than any timeout, at most a window of them per round trip", () => {
    const deep = path({ loss: 0.07, srtt: 4000, minRtt: 50, rto: Timing.RTO_MAX })
    const full = { ...Retransmission.NONE, window: { at: 0, datagrams: Timing.COPY_WINDOW } }
    const next = (changes: Partial<Retransmission.Retransmission>, of = deep) =>
      Retransmission.nextSpeculative({ ...full, ...changes }, of, 1000, 1)
    expect([0, 1, 2, 3].map((speculative) => next({ speculative }))).toEqual([1100, 1150, 2100, 2100])
    // A peer that reports losses is one of ours: copies without end, but no faster than the window opens.
    const reported = (speculative: number) => next({ speculative, peerLoss: 0.07 })
    expect([0, 1, 2, 3, 50].map(reported)).toEqual([1100, 1150, 1225, 1338, 1600])
    expect(next({ speculative: 3, peerLoss: 0.07, window: { at: 1500, datagrams: 0 } })).toBe(1900)
    // Ten in 4 s: the window opens by one in 400 ms.
    expect(next({ window: { at: 990, datagrams: 0 } })).toBe(1390)
    // As stock does, if no loss is known. Never more than one datagram, because more would lengthen the queue.
    expect(next({}, { ...deep, loss: 0 })).toBe(1000 + Timing.RTO_MAX + Timing.ACK_DELAY)
    expect(Retransmission.nextSpeculative(full, deep, 1000, 2)).toBe(Infinity)
  })

  it("are not sent while the window is used up, and open it again within a round trip", () => {
    const copy = (state: Retransmission.Retransmission | undefined, now: number, datagrams: number) =>
      state && Retransmission.speculate(state, path(), now, datagrams)
    const full = copy(Retransmission.NONE, 0, Timing.COPY_WINDOW)
    expect(full).toBeDefined()
    expect(copy(full, 1, 1)).toBeUndefined()
    expect(copy(full, 100, Timing.COPY_WINDOW)).toBeDefined()
  })

  it.prop(
    "never send more than a window of copies in a round trip",
    [
      Schema.Array(
        Schema.Struct({
          after: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 60 })),
          size: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 12 }))
        })
      )
    ],
    ([steps]) => {
      let state = Retransmission.NONE
      let now = 0
      const sent: Array<{ readonly at: number; readonly size: number }> = []
      for (const { after, size } of steps) {
        now += after
        const next = Retransmission.speculate(state, path(), now, size)
        if (next === undefined) continue
        state = next
        sent.push({ at: now, size })
      }
      // A full window may be sent at once, and one more as it opens during the round trip.
      for (const { at } of sent) {
        const within = sent.filter((other) => other.at >= at && other.at < at + 100)
        expect(within.reduce((sum, { size }) => sum + size, 0)).toBeLessThanOrEqual(2 * Timing.COPY_WINDOW)
      }
    }
  )
})

describe("A sender that is not acknowledged", () => {
  it("retransmits after RTO + 120, then ever more slowly, but for a minute at least four times a second", () => {
    const { publish, run, sent } = sender({ role: "Client" })
    publish("a")
    run(75_000)
    const gaps = times(sent)
      .map((at, i, all) => at - (all[i - 1] ?? 0))
      .slice(1)
    expect(times(sent).slice(0, 4)).toEqual([1000, 1170, 1190, 1220])
    expect(gaps.slice(1).every((gap, i) => i === 0 || gap >= (gaps[i] ?? 0))).toBe(true)
    expect(Math.max(...gaps)).toBeLessThanOrEqual(Timing.PROBE_INTERVAL_MIN)
  })

  it("retransmits only with heartbeats once the peer has been silent for a quarter of an hour", () => {
    const { now, publish, run, sent } = sender({ role: "Client" })
    publish("a")
    run(1_000_000)
    expect(sent.length).toBeLessThan(2000)
    sent.length = 0
    run(now() + 60_000)
    expect(sent.length).toBeLessThanOrEqual(20)
  })

  it("uses a new state number once the peer is overdue, because stock takes an old one for no sign of life", () => {
    const { publish, run, sent } = sender({ role: "Client" })
    publish("a")
    run(3000)
    expect(new Set(sent.map(({ newNumber }) => newNumber)).size).toBe(1)
    sent.length = 0
    run(4000)
    run(8000)
    expect(new Set(sent.slice(-10).map(({ newNumber }) => newNumber)).size).toBe(10)
    expect(sent.every(({ diff }) => Buffer.from(diff).toString() === "0:0:a")).toBe(true)
  })

  it("sends copies of small news at once where much is lost, until it is acknowledged", () => {
    const { acknowledge, publish, roundTrip, run, sent, state } = sender({ role: "Client" })
    roundTrip(100, 0.29)
    publish("a")
    run(1080)
    expect(times(sent)).toEqual([1000, 1010, 1025, 1048])
    acknowledge(Sender.newest(state()).number)
    run(1900)
    expect(sent.length).toBe(4)
    expect(state().retransmissions).toBe(3)
  })

  it("sends small news again once per interval when one gap may have taken all copies", () => {
    const { publish, roundTrip, run, sent } = sender({ role: "Client" })
    roundTrip(100, 0.05)
    publish("a")
    run(1500)
    expect(times(sent)).toEqual([1000, 1010, 1120, 1170, 1220, 1270, 1345, 1458])
  })

  it("retransmits large news byte for byte, so that its fragments add up", () => {
    const { hear, publish, roundTrip, run, sent } = sender({ role: "Server" })
    roundTrip(100, 0.1)
    publish("x".repeat(5000))
    run(1005)
    hear(7n, false)
    run(1300)
    expect(sent.length).toBeGreaterThan(3)
    expect(new Set(sent.slice(0, 4).map(({ instruction }) => instruction)).size).toBe(1)
  })

  it("acknowledges in time, however often it retransmits something large", () => {
    const { hear, publish, roundTrip, run, sent } = sender({ role: "Server" })
    roundTrip(20, 0.3)
    publish("x".repeat(5000))
    run(1001)
    hear(7n, true)
    run(1100)
    expect(sent.some(({ acknowledged }) => acknowledged === 7n)).toBe(false)
    run(1101)
    expect(sent.at(-1)?.acknowledged).toBe(7n)
  })

  it("lets an acknowledgement wait longer on a long path, if the peer is one of ours", () => {
    for (const [features, at] of [
      [0, 1100],
      [1, 1250]
    ] as const) {
      const { hear, input, roundTrip, run, sent } = sender()
      input({ _tag: "PeerFeatures", features })
      roundTrip(500)
      hear(2n, true)
      run(2000)
      expect(times(sent)).toEqual([at])
    }
  })

  it("retransmits more than a window only when it is overdue", () => {
    const { publish, roundTrip, run, sent } = sender({ role: "Server" })
    roundTrip(100, 0.29)
    publish("x".repeat(Timing.COPY_WINDOW * Timing.DATAGRAM_BYTES + 1))
    run(1190)
    expect(times(sent)).toEqual([1000])
    run(1230)
    expect(sent.length).toBe(2)
  })

  it("probes at once when it is woken so late that the host must have been suspended", () => {
    const { leap, run, sent } = sender({ role: "Client" })
    const before = sent.length
    leap(1_000_000)
    expect(times(sent.slice(before))).toEqual([1_000_000])
    run(1_001_000)
    expect(times(sent.slice(before))).toEqual([0, 1, 2, 3, 4].map((i) => 1_000_000 + i * Timing.PROBE_INTERVAL_MIN))
  })

  it("when the network changed, retransmits at once what may be lost, and probes", () => {
    const { input, publish, run, sent } = sender({ role: "Client" })
    publish("a")
    run(1010)
    input({ _tag: "PathChanged" })
    expect(times(sent)).toEqual([1000, 1010])
    expect(Buffer.from(sent[1]?.diff ?? []).toString()).toBe("0:0:a")
    run(1300)
    expect(sent.length).toBeGreaterThan(2)
  })

  it("counts what was sent to a former address as lost", () => {
    const { input, publish, run, sent } = sender({ role: "Server" })
    publish("a")
    run(1050)
    input({ _tag: "Attached", attached: true })
    run(1060)
    expect(times(sent)).toEqual([1000, 1050])
    expect(Buffer.from(sent[1]?.diff ?? []).toString()).toBe("0:0:a")
  })
})
