import { describe, expect, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as CommandFrame from "../../../src/domain/command/CommandFrame.ts"
import * as CommandSignal from "../../../src/domain/command/CommandSignal.ts"

const Frame: Schema.Codec<CommandFrame.CommandFrame> = Schema.Union([
  Schema.TaggedStruct("Errors", { bytes: Schema.Uint8Array.check(Schema.makeFilter((bytes) => bytes.length > 0)) }),
  Schema.TaggedStruct("Exited", { status: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 255 })) }),
  Schema.TaggedStruct("Killed", { signal: Schema.Literals(["KILL", "RTMIN+3", "SEGV"]) }),
  Schema.TaggedStruct("Failed", { reason: Schema.Literals(["", "no such file", "ünïcode"]) }),
  Schema.TaggedStruct("Signal", { signal: Schema.Literals(CommandSignal.FORWARDED) })
])
const Sizes = Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 50 })))

const readAll = (bytes: Uint8Array, sizes: ReadonlyArray<number>) => {
  const decoder = CommandFrame.decoder()
  const frames: Array<CommandFrame.CommandFrame> = []
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] ?? bytes.length
    const read = CommandFrame.read(decoder, bytes.subarray(at, at + size))
    if (Result.isFailure(read)) return read.failure
    frames.push(...read.success)
    expect(decoder.pending.length).toBeLessThanOrEqual(CommandFrame.MAX_BODY + 9)
    at += size
  }
  return frames
}

/** Bytes are equal whatever their class. */
const comparable = (frame: CommandFrame.CommandFrame) =>
  frame._tag === "Errors" ? Buffer.from(frame.bytes).toString("hex") : frame

const failure = (hex: string) => readAll(Buffer.from(hex, "hex"), [1])

describe("CommandFrame", () => {
  it.prop("is read as it was written, however the bytes are cut", [Schema.Array(Frame), Sizes], ([frames, sizes]) => {
    const read = readAll(Buffer.concat(frames.map(CommandFrame.encode)), sizes)
    if (!Array.isArray(read)) throw read
    expect(read.map(comparable)).toEqual(frames.map(comparable))
  })

  it.prop("reads any bytes without throwing", [Schema.Uint8Array, Sizes], ([bytes, sizes]) => {
    expect(readAll(bytes, sizes)).toBeDefined()
  })

  it("cuts long pieces of standard error", () => {
    const bytes = new Uint8Array(3 * CommandFrame.MAX_BODY + 5).map((_, i) => i)
    const read = readAll(CommandFrame.encode({ _tag: "Errors", bytes }), [])
    if (!Array.isArray(read)) throw read
    expect(read.length).toBe(4)
    expect(Buffer.concat(read.map((frame) => (frame._tag === "Errors" ? frame.bytes : bytes)))).toEqual(
      Buffer.from(bytes)
    )
    expect(CommandFrame.encode({ _tag: "Errors", bytes: new Uint8Array() }).length).toBe(0)
  })

  it("is, in the example of docs/spec/command.md, a line of standard error and a status", () => {
    const frames = [
      { _tag: "Errors", bytes: new TextEncoder().encode("no\n") },
      { _tag: "Exited", status: 2 }
    ] as const
    expect(Buffer.concat(frames.map(CommandFrame.encode)).toString("hex")).toBe("01036e6f0a020102")
  })

  it.each([
    ["00", "unknown type"],
    ["06", "unknown type"],
    ["0100", "impossible body"],
    ["0200", "impossible body"],
    ["02020000", "impossible body"],
    ["0304" + Buffer.from("kill").toString("hex"), "impossible body"],
    ["0503" + Buffer.from("KILL").toString("hex").slice(0, 6), "impossible body"],
    ["01ffffffffffffffff", "impossible length"],
    ["0180004001", "too long"]
  ])("refuses %s: %s", (hex, detail) => {
    expect(failure(hex)).toMatchObject({ _tag: "MalformedCommandFrame", detail: expect.stringContaining(detail) })
  })
})
