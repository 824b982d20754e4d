import { describe, expect, it } from "@effect/vitest"
import * as HeldLines from "../../../src/domain/client/HeldLines.ts"
import * as VerboseLog from "../../../src/domain/client/VerboseLog.ts"

const START = 5000

const counters: VerboseLog.Facts["counters"] = {
  sent: 4,
  received: 3,
  dropped: {
    oversize: 0,
    short: 0,
    unauthentic: 0,
    misdirected: 0,
    late: 0,
    fragment: 0,
    compression: 0,
    instruction: 0,
    version: 0,
    diff: 0,
    limit: 0
  },
  sendErrors: 0,
  roams: 0,
  retransmissions: 0
}

const facts: VerboseLog.Facts = {
  server: "192.0.2.1:60001",
  lastHeard: -Infinity,
  roundTrip: undefined,
  timeout: 1000,
  pace: 250,
  loss: undefined,
  trouble: undefined,
  isEffectMosh: false,
  screens: 0,
  predicted: { shown: 0, wrong: 0 },
  counters
}

/** A journal that things are told to at times after its start. */
class Book {
  #state = VerboseLog.initial(START)
  at(time: number, event: VerboseLog.Event): ReadonlyArray<string> {
    const [next, lines] = VerboseLog.step(this.#state, event, START + time)
    this.#state = next
    return lines
  }
  statusChanged(time: number, changed: Partial<VerboseLog.Facts>): ReadonlyArray<string> {
    return this.at(time, { _tag: "StatusChanged", facts: { ...facts, ...changed } })
  }
}

describe("VerboseLog", () => {
  it("tells how a session begins, is interrupted, and ends", () => {
    const book = new Book()
    const size = { columns: 80, rows: 24 }
    expect(
      book.at(0, { _tag: "Started", server: "[::1]:60001", size, prediction: "adaptive", terminal: "plain text" })
    ).toEqual(["session with [::1]:60001 by UDP; plain text, 80 columns and 24 rows; prediction adaptive"])
    expect(book.statusChanged(10, {})).toEqual([])
    const heard = { lastHeard: START + 143, isEffectMosh: true, roundTrip: 100 }
    expect(book.statusChanged(143, heard)).toEqual(["first answer after 143 ms; the server is effect-mosh, too"])
    expect(book.statusChanged(200, heard)).toEqual([])
    const trouble = "sendto: Network is unreachable"
    expect(book.statusChanged(3000, { ...heard, trouble })).toEqual([`trouble: ${trouble}`])
    const back = { ...heard, lastHeard: START + 42_143, counters: { ...counters, roams: 1 } }
    expect(book.statusChanged(42_143, back).slice(0, 3)).toEqual([
      "the server answered again after 42 s",
      "took a new local UDP port (number 2)",
      "the trouble is over"
    ])
    expect(book.at(43_000, { _tag: "Resized", size })).toEqual(["the terminal has 80 columns and 24 rows now"])
    expect(book.at(44_000, { _tag: "Leaving", why: "Exiting..." })).toEqual(["leaving: Exiting..."])
    const last = {
      ...facts,
      ...back,
      roundTrip: 350,
      loss: 0.02,
      screens: 1,
      predicted: { shown: 12, wrong: 1 },
      counters: { ...counters, roams: 1, retransmissions: 2, dropped: { ...counters.dropped, late: 2, unauthentic: 1 } }
    }
    expect(book.at(65_000, { _tag: "Ended", how: "the server ended the session", facts: last })).toEqual([
      "ended after 1:05: the server ended the session",
      "total: 4 datagrams sent, 3 received, 2 % lost lately; round trip 100 ms to 350 ms, 350 ms at the end",
      "total: 2 retransmitted, 1 new local port, 0 failed sends; dropped: 1 not authentic, 2 repeated or outdated",
      "total: 1 screen; 12 keys predicted, 1 of them wrong"
    ])
  })

  it("tells every 10 s how it statusChanged in them, and nothing while there are heartbeats only", () => {
    const book = new Book()
    const heard = { lastHeard: START + 40, roundTrip: 43, timeout: 61, pace: 22 }
    book.statusChanged(40, heard)
    expect(book.statusChanged(5000, { ...heard, lastHeard: START + 5000, screens: 20 })).toEqual([])
    const busy = {
      ...heard,
      lastHeard: START + 9999,
      screens: 25,
      counters: { ...counters, sent: 30, received: 40, retransmissions: 1 }
    }
    expect(book.statusChanged(10_000, busy)).toEqual([
      "round trip 43 ms, resends after 61 ms; 25 screens (2.5 a second), own updates at least 22 ms apart; " +
        "30 sent, 40 received, loss unknown; 1 retransmitted; none dropped; 0 predicted, 0 wrong"
    ])
    for (let time = 11_000; time < 120_000; time += 3000) {
      const beat = { ...busy, lastHeard: START + time, counters: { ...busy.counters, sent: time, received: time } }
      expect(book.statusChanged(time, beat)).toEqual([])
    }
    const typed = { ...busy, lastHeard: START + 119_999, predicted: { shown: 5, wrong: 1 } }
    expect(book.statusChanged(120_000, typed)).toEqual([expect.stringContaining("5 predicted, 1 wrong")])
    expect(book.statusChanged(121_000, { ...typed, screens: 60 })).toEqual([])
  })
})

describe("HeldLines", () => {
  it("keeps the newest, and says how many had to go", () => {
    let held = HeldLines.NONE
    expect(HeldLines.toPrint(held)).toEqual([])
    for (let i = 0; i < HeldLines.MOST; i++) held = HeldLines.add(held, `${i}`)
    expect(HeldLines.toPrint(held)).toHaveLength(HeldLines.MOST)
    held = HeldLines.add(held, "one more")
    expect(HeldLines.toPrint(held)[0]).toBe("(1 earlier line is left out)")
    expect(HeldLines.toPrint(held)[1]).toBe("1")
    expect(HeldLines.toPrint(held).at(-1)).toBe("one more")
    expect(held.lines).toHaveLength(HeldLines.MOST)
  })
})
