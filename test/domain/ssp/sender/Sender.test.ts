import { describe, expect, it } from "@effect/vitest"
import * as Sender from "../../../../src/domain/ssp/sender/Sender.ts"
import type { SyncObject } from "../../../../src/domain/ssp/SyncObject.ts"
import * as Timing from "../../../../src/domain/ssp/Timing.ts"
import { SHUTDOWN, type Instruction } from "../../../../src/domain/wire/Instruction.ts"
import * as Note from "../Note.ts"
import { fresh as make, settled, times } from "../senders.ts"

const numbers = (sent: ReadonlyArray<Instruction>) => sent.map(({ oldNumber, newNumber }) => [oldNumber, newNumber])

describe("Sender", () => {
  it("sends nothing before it has an address, and then at once", () => {
    const { input, run, sent } = make({ attached: false })
    run(10_000)
    expect(sent).toEqual([])
    input({ _tag: "Attached", attached: true })
    expect(times(sent)).toEqual([10_000])
    input({ _tag: "Attached", attached: false })
    run(60_000)
    expect(sent.length).toBe(1)
  })

  it("divides a large change into windows, larger ones where nothing is lost, smaller ones where much is", () => {
    const object: SyncObject<string> = {
      ...Note.object,
      advance: (base, target, flight) => target.slice(0, base.length + flight)
    }
    const { acknowledge, publish, run, now, state } = settled({ object })
    publish("x".repeat(1_000_000))
    const reach = () => Sender.newest(state()).state.length - Sender.acknowledged(state()).state.length
    const pass = (millis: number): number => {
      run(now() + millis)
      const reached = reach()
      acknowledge(Sender.newest(state()).number)
      return reached
    }
    // Acknowledged before the retransmission timeout, and then only after it.
    expect([20, 20, 20, 20].map(pass)).toEqual([4096, 8192, 16_384, 16_384])
    expect([500, 500, 500, 500, 500, 500].map(pass)).toEqual([16_384, 8192, 4096, 2048, 1024, 1024])
    expect([20, 20].map(pass)).toEqual([1024, 2048])
  })

  it("announces its features until the peer has acknowledged something", () => {
    const { acknowledge, publish, run, sent, state } = make({ features: 1 })
    publish("a")
    run(1000)
    publish("ab")
    run(2000)
    expect(sent.length).toBeGreaterThan(1)
    expect(sent.every(({ features }) => features === 1)).toBe(true)
    sent.length = 0
    acknowledge(Sender.newest(state()).number)
    publish("abc")
    run(9000)
    expect(sent.length).toBeGreaterThan(1)
    expect(sent.every(({ features }) => features === 0)).toBe(true)
  })

  it("does not count the timeouts of an outage as losses", () => {
    const { acknowledge, input, publish, run, state } = settled()
    const share = state().retransmission.overdue
    publish("a")
    run(20_000)
    expect(state().retransmission.timeouts).toBeGreaterThan(0)
    // The endpoint reports the packet before the acknowledgement in it.
    input({ _tag: "PacketReceived" })
    acknowledge(Sender.newest(state()).number)
    expect(state().retransmission.overdue).toBe(share)
  })

  it("sends a heartbeat every 3 s, each a new state", () => {
    const { run, sent } = make()
    run(10_000)
    expect(times(sent)).toEqual([0, 3000, 6000, 9000])
    expect(sent.map(({ newNumber }) => newNumber)).toEqual([1n, 2n, 3n, 4n])
    expect(sent.every(({ diff }) => diff.length === 0)).toBe(true)
  })

  it("sends the first news after a pause at once, and then waits MINDELAY for more", () => {
    const { run, publish, sent } = settled({ minDelay: 8 })
    publish("a")
    run(1005)
    publish("ab")
    run(1010)
    publish("abc")
    run(1100)
    expect(times(sent)).toEqual([1000, 1013])
    expect(sent.map(({ diff }) => Buffer.from(diff).toString())).toEqual(["0:0:a", "0:0:abc"])
  })

  it("sends continuous output in frames, an interval apart", () => {
    const { run, publish, roundTrip, sent } = settled({ minDelay: 8 })
    roundTrip(100)
    for (let i = 1; i <= 1000; i++) {
      publish("x".repeat(i))
      run(1000 + i)
    }
    const frames = times(sent)
    expect(frames.slice(0, 3)).toEqual([1000, 1009, 1017])
    frames.slice(5).forEach((at, i) => expect([59, 60]).toContain(at - (frames[i + 4] ?? 0)))
    expect(frames.length).toBeLessThanOrEqual(1000 / 50 + 2)
  })

  it("sends output that flickers no more often, although the peer holds half of its frames", () => {
    const { run, publish, roundTrip, sent } = settled({ minDelay: 8 })
    roundTrip(100)
    for (let i = 1; i <= 1000; i++) {
      publish(i % 2 === 0 ? "" : "x")
      run(1000 + i)
    }
    expect(sent.filter(({ diff }) => diff.length === 0).length).toBeGreaterThan(1)
    expect(sent.length).toBeLessThanOrEqual(1000 / 55 + 6)
  })

  it("sends every key of a fast typist, and the response to it, at once, however long the round trip", () => {
    for (const role of ["Client", "Server"] as const) {
      const { hear, run, publish, roundTrip, sent } = settled({ role, minDelay: role === "Client" ? 0 : 8 })
      roundTrip(500)
      const typed: Array<number> = []
      for (let i = 1; i <= 50; i++) {
        run(1000 + 80 * i)
        hear(BigInt(i + 1), true)
        publish("x".repeat(i))
        typed.push(1000 + 80 * i)
      }
      run(5010)
      expect(typed.filter((time) => !times(sent).includes(time))).toEqual([])
    }
  })

  it("behind a deep queue, sends every key of a calm typist at once, and at most ten a second of a held key", () => {
    for (const [gap, isAtOnce] of [
      [110, true],
      [30, false]
    ] as const) {
      const { run, publish, roundTrip, sent } = settled({ role: "Client", minDelay: 0 })
      roundTrip(4000)
      const typed: Array<number> = []
      for (let i = 1; i <= 60; i++) {
        run(1000 + gap * i)
        publish("x".repeat(i))
        typed.push(1000 + gap * i)
      }
      expect(typed.every((time) => times(sent).includes(time))).toBe(isAtOnce)
      expect(sent.length).toBeLessThanOrEqual(12 + (60 * gap) / 100 + 1)
    }
  })

  it("sends keys at once", () => {
    const { run, publish, sent } = settled({ minDelay: Timing.MIN_DELAY_CLIENT })
    publish("a")
    run(1100)
    expect(times(sent)).toEqual([1000])
  })

  it("sends a little news at once after a pause, then paces it", () => {
    const { run, publish, roundTrip, sent } = settled()
    roundTrip(300)
    for (let i = 1; i <= 12; i++) {
      publish("x".repeat(i))
      run(1000 + 30 * i)
    }
    run(3000)
    const news = sent.filter(({ diff }) => diff.length > 0).slice(0, 6)
    // A pause of 30 ms refills a part of the interval of 180 ms, rounded up.
    expect(times(news)).toEqual([1000, 1030, 1060, 1090, 1181, 1361])
  })

  it("does not let acknowledgements hold news back", () => {
    const { hear, run, publish, roundTrip, sent } = settled()
    roundTrip(400)
    hear(2n, true)
    run(1100)
    expect(times(sent)).toEqual([1100])
    run(1101)
    publish("a")
    run(1150)
    expect(times(sent)).toEqual([1100, 1101])
  })

  it("sends news before minor changes, which wait", () => {
    const object: SyncObject<string> = {
      ...Note.object,
      isMinor: (base, target) => base.replaceAll(".", "") === target.replaceAll(".", "")
    }
    const { run, publish, roundTrip, sent } = settled({ object })
    roundTrip(400)
    publish("a")
    run(1010)
    publish("a.")
    run(1100)
    expect(times(sent)).toEqual([1000])
    publish("ab.")
    run(1150)
    expect(times(sent)).toEqual([1000, 1100])
    publish("ab..")
    run(1410)
    expect(times(sent)).toEqual([1000, 1100, 1400])
  })

  it("paces by half a round trip, within 20 and 250 ms", () => {
    expect(Timing.sendInterval(undefined)).toBe(250)
    expect([1, 41, 100, 499, 5000].map(Timing.sendInterval)).toEqual([20, 21, 50, 250, 250])
  })

  it("acknowledges news within 100 ms, and the rest with the next heartbeat", () => {
    const { acknowledge, hear, publish, run, sent, state } = settled()
    publish("a")
    run(1020)
    acknowledge(Sender.newest(state()).number)
    sent.length = 0
    hear(2n, false)
    run(1300)
    expect(sent).toEqual([])
    hear(3n, true)
    run(2000)
    expect(times(sent)).toEqual([1400])
    expect(sent[0]?.acknowledged).toBe(3n)
  })

  it("answers an empty instruction at once if it has been silent itself, and then not again", () => {
    const { hear, run, sent } = settled()
    run(2500)
    hear(2n, false)
    expect(times(sent)).toEqual([2500])
    run(2600)
    hear(3n, false)
    run(5000)
    expect(times(sent)).toEqual([2500])
  })

  it("acknowledges again what is received again a round trip after its acknowledgement", () => {
    const { hear, input, run, sent } = settled()
    hear(2n, true)
    run(1100)
    expect(times(sent)).toEqual([1100])
    const again = () => {
      input({ _tag: "PacketReceived" })
      input({ _tag: "DuplicateNewest" })
    }
    run(1149)
    again()
    run(1160)
    // A replay: no packet was received.
    input({ _tag: "DuplicateNewest" })
    expect(times(sent)).toEqual([1100])
    again()
    expect(times(sent)).toEqual([1100, 1160])
    expect(sent[1]?.acknowledged).toBe(2n)
  })

  it("lets an acknowledgement travel with data", () => {
    const { run, hear, publish, sent } = settled()
    hear(2n, true)
    run(1010)
    publish("a")
    run(1140)
    expect(times(sent)).toEqual([1010])
    expect(sent[0]?.acknowledged).toBe(2n)
  })

  it("prefers the acknowledged state as a base while that costs less than 100 bytes", () => {
    const { run, publish, sent } = settled()
    const base = sent[0]?.oldNumber
    publish("x".repeat(50))
    run(1030)
    publish("x".repeat(80))
    run(1060)
    expect(new Set(numbers(sent).map(([old]) => old)).size).toBe(1)
    publish("x".repeat(2000))
    run(1090)
    publish("x".repeat(2001))
    run(1120)
    expect(sent.at(-1)?.oldNumber).not.toBe(base)
    expect(sent.at(-1)?.oldNumber).toBe(sent.at(-2)?.newNumber)
    expect(Buffer.from(sent.at(-1)?.diff ?? []).toString()).toBe("2000:2000:x")
  })

  it("sends at once that a change was undone", () => {
    const { run, publish, sent } = settled()
    const before = sent.length
    publish("gone")
    run(1030)
    publish("")
    run(1060)
    expect(sent.length - before).toBe(2)
    expect(sent[1]?.diff.length).toBe(0)
    expect(sent[1]?.oldNumber).toBe(sent[0]?.oldNumber)
  })

  it("keeps 32 states and gives up the 17th from the end", () => {
    const { run, publish, state } = settled()
    const first = Sender.acknowledged(state()).number
    for (let i = 1; i <= 40; i++) {
      publish(`${i}`)
      run(1000 + i * 50)
    }
    const kept = state().sent.map(({ number }) => Number(number - first))
    expect(kept.length).toBe(32)
    expect(kept[0]).toBe(0)
    expect(kept.slice(-16)).toEqual(Array.from({ length: 16 }, (_, i) => 25 + i))
    expect(kept.slice(0, 16)).toEqual(Array.from({ length: 16 }, (_, i) => i))
  })

  it("ignores acknowledgements of states that it does not hold", () => {
    const { acknowledge, state, publish, run } = settled()
    publish("a")
    run(1050)
    const before = state().sent
    acknowledge(10_000n)
    acknowledge(SHUTDOWN)
    acknowledge(0n)
    expect(state().sent).toBe(before)
  })

  it("does not spin on a change that the peer cannot be shown", () => {
    const object: SyncObject<string> = {
      ...Note.object,
      diff: (base, target) => Note.object.diff(base.toLowerCase(), target.toLowerCase(), 0)
    }
    const { run, publish, acknowledge, sent, state } = settled({ object })
    publish("a")
    run(1200)
    acknowledge(Sender.newest(state()).number)
    sent.length = 0
    publish("A")
    run(2000)
    expect(sent).toEqual([])
    publish("a")
    run(2500)
    publish("A")
    run(9000)
    expect(sent.length).toBeLessThan(5)
    publish("Ab")
    run(9100)
    expect(Buffer.from(sent.at(-1)?.diff ?? []).toString()).toBe("1:1:b")
  })

  describe("shutting down", () => {
    it("takes 16 tries at send intervals, and reports that the peer did not answer", () => {
      const { input, run, sent, ends, now } = make()
      input({ _tag: "Shutdown" })
      run(4999)
      expect(ends).toEqual([])
      run(5000)
      expect(ends).toEqual(["TimedOut"])
      expect(times(sent)).toEqual(Array.from({ length: 16 }, (_, i) => 250 + i * 250))
      expect(sent.every(({ newNumber }) => newNumber === SHUTDOWN)).toBe(true)
      run(now() + 100_000)
      expect(sent.length).toBe(16)
    })

    it("does not let probes of a silent peer postpone the end", () => {
      const { input, run, ends } = settled({ role: "Client" })
      run(20_000)
      input({ _tag: "Shutdown" })
      run(20_000 + 16 * 20 + 50 + 20)
      expect(ends).toEqual(["TimedOut"])
    })

    it("takes two tries if the peer has never sent anything for seconds", () => {
      const { input, run, sent, ends } = make({ role: "Client" })
      run(2000)
      sent.length = 0
      input({ _tag: "Shutdown" })
      run(2749)
      expect(sent.filter(({ newNumber }) => newNumber === SHUTDOWN)).toHaveLength(2)
      run(2750)
      expect(ends).toEqual(["TimedOut"])
    })

    it("ends at the third refusal in a row", () => {
      const { input, hear, ends } = settled({ role: "Client" })
      for (let i = 0; i < 10; i++) input({ _tag: "Refused" })
      input({ _tag: "Shutdown" })
      input({ _tag: "Refused" })
      input({ _tag: "Refused" })
      hear(1n)
      input({ _tag: "Refused" })
      input({ _tag: "Refused" })
      expect(ends).toEqual([])
      input({ _tag: "Refused" })
      expect(ends).toEqual(["TimedOut"])
    })

    it("always starts from a state that the peer may have", () => {
      const { input, run, publish, sent } = settled()
      publish("x".repeat(5000))
      run(1100)
      input({ _tag: "Shutdown" })
      run(1400)
      expect(sent.every(({ oldNumber }) => oldNumber !== SHUTDOWN)).toBe(true)
    })

    it("gives up after 10 s without an address", () => {
      const { input, run, ends } = make({ attached: false })
      input({ _tag: "Shutdown" })
      run(9999)
      expect(ends).toEqual([])
      run(10_000)
      expect(ends).toEqual(["TimedOut"])
    })

    it("ends when the peer acknowledges it, and ignores later inputs", () => {
      const { input, run, publish, acknowledge, sent, ends } = settled()
      publish("last words")
      input({ _tag: "Shutdown" })
      publish("too late")
      run(1100)
      expect(Buffer.from(sent[0]?.diff ?? []).toString()).toBe("0:0:last words")
      acknowledge(SHUTDOWN)
      expect(ends).toEqual(["Acknowledged"])
      input({ _tag: "Shutdown" })
      publish("dead")
      expect(ends.length).toBe(1)
    })

    it("answers the peer's with one instruction, within a send interval", () => {
      const { hear, run, sent, ends, publish } = settled()
      publish("a")
      run(1000)
      expect(sent.length).toBe(1)
      hear(SHUTDOWN, false)
      run(1100)
      expect(times(sent)).toEqual([1000, 1020])
      expect(sent[1]?.acknowledged).toBe(SHUTDOWN)
      expect(sent[1]?.newNumber).not.toBe(SHUTDOWN)
      expect(ends).toEqual(["PeerShutdown"])
    })
  })
})
