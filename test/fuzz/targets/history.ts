/**
 * History streams: refused, or rows that are well-formed and equal when they are written again, however the bytes are cut.
 */
import * as Result from "effect/Result"
import * as FramePatch from "../../../src/domain/display/FramePatch.ts"
import * as CompactRow from "../../../src/domain/history/CompactRow.ts"
import * as Frame from "../../../src/domain/terminal/Frame.ts"
import * as Row from "../../../src/domain/terminal/Row.ts"
import * as HistoryRecord from "../../../src/domain/wire/streams/HistoryRecord.ts"
import { rowWellFormed } from "../frame-laws.ts"
import { bytesEqual, law, type Target } from "../target.ts"
import * as ScreenTokens from "./screen-tokens.ts"

const decoder = new TextDecoder("utf-8", { ignoreBOM: true })

/** The rows of a screen after a host string, as records. */
const records = (host: Uint8Array): Uint8Array => {
  const { rows } = FramePatch.patch(Frame.blank({ columns: 40, rows: 10 }), decoder.decode(host))
  const encoded = rows.map((row) => HistoryRecord.encode({ _tag: "Row", bytes: CompactRow.encode(row) }))
  return Buffer.concat([...encoded, ...counts])
}

const counts = [
  HistoryRecord.encode({ _tag: "Missing", count: 300 }),
  HistoryRecord.encode({ _tag: "Cleared", count: 0 }),
  HistoryRecord.encode({ _tag: "Cleared", count: 70_000 })
]

/** The records read from the input in pieces of a size; `undefined` if it is refused. */
const readAll = (input: Uint8Array, size: number): ReadonlyArray<HistoryRecord.Received> | undefined => {
  const reader = HistoryRecord.decoder(0)
  const all: Array<HistoryRecord.Received> = []
  for (let at = 0; at < input.length; at += size) {
    const read = HistoryRecord.read(reader, input.subarray(at, at + size))
    if (Result.isFailure(read)) return undefined
    all.push(...read.success)
  }
  return all
}

export const history: Target = {
  what: "history streams",
  seeds: () => ScreenTokens.hostStrings().map((text) => records(text.subarray(0, 1500))),
  tokens: [...counts, CompactRow.encode(Row.blank(80)), Uint8Array.of(0x10), Uint8Array.of(0xc0, 0x1f)],
  maxLength: 4096,
  budget: 300,
  quick: 3000,
  run: (input) => {
    const whole = readAll(input, input.length)
    const pieces = readAll(input, 7)
    law((whole === undefined) === (pieces === undefined), "refused only in one piece, or only in several")
    if (whole === undefined || pieces === undefined) return
    law(whole.length === pieces.length, "another number of records in pieces")
    let next = 0
    whole.forEach((record, i) => {
      const other = pieces[i]
      law(record.number >= next && other?.number === record.number, "a number that goes back")
      next = record.number
      if (record._tag !== "Row") return
      rowWellFormed(record.row, Row.columns(record.row))
      const bytes = CompactRow.encode(record.row)
      const again = Result.getOrThrow(CompactRow.decode(bytes))
      law(Row.equals(again, record.row), "another row when written again")
      law(other._tag === "Row" && bytesEqual(CompactRow.encode(other.row), bytes), "another row in pieces")
    })
  }
}
