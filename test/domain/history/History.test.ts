import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as CompactRow from "../../../src/domain/history/CompactRow.ts"
import * as History from "../../../src/domain/history/History.ts"
import * as Rendition from "../../../src/domain/terminal/Rendition.ts"
import * as Row from "../../../src/domain/terminal/Row.ts"
import { RowEditor } from "../../../src/domain/terminal/RowEditor.ts"

const textRow = (columns: number, text: string): Row.Row => {
  const editor = new RowEditor(Row.blank(columns))
  editor.write(0, text, Rendition.DEFAULT)
  return editor.row()
}

/** Adds a row as an emulator does that has no `Row`. */
const pushText = (history: History.History, columns: number, text: string, wraps = false): void => {
  const block = History.reserve(history, CompactRow.HEAD + text.length)
  const at = History.endOf(block)
  CompactRow.writeHead(block.bytes, at, columns, wraps, text.length)
  block.bytes.set(new TextEncoder().encode(text), at + CompactRow.HEAD)
  History.commit(history, block, at + CompactRow.HEAD + text.length)
}

const texts = (history: History.History, from = 0): ReadonlyArray<string> =>
  [...History.rows(history, from)].map((row) => Row.line(row))

const Step = Schema.Union([
  Schema.Struct({
    _tag: Schema.Literal("Push"),
    rows: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 40 }))
  }),
  Schema.Struct({ _tag: Schema.Literal("Clear") })
])

describe("History", () => {
  it.prop(
    "holds the newest rows under their numbers, and forgets erased ones, whatever happened before",
    [Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 60 })), Schema.Array(Step)],
    ([capacity, steps]) => {
      const history = History.make(capacity)
      let held: Array<[number, string]> = []
      let end = 0
      let erased = 0
      for (const step of steps) {
        if (step._tag === "Clear") {
          History.clear(history)
          held = []
          erased = end
        } else {
          for (let i = 0; i < step.rows; i++) {
            const text = `row ${end}`
            if (end % 2 === 0) History.push(history, textRow(20, text))
            else pushText(history, 20, text)
            held = [...held, [end++, text] as [number, string]].slice(-capacity)
          }
        }
        expect({ end: history.end, erased: history.erased }).toEqual({ end, erased })
        expect(history.first).toBe(held[0]?.[0] ?? end)
        expect(texts(history)).toEqual(held.map(([, text]) => text))
        for (const [number, text] of held) expect(Row.line(History.row(history, number) as Row.Row)).toBe(text)
        expect(History.row(history, history.first - 1)).toBeUndefined()
        expect(History.row(history, end)).toBeUndefined()
      }
    }
  )

  it("keeps a row that was written to a reserved block like one given as a row", () => {
    const history = History.make(10)
    const wrapping = new RowEditor(textRow(5, "ab cd"))
    wrapping.wraps = true
    const row = wrapping.row()
    History.push(history, row)
    pushText(history, 5, "ab cd", true)
    pushText(history, 5, "\x7fa")
    expect(History.bytes(history, 1)).toEqual(History.bytes(history, 0))
    expect(Row.equals(History.row(history, 1) as Row.Row, row)).toBe(true)
    expect(Row.isBlank(History.row(history, 2) as Row.Row, 0)).toBe(true)
  })

  it("holds 10,000 rows of 80 columns of text in less than 2 MiB", () => {
    const history = History.make(History.DEFAULT_ROWS)
    const text = "x".repeat(80)
    for (let i = 0; i < 25_000; i++) pushText(history, 80, text)
    expect(history.end - history.first).toBe(10_000)
    expect(History.weight(history)).toBeLessThan(2 * 1_048_576)
  })

  it("bounds its memory whatever the rows are", () => {
    const history = History.make(1000)
    const editor = new RowEditor(Row.blank(2000))
    for (let x = 0; x < 2000; x++)
      editor.write(x, "a\u0301", { foreground: ((2 << 24) | x) >>> 0, background: 0, underline: 0, link: undefined })
    const row = editor.row()
    for (let i = 0; i < 1000; i++) History.push(history, row)
    expect(History.weight(history)).toBeLessThan(1000 * 1024 + 256 * 1024)
    expect(history.end).toBe(1000)
    expect(history.first).toBeLessThan(1000)
    expect(Row.equals(History.row(history, 999) as Row.Row, row)).toBe(true)
  })

  it("keeps all rows of a small ring across its blocks", () => {
    const history = History.make(3)
    const text = "y".repeat(400)
    for (let i = 0; i < 1000; i++) {
      pushText(history, 400, text)
      expect(history.end - history.first).toBe(Math.min(i + 1, 3))
    }
  })

  it("reduces its size to what is allowed", () => {
    for (const [rows, capacity] of [
      [0, 1],
      [-5, 1],
      [Number.NaN, 1],
      [2.5, 2],
      [Infinity, History.MAX_ROWS]
    ] as const)
      expect(History.make(rows).capacity).toBe(capacity)
  })
})
