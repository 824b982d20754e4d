import { describe, expect, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as HostMessage from "../../../src/domain/wire/HostMessage.ts"
import * as Instruction from "../../../src/domain/wire/Instruction.ts"
import * as ResizeMessage from "../../../src/domain/wire/ResizeMessage.ts"
import * as UserMessage from "../../../src/domain/wire/UserMessage.ts"
import { hostile } from "./hostile.ts"

const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "hex"))
const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex")
const NONE = new Uint8Array(0)

const Uint64 = Schema.BigInt.check(Schema.isBetweenBigInt({ minimum: 0n, maximum: 2n ** 64n - 1n }))
const Size = Schema.Struct({
  columns: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1000 })),
  rows: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1000 }))
})

const FIRST: Instruction.Instruction = {
  oldNumber: 0n,
  newNumber: 1n,
  acknowledged: 0n,
  throwaway: 0n,
  diff: UserMessage.encode([{ _tag: "Resize", size: { columns: 80, rows: 24 } }]),
  features: 0
}
const LAST: Instruction.Instruction = {
  oldNumber: 7n,
  newNumber: Instruction.SHUTDOWN,
  acknowledged: 9n,
  throwaway: 7n,
  diff: NONE,
  features: 0
}

describe("Instruction", () => {
  const Generated = Schema.Struct({
    oldNumber: Uint64,
    newNumber: Uint64,
    acknowledged: Uint64,
    throwaway: Uint64,
    diff: Schema.Uint8Array,
    features: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 2 ** 32 - 1 }))
  })

  it("carries the loss in a field of its own, at most 100 %", () => {
    const decoded = (lost: number) =>
      Result.getOrThrow(Instruction.decode(Instruction.encode({ ...FIRST, features: 1, lost }, NONE))).lost
    expect([0, 1, 29, 100, 1000].map(decoded)).toEqual([undefined, 1, 29, 100, 100])
  })

  it.prop("reads what it writes, whatever the padding", [Generated, Schema.Uint8Array], ([instruction, chaff]) => {
    const read = Result.getOrThrow(Instruction.decode(Instruction.encode(instruction, chaff)))
    expect({ ...read, diff: new Uint8Array(read.diff) }).toEqual({
      ...instruction,
      diff: new Uint8Array(instruction.diff)
    })
  })

  it("is stock's to the byte", () => {
    expect(toHex(Instruction.encode(FIRST, NONE))).toBe("0802100018012000280032080a061a04285030183a00")
    expect(toHex(Instruction.encode(LAST, NONE))).toBe("0802100718ffffffffffffffffff012009280732003a00")
  })

  it("carries its features in a field that stock skips, and only if there are any", () => {
    const extra = toHex(Instruction.encode({ ...LAST, features: 1 }, NONE)).slice(
      toHex(Instruction.encode(LAST, NONE)).length
    )
    expect(extra).toBe("800401")
  })

  it("reads absent fields as zero, and skips unknown ones", () => {
    const expected = { oldNumber: 0n, newNumber: 0n, acknowledged: 0n, throwaway: 0n, diff: NONE, features: 0 }
    expect(Result.getOrThrow(Instruction.decode(hex("0802")))).toEqual(expected)
    expect(Result.getOrThrow(Instruction.decode(hex("4205aaaaaaaaaa4d010203040802")))).toEqual(expected)
  })

  it("refuses other versions, and bytes that are not an instruction", () => {
    const reason = (bytes: Uint8Array) => Result.getOrThrow(Result.flip(Instruction.decode(bytes)))
    expect(reason(hex("0803"))).toBe("version")
    expect(reason(NONE)).toBe("version")
    expect(reason(hex("0802ff"))).toBe("instruction")
    expect(reason(new Uint8Array(Instruction.MAX_BYTES + 1))).toBe("limit")
  })

  it("never throws, whatever it reads", () => {
    let good = 0
    const honest = [Instruction.encode(FIRST, NONE), Instruction.encode({ ...LAST, features: 1 }, hex("c181aeaa"))]
    for (const bytes of hostile(honest)) if (Result.isSuccess(Instruction.decode(bytes))) good++
    expect(good).toBeGreaterThan(0)
    expect(good).toBeLessThan(10_000)
  })
})

