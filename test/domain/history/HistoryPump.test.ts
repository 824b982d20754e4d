import { describe, expect, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as HistoryPump from "../../../src/domain/history/HistoryPump.ts"
import * as History from "../../../src/domain/history/History.ts"
import * as Rendition from "../../../src/domain/terminal/Rendition.ts"
import * as Row from "../../../src/domain/terminal/Row.ts"
import { RowEditor } from "../../../src/domain/terminal/RowEditor.ts"
import * as HistoryRecord from "../../../src/domain/wire/streams/HistoryRecord.ts"

const push = (history: History.History, count: number): void => {
  for (let i = 0; i < count; i++) {
    const editor = new RowEditor(Row.blank(20))
    editor.write(0, `row ${history.end}`, Rendition.DEFAULT)
    History.push(history, editor.row())
  }
}

/** A client that reads what the pump sends. */
const client = (history: History.History) => {
  const pump = HistoryPump.make(history, 0)
  const decoder = HistoryRecord.decoder(pump.reader.next)
  const received: Array<HistoryRecord.Received> = []
  let now = 0
  /** One round after so many ms; whether something was sent. */
  const round = (after = HistoryPump.ROUND, isLast = false, isResumed = false): boolean => {
    now += after
    if (isResumed) HistoryPump.resumed(pump, now)
    const bytes = HistoryPump.next(history, pump, now, isLast)
    if (bytes === undefined) return false
    received.push(...Result.getOrThrow(HistoryRecord.read(decoder, bytes)))
    return true
  }
  const drain = (): void => {
    while (round(0, true));
    expect(HistoryPump.isIdle(history, pump)).toBe(true)
  }
  return { round, drain, received, isIdle: () => HistoryPump.isIdle(history, pump) }
}

const text = (record: HistoryRecord.Received): string =>
  record._tag === "Row" ? Row.line(record.row) : record._tag === "Missing" ? `${record.count} missing` : "cleared"

const named = (from: number, to: number): ReadonlyArray<string> =>
  Array.from({ length: to - from }, (_, i) => `row ${from + i}`)

const Step = Schema.Union([
  Schema.Struct({
    _tag: Schema.Literal("Push"),
    count: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 300 }))
  }),
  Schema.Struct({ _tag: Schema.Literal("Clear") }),
  Schema.Struct({ _tag: Schema.Literal("Round"), after: Schema.Literals([20, 20, 25, 90, 400]) })
])
/** What a program prints, and how long it pauses then, ms. */
const Printed = Schema.Array(
  Schema.Struct({
    rows: Schema.Literals([0, 1, 90, 101, 900, 1000, 4000]),
    pause: Schema.Literals([0, 3, 20, 40, 100, 300, 700])
  })
)

