import { describe, expect, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Color from "../../../../src/domain/terminal/Color.ts"
import * as CompactRow from "../../../../src/domain/history/CompactRow.ts"
import * as Row from "../../../../src/domain/terminal/Row.ts"
import * as HistoryRecord from "../../../../src/domain/wire/streams/HistoryRecord.ts"
import { smallFrames } from "../../../support/frames.ts"
import { hostile } from "../hostile.ts"

const decodeAll = (first: number, chunks: ReadonlyArray<Uint8Array>): ReadonlyArray<HistoryRecord.Received> => {
  const decoder = HistoryRecord.decoder(first)
  return chunks.flatMap((chunk) => Result.getOrThrow(HistoryRecord.read(decoder, chunk)))
}

const failure = (bytes: ReadonlyArray<number>, first = 0): HistoryRecord.MalformedHistory =>
  Result.getOrThrow(Result.flip(HistoryRecord.read(HistoryRecord.decoder(first), Uint8Array.from(bytes))))

const cut = (bytes: Uint8Array, sizes: ReadonlyArray<number>): ReadonlyArray<Uint8Array> => {
  const pieces: Array<Uint8Array> = []
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] ?? 1
    pieces.push(bytes.subarray(at, at + size))
    at += size
  }
  return pieces
}

const Counts = Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 100_000 })))
const Sizes = Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 90 })))

describe("HistoryRecord", () => {
  it.prop(
    "yields what was encoded, with its numbers, however the bytes are cut",
    [smallFrames, Counts, Sizes],
    ([frame, counts, sizes]) => {
      const records: ReadonlyArray<HistoryRecord.HistoryRecord> = [
        ...frame.rows.map((row) => ({ _tag: "Row", bytes: CompactRow.encode(row) }) as const),
        ...counts.map((count, i) => ({ _tag: i % 2 === 0 ? "Missing" : "Cleared", count }) as const),
        ...frame.rows.map((row) => ({ _tag: "Row", bytes: CompactRow.encode(row) }) as const)
      ]
      const bytes = Buffer.concat(records.map(HistoryRecord.encode))
      const received = decodeAll(7, cut(bytes, sizes.length === 0 ? [1] : sizes))
      expect(received.length).toBe(records.length)
      let next = 7
      records.forEach((record, i) => {
        const found = received[i] as HistoryRecord.Received
        expect(found._tag).toBe(record._tag)
        if (found._tag === "Row") {
          expect(found.number).toBe(next++)
          expect(Row.equals(found.row, frame.rows[i % frame.rows.length] as Row.Row) || i >= frame.rows.length).toBe(
            true
          )
          expect(CompactRow.encode(found.row)).toEqual((record as { bytes: Uint8Array }).bytes)
        } else if (found._tag === "Missing") {
          expect(found).toEqual({ _tag: "Missing", number: next, count: (record as { count: number }).count })
          next += found.count
        } else {
          next += (record as { count: number }).count
          expect(found.number).toBe(next)
        }
      })
    }
  )

  it("is, in the example of docs/spec/history.md, a row with red text", () => {
    const bytes = Uint8Array.from(Buffer.from("010d00005000026869020101000001", "hex"))
    const [record] = decodeAll(0, [bytes])
    if (record?._tag !== "Row") throw new Error("no row")
    expect([Row.line(record.row), Row.columns(record.row), record.row.wraps]).toEqual(["hi", 80, false])
    expect(Row.rendition(record.row, 1).foreground).toBe(Color.palette(1))
    expect(Row.rendition(record.row, 2).foreground).toBe(Color.DEFAULT)
    expect(HistoryRecord.encode({ _tag: "Row", bytes: CompactRow.encode(record.row) })).toEqual(bytes)
  })

  it("carries the first number in the header", () => {
    for (const first of [0, 63, 64, 100_000, Number.MAX_SAFE_INTEGER])
      expect(Result.getOrThrow(HistoryRecord.decodeHeader(HistoryRecord.encodeHeader(first)))).toBe(first)
    for (const header of [[], [0, 0], [0x40], [0xff, 255, 255, 255, 255, 255, 255, 255]])
      expect(Result.getOrThrow(Result.flip(HistoryRecord.decodeHeader(Uint8Array.from(header)))).reason).toBe("header")
  })

  it("refuses a malformed record, and everything after it", () => {
    expect(failure([0]).reason).toBe("record")
    expect(failure([4, 0]).reason).toBe("record")
    expect(failure([1, 0xff, 255, 255, 255, 255, 255, 255, 255]).reason).toBe("record")
    expect(failure([1, 0x80, 1, 0, 1]).detail).toBe("a record that is too long")
    expect(failure([2, 1, 0]).reason).toBe("number")
    expect(failure([2, 2, 1, 1]).reason).toBe("record")
    expect(failure([2, 0]).reason).toBe("record")
    expect(failure([3, 1, 2], Number.MAX_SAFE_INTEGER - 1).reason).toBe("number")
    expect(failure([1, 5, 0, 0, 80, 0, 0], Number.MAX_SAFE_INTEGER).reason).toBe("number")
    const escape = failure([1, 9, 0, 0, 8, 0, 4, 0x1b, 0x5b, 0x32, 0x4a])
    expect({ reason: escape.reason, detail: escape.detail }).toEqual({
      reason: "row",
      detail: "a character that cannot be printed"
    })
    expect(escape.message).toBe("the server sent a malformed history: a character that cannot be printed")
    const decoder = HistoryRecord.decoder(0)
    expect(Result.isFailure(HistoryRecord.read(decoder, Uint8Array.of(9)))).toBe(true)
    expect(Result.isFailure(HistoryRecord.read(decoder, HistoryRecord.encode({ _tag: "Missing", count: 1 })))).toBe(
      true
    )
  })

  it("holds no more than one record of a stream that never completes one", () => {
    const decoder = HistoryRecord.decoder(0)
    HistoryRecord.read(decoder, Uint8Array.of(1, 0x80, 1, 0, 0))
    for (let i = 0; i < 65_535; i++) HistoryRecord.read(decoder, Uint8Array.of(0))
    expect(decoder.pending.length).toBeLessThanOrEqual(CompactRow.MAX_BYTES + 5)
    expect(decoder.failure).toBeUndefined()
    expect(Result.isFailure(HistoryRecord.read(decoder, Uint8Array.of(0)))).toBe(true)
    expect(decoder.pending.length).toBe(0)
  })

  it("never throws, whatever it reads, and counts upwards", () => {
    const honest = [
      Buffer.concat([
        HistoryRecord.encode({ _tag: "Row", bytes: CompactRow.encode(Row.blank(80)) }),
        HistoryRecord.encode({ _tag: "Missing", count: 5000 }),
        HistoryRecord.encode({ _tag: "Cleared", count: 0 })
      ])
    ]
    let good = 0
    for (const bytes of hostile(honest, 10_000)) {
      const decoder = HistoryRecord.decoder(3)
      let next = 3
      for (const chunk of cut(bytes, [5])) {
        const read = HistoryRecord.read(decoder, chunk)
        if (Result.isFailure(read)) break
        for (const record of read.success) {
          expect(record.number).toBeGreaterThanOrEqual(next)
          next = record.number
          good++
        }
      }
    }
    expect(good).toBeGreaterThan(0)
  })
})
