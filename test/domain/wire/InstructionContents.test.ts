import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as Zlib from "node:zlib"
import * as Instruction from "../../../src/domain/wire/Instruction.ts"
import * as InstructionContents from "../../../src/domain/wire/InstructionContents.ts"

const deflate = (bytes: Uint8Array): Uint8Array => Zlib.deflateSync(bytes)
const inflate = (bytes: Uint8Array): Uint8Array | undefined => {
  try {
    return Zlib.inflateSync(bytes)
  } catch {
    return undefined
  }
}

const encoded = (diff: Uint8Array): Uint8Array =>
  Instruction.encode(
    { oldNumber: 1n, newNumber: 2n, acknowledged: 3n, throwaway: 1n, diff, features: 0 },
    new Uint8Array(0)
  )

const Diff = Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 255 }))).check(
  Schema.isMaxLength(200)
)

describe("InstructionContents", () => {
  it.prop("carries every instruction, to every peer", [Diff, Schema.Boolean], ([diff, isUncompressed]) => {
    const instruction = encoded(Uint8Array.from(diff))
    const contents = InstructionContents.encode(instruction, isUncompressed, deflate) ?? new Uint8Array(0)
    expect(Buffer.from(InstructionContents.decode(contents, inflate) ?? "")).toEqual(Buffer.from(instruction))
    if (!isUncompressed) expect(contents).toEqual(deflate(instruction))
  })

  it("compresses what is longer", () => {
    const room = InstructionContents.MAX_UNCOMPRESSED - encoded(new Uint8Array(1)).length + 1
    const longest = encoded(new Uint8Array(room))
    expect(longest).toHaveLength(InstructionContents.MAX_UNCOMPRESSED)
    expect(InstructionContents.encode(longest, true, deflate)).toBe(longest)
    const longer = encoded(new Uint8Array(room + 1))
    expect(InstructionContents.encode(longer, true, deflate)).toEqual(deflate(longer))
    expect(InstructionContents.encode(longer, true, () => undefined)).toBeUndefined()
  })

  it("takes no zlib stream for an instruction: RFC 1950 has headers that are multiples of 31", () => {
    const headers = Array.from({ length: 0x10000 }, (_, header) => header).filter((header) => header % 31 === 0)
    expect(headers.filter((header) => Instruction.isEncoded(Uint8Array.of(header >> 8, header & 0xff)))).toEqual([])
  })

  it("refuses what is neither", () => {
    expect(InstructionContents.decode(Uint8Array.of(0x08, 0x03, 0x10, 0x01), inflate)).toBeUndefined()
    expect(InstructionContents.decode(new Uint8Array(0), inflate)).toBeUndefined()
  })
})
