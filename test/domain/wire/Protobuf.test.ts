import { describe, expect, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Protobuf from "../../../src/domain/wire/Protobuf.ts"
import { hostile } from "./hostile.ts"

const Field = Schema.Struct({
  field: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 2 ** 29 - 1 })),
  value: Schema.Union([
    Schema.BigInt.check(Schema.isBetweenBigInt({ minimum: 0n, maximum: 2n ** 64n - 1n })),
    Schema.Uint8Array
  ])
})

const read = (bytes: Uint8Array) => {
  const fields: Array<{ field: number; value: Protobuf.Value }> = []
  return Result.map(
    Protobuf.read(bytes, (field, value) => {
      fields.push({ field, value: typeof value === "bigint" ? value : new Uint8Array(value) })
    }),
    () => fields
  )
}

const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text.replaceAll(" ", ""), "hex"))
const isBad = (text: string): boolean => Result.isFailure(read(hex(text)))

describe("Protobuf", () => {
  it("writes a short message into memory of its own length", () => {
    const writer = Protobuf.writer()
    Protobuf.writeVarint(writer, 1, 300)
    const message = Protobuf.finish(writer)
    expect([message.length, message.buffer.byteLength]).toEqual([3, 3])
  })

  it.prop("reads what it writes", [Schema.Array(Field)], ([fields]) => {
    const writer = Protobuf.writer()
    for (const { field, value } of fields) {
      if (typeof value === "bigint") Protobuf.writeVarint(writer, field, value)
      else Protobuf.writeBytes(writer, field, value)
    }
    expect(Result.getOrThrow(read(Protobuf.finish(writer)))).toEqual(
      fields.map(({ field, value }) => ({ field, value: typeof value === "bigint" ? value : new Uint8Array(value) }))
    )
  })

  it.prop(
    "writes a number as it writes the same bigint",
    [Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }))],
    ([value]) => {
      const [a, b] = [Protobuf.writer(), Protobuf.writer()]
      Protobuf.writeVarint(a, 1, value)
      Protobuf.writeVarint(b, 1, BigInt(value))
      expect(Protobuf.finish(a)).toEqual(Protobuf.finish(b))
    }
  )

  it.prop(
    "writes a message in a message as the bytes of one that was written apart",
    [Schema.Array(Field)],
    ([fields]) => {
      const write = (writer: Protobuf.Writer) => {
        for (const { field, value } of fields) {
          if (typeof value === "bigint") Protobuf.writeVarint(writer, field, value)
          else Protobuf.writeBytes(writer, field, value)
        }
      }
      for (const padding of [0, 100, 200, 20_000]) {
        const [whole, apart, outer] = [Protobuf.writer(), Protobuf.writer(), Protobuf.writer()]
        const start = Protobuf.begin(whole, 7)
        for (const writer of [whole, apart]) {
          write(writer)
          Protobuf.writeBytes(writer, 1, new Uint8Array(padding).fill(9))
        }
        Protobuf.end(whole, start)
        Protobuf.writeBytes(outer, 7, Protobuf.finish(apart))
        for (const writer of [whole, outer]) Protobuf.writeVarint(writer, 8, 1)
        expect(Protobuf.finish(whole)).toEqual(Protobuf.finish(outer))
      }
    }
  )

  it.prop(
    "writes text as its UTF-8",
    [Schema.String, Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 130 }))],
    ([text, repeats]) => {
      for (const written of [text, "a".repeat(repeats), text.repeat(repeats)]) {
        const [a, b] = [Protobuf.writer(), Protobuf.writer()]
        Protobuf.writeText(a, 4, written)
        Protobuf.writeBytes(b, 4, new TextEncoder().encode(written))
        expect(Protobuf.finish(a)).toEqual(Protobuf.finish(b))
      }
    }
  )

  it("keeps a message as it is while others are written, whose memory it does not share", () => {
    const message = (value: number, length: number): Uint8Array => {
      const writer = Protobuf.writer()
      Protobuf.writeBytes(writer, 1, new Uint8Array(length).fill(value))
      return Protobuf.finish(writer)
    }
    const lengths = [1, 100, 1000, 10_000, 100]
    const messages = lengths.map((length, i) => message(i, length))
    expect(messages.map((bytes) => bytes.at(-1))).toEqual([0, 1, 2, 3, 4])
    for (const [i, bytes] of messages.entries()) expect(bytes).toEqual(message(i, lengths[i] ?? 0))
  })

  it("skips what it does not know, of every wire type", () => {
    const skipped = ["090102030405060708", "0d01020304", "0b 0801 0c", "0b 13 14 1203616263 0c"]
    for (const bytes of skipped) {
      expect(Result.getOrThrow(read(hex(`${bytes} 1005`)))).toEqual([{ field: 2, value: 5n }])
    }
  })

  it("takes varints modulo 2^64, of ten bytes at most", () => {
    expect(Result.getOrThrow(read(hex("08 ffffffffffffffffff01")))).toEqual([{ field: 1, value: 2n ** 64n - 1n }])
    expect(Result.getOrThrow(read(hex("08 8080808000")))).toEqual([{ field: 1, value: 0n }])
    expect(isBad("08 ffffffffffffffffffff01")).toBe(true)
  })

  it("refuses bytes that are not a message", () => {
    const bad = {
      "an open varint": "08 80",
      "a tag alone": "08",
      "field 0": "00 01",
      "a field above 2^29 - 1": "8080808010 01",
      "bytes beyond the end": "0a 05 01",
      "a length of 2^64 - 1": "0a ffffffffffffffffff01",
      "a cut fixed64": "09 01",
      "a cut fixed32": "0d 010203",
      "wire type 6": "0e 01",
      "wire type 7": "0f 01",
      "an open group": "0b 0801",
      "a group that ends as another": "0b 14",
      "an end without a group": "0c"
    }
    const accepted = Object.entries(bad).filter(([, bytes]) => !isBad(bytes))
    expect(accepted).toEqual([])
  })

  it("refuses deeply nested groups before they cost anything", () => {
    expect(Result.isFailure(read(new Uint8Array(1_000_000).fill(0x0b)))).toBe(true)
  })

  it("stops when the visitor refuses", () => {
    let visited = 0
    const result = Protobuf.read(hex("0801 0802 0803"), () => (++visited === 2 ? "enough" : undefined))
    expect(Result.isFailure(result) && result.failure).toBe("enough")
    expect(visited).toBe(2)
  })

  it("never throws, whatever it reads", () => {
    let good = 0
    for (const bytes of hostile([hex("0802 1000 1801 2000 3208 0a061a0428503018 3a00 8104 0102030405060708")]))
      if (Result.isSuccess(read(bytes))) good++
    expect(good).toBeGreaterThan(0)
    expect(good).toBeLessThan(10_000)
  })

  it("refuses a message of more fields than its reader allows", () => {
    const fields = (count: number) => new Uint8Array(2 * count).map((_, i) => (i % 2 === 0 ? 0x08 : 0x01))
    let visited = 0
    const count = () => void visited++
    expect(Result.isSuccess(Protobuf.read(fields(Protobuf.MAX_FIELDS), count))).toBe(true)
    expect(visited).toBe(Protobuf.MAX_FIELDS)
    expect(Protobuf.read(fields(Protobuf.MAX_FIELDS + 1), count)).toEqual(Result.fail("too many fields"))
    expect(Result.isSuccess(Protobuf.read(fields(3), count, 3))).toBe(true)
    expect(Protobuf.read(fields(4), count, 3)).toEqual(Result.fail("too many fields"))
    // Groups, and what is in them, are fields, too.
    expect(Protobuf.read(new Uint8Array([0x0b, 0x08, 0x01, 0x0c]), count, 2)).toEqual(Result.fail("too many fields"))
  })
})