describe("HistoryPump", () => {
  it.prop(
    "sends each row once, in order, or counts it, whatever happens meanwhile",
    [Schema.Array(Step)],
    ([steps]) => {
      const history = History.make(150)
      push(history, 10)
      const { drain, received, round } = client(history)
      for (const step of steps) {
        if (step._tag === "Push") push(history, step.count)
        else if (step._tag === "Clear") History.clear(history)
        else round(step.after)
      }
      drain()
      let next = 0
      for (const record of received) {
        expect(record.number).toBeGreaterThanOrEqual(next)
        if (record._tag !== "Cleared") expect(record.number).toBe(next)
        if (record._tag === "Row") expect(Row.line(record.row)).toBe(`row ${next}`)
        next = record.number + (record._tag === "Row" ? 1 : record._tag === "Missing" ? record.count : 0)
      }
      expect(next).toBe(history.end)
      const kept = received.filter(({ number }) => number >= history.first).filter(({ _tag }) => _tag === "Row")
      expect(kept.map(text)).toEqual(named(history.first, history.end))
    }
  )

  it.prop(
    "sends no more of a flood than is worth sending in its pauses, and one batch",
    [Printed],
    ([printed]) => {
      const history = History.make(5000)
      const { received, round } = client(history)
      let now = 0
      let due = 0
      for (const { pause, rows } of printed) {
        push(history, rows)
        now += pause
        for (; due <= now; due += HistoryPump.ROUND) round()
      }
      const rows = received.filter(({ _tag }) => _tag === "Row").length
      expect(rows).toBeLessThanOrEqual(HistoryPump.WORTH_SENDING * (now + HistoryPump.ROUND) + 65_536 / 15)
    },
    { arbitrary: { runs: 50 } }
  )

  it("sends all rows in the round after they came, once a program has printed for a while without a flood", () => {
    for (const after of [HistoryPump.ROUND, 200]) {
      const history = History.make(10_000)
      const { received, round } = client(history)
      round(HistoryPump.STEADY + HistoryPump.CALM)
      for (let i = 1; i <= 20; i++) {
        push(history, after * HistoryPump.FLOOD)
        round(after)
        expect(received.length).toBe(i * after * HistoryPump.FLOOD)
      }
    }
  })

  it("sends at once what has few rows in each round, and waits for a while with what may be the beginning of a flood", () => {
    for (const rows of [HistoryPump.FEW, HistoryPump.FEW + 1, HistoryPump.ROUND * HistoryPump.FLOOD]) {
      const history = History.make(100_000)
      const { isIdle, received, round } = client(history)
      round(10_000, false, true)
      // In the last round before `STEADY` the rows may still begin one.
      const first =
        rows > HistoryPump.FEW ? HistoryPump.STEADY - HistoryPump.ROUND + HistoryPump.CALM : HistoryPump.ROUND
      for (let at = HistoryPump.ROUND; at < 1000; at += HistoryPump.ROUND) {
        push(history, rows)
        round()
        expect(isIdle()).toBe(at >= first)
      }
      expect(received.map(text)).toEqual(named(0, history.end))
      const listing = client(history)
      listing.drain()
      listing.round(10_000, false, true)
      push(history, rows)
      listing.round()
      listing.round(HistoryPump.CALM)
      expect(listing.isIdle()).toBe(true)
    }
  })

  it("takes many rows at once after a time without any for a flood", () => {
    const history = History.make(10_000)
    const { received, round } = client(history)
    round()
    push(history, 1000)
    expect(round(60_000, false, true)).toBe(false)
    push(history, 1000)
    expect(round()).toBe(false)
    expect(round(100)).toBe(true)
    expect(received.length).toBe(2000)
  })

  it("sends nothing in the short pauses of a flood", () => {
    const history = History.make(2000)
    const { received, round } = client(history)
    for (let i = 0; i < 10; i++) {
      for (let j = 0; j < 3; j++) {
        push(history, 1000)
        round()
      }
      for (let calm = 0; calm < 60; calm += HistoryPump.ROUND) expect(round()).toBe(false)
    }
    expect(round()).toBe(false)
    while (round());
    expect(received.map(text)).toEqual(["28000 missing", ...named(28_000, 30_000)])
  })

  it("sends few rows at once", () => {
    const history = History.make(1000)
    const { isIdle, received, round } = client(history)
    push(history, 3)
    expect(round()).toBe(true)
    expect(received.map(text)).toEqual(named(0, 3))
    expect(isIdle()).toBe(true)
    expect(round()).toBe(false)
  })

  it("sends nothing during a flood, and after it one count and the whole ring", () => {
    const history = History.make(1000)
    const { isIdle, received, round } = client(history)
    for (let i = 0; i < 100; i++) {
      push(history, 500)
      expect(round()).toBe(false)
      expect(isIdle()).toBe(false)
    }
    expect(round()).toBe(false)
    expect(round(1000 / HistoryPump.WORTH_SENDING - HistoryPump.ROUND)).toBe(true)
    while (round());
    expect(received.map(text)).toEqual(["49000 missing", ...named(49_000, 50_000)])
  })

  it("begins with the oldest row that is kept", () => {
    const history = History.make(100)
    push(history, 250)
    const { drain, received } = client(history)
    drain()
    expect(received[0]).toMatchObject({ _tag: "Row", number: 150 })
    expect(received.length).toBe(100)
  })

  it("marks rows that the program erased, for a client that understands that", () => {
    const history = History.make(10)
    push(history, 1)
    History.markErased(history, "Screen")
    push(history, 1)
    const sentTo = (erasures: boolean) => {
      const bytes = HistoryPump.next(history, HistoryPump.make(history, 0, { widths: true, erasures }), 0, true)
      const records = Result.getOrThrow(HistoryRecord.read(HistoryRecord.decoder(0), bytes ?? new Uint8Array()))
      return records.map((record) => (record._tag === "Row" ? [Row.line(record.row), record.erasure] : []))
    }
    expect(sentTo(true)).toEqual([
      ["row 0", "Screen"],
      ["row 1", undefined]
    ])
    expect(sentTo(false)).toEqual([
      ["row 0", undefined],
      ["row 1", undefined]
    ])
  })

  it("sends no more than a batch in a round", () => {
    const history = History.make(10_000)
    push(history, 10_000)
    const { received, round } = client(history)
    expect(round()).toBe(true)
    expect(received.length).toBeLessThan(5000)
  })
})