describe("UserMessage", () => {
  const Event = Schema.Union([
    Schema.TaggedStruct("Keys", { bytes: Schema.Uint8Array }),
    Schema.TaggedStruct("Resize", { size: Size })
  ])
  const MIXED: ReadonlyArray<UserMessage.UserEvent> = [
    { _tag: "Keys", bytes: new Uint8Array(Buffer.from("ls\r")) },
    { _tag: "Resize", size: { columns: 100, rows: 30 } },
    { _tag: "Keys", bytes: new Uint8Array(Buffer.from("x")) }
  ]
  const copies = (events: ReadonlyArray<UserMessage.UserEvent>) =>
    events
      .map((event) => (event._tag === "Keys" ? { ...event, bytes: new Uint8Array(event.bytes) } : event))
      .filter((event) => event._tag === "Resize" || event.bytes.length > 0)

  it.prop("reads what it writes", [Schema.Array(Event)], ([events]) => {
    expect(copies(Result.getOrThrow(UserMessage.decode(UserMessage.encode(events))))).toEqual(copies(events))
  })

  it("is stock's to the byte", () => {
    expect(toHex(UserMessage.encode(MIXED))).toBe("0a07120522036c730d0a061a042864301e0a051203220178")
    expect(UserMessage.encode([])).toEqual(NONE)
  })

  it("honours one extension of an inner instruction, keys first, as stock does", () => {
    const both = "0a0b1a042864301e1203220178"
    expect(copies(Result.getOrThrow(UserMessage.decode(hex(both))))).toEqual([
      { _tag: "Keys", bytes: new Uint8Array([0x78]) }
    ])
  })

  it("skips fields and extensions that it does not know", () => {
    expect(Result.getOrThrow(UserMessage.decode(hex("120212340a06a206030a01010a00")))).toEqual([])
  })

  it("refuses absurd sizes", () => {
    for (const size of [
      { columns: 0, rows: 24 },
      { columns: 80, rows: 0 },
      { columns: 2 ** 31, rows: 24 },
      { columns: 5000, rows: 1 },
      { columns: 2000, rows: 2000 }
    ]) {
      expect(ResizeMessage.isAdmitted(size)).toBe(false)
      expect(Result.isFailure(UserMessage.decode(UserMessage.encode([{ _tag: "Resize", size }])))).toBe(true)
    }
    expect(Result.isFailure(UserMessage.decode(hex("0a0d1a0b28ffffffffffffffffff01")))).toBe(true)
    expect(Result.isFailure(UserMessage.decode(hex("0a021a00")))).toBe(true)
  })

  it("never throws, whatever it reads", () => {
    let good = 0
    for (const bytes of hostile([UserMessage.encode(MIXED)])) if (Result.isSuccess(UserMessage.decode(bytes))) good++
    expect(good).toBeGreaterThan(0)
    expect(good).toBeLessThan(10_000)
  })
})

describe("HostMessage", () => {
  const Event = Schema.Union([
    Schema.TaggedStruct("HostBytes", { host: Schema.String.check(Schema.isMinLength(1)) }),
    Schema.TaggedStruct("Resize", { size: Size }),
    Schema.TaggedStruct("EchoAck", { number: Uint64 })
  ])
  const MIXED: ReadonlyArray<HostMessage.HostEvent> = [
    { _tag: "EchoAck", number: 300n },
    { _tag: "Resize", size: { columns: 100, rows: 30 } },
    { _tag: "HostBytes", host: "hi" }
  ]

  it.prop(
    "reads what it writes",
    [Schema.Array(Event).check(Schema.isMaxLength(HostMessage.MAX_INSTRUCTIONS))],
    ([events]) => {
      const wellFormed = events.map((event) =>
        event._tag === "HostBytes" ? { ...event, host: event.host.toWellFormed() } : event
      )
      expect(Result.getOrThrow(HostMessage.decode(HostMessage.encode(events)))).toEqual(wellFormed)
    }
  )

  it("is stock's to the byte", () => {
    expect(toHex(HostMessage.encode(MIXED))).toBe("0a053a0340ac020a061a042864301e0a06120422026869")
    expect(HostMessage.encode([])).toEqual(NONE)
  })

  it("keeps a byte order mark, which is text", () => {
    expect(Result.getOrThrow(HostMessage.decode(HostMessage.encode([{ _tag: "HostBytes", host: "\ufeffx" }])))).toEqual(
      [{ _tag: "HostBytes", host: "\ufeffx" }]
    )
  })

  it("refuses absurd sizes and floods of instructions", () => {
    const absurd = HostMessage.encode([{ _tag: "Resize", size: { columns: 0, rows: 1 } }])
    expect(Result.isFailure(HostMessage.decode(absurd))).toBe(true)
    const flood = Array.from({ length: HostMessage.MAX_INSTRUCTIONS + 1 }, () => MIXED[1] as HostMessage.HostEvent)
    expect(Result.isFailure(HostMessage.decode(HostMessage.encode(flood)))).toBe(true)
    expect(Result.isSuccess(HostMessage.decode(HostMessage.encode(flood.slice(1))))).toBe(true)
  })

  it("never throws, whatever it reads", () => {
    let good = 0
    for (const bytes of hostile([HostMessage.encode(MIXED)])) if (Result.isSuccess(HostMessage.decode(bytes))) good++
    expect(good).toBeGreaterThan(0)
    expect(good).toBeLessThan(10_000)
  })
})
