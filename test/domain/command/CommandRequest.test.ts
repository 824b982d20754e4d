import { describe, expect, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as CommandRequest from "../../../src/domain/command/CommandRequest.ts"

const Text = Schema.String.check(Schema.isPattern(/^[^\0]*$/u))
const Name = Schema.String.check(Schema.isPattern(/^[A-Za-z_][A-Za-z0-9_]{0,20}$/))
const What = Schema.Literals(["shell", "command", "subsystem"])
const Sizes = Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 50 })))

/** Reads bytes in pieces of these sizes. */
const read = (bytes: Uint8Array, sizes: ReadonlyArray<number>): CommandRequest.Read | "incomplete" | "malformed" => {
  const reader = CommandRequest.reader()
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] ?? bytes.length
    const result = CommandRequest.read(reader, bytes.subarray(at, at + size))
    at += size
    if (result === "malformed") return result
    if (result !== "incomplete") return { ...result, input: Buffer.concat([result.input, bytes.subarray(at)]) }
  }
  return "incomplete"
}

const encoded = (request: CommandRequest.CommandRequest): Uint8Array =>
  Result.getOrThrow(CommandRequest.encode(request))

const wellFormed = (text: string): string => new TextDecoder().decode(new TextEncoder().encode(text))

describe("CommandRequest", () => {
  it.prop(
    "is read as it was written, and the input after it, however the bytes are cut",
    [What, Text, Schema.Array(Schema.Tuple([Name, Text])), Schema.Uint8Array, Sizes],
    ([what, text, variables, input, sizes]) => {
      const request = {
        what,
        text: wellFormed(text),
        variables: variables.map(([n, v]) => [n, wellFormed(v)] as const)
      }
      const result = read(Buffer.concat([encoded(request), input]), sizes)
      if (typeof result === "string") throw new Error(result)
      expect(result.request).toEqual(request)
      expect(Buffer.compare(result.input, input)).toBe(0)
    }
  )

  it.prop("reads any bytes without throwing", [Schema.Uint8Array, Sizes], ([bytes, sizes]) => {
    expect(read(bytes, sizes)).toBeDefined()
  })

  it("is, in the example of docs/spec/command.md, `id -u` with a variable", () => {
    const bytes = encoded({ what: "command", text: "id -u", variables: [["LANG", "C"]] })
    expect(Buffer.from(bytes).toString("hex")).toBe("0f01056964202d7501044c414e470143")
  })

  it("refuses what no shell could run", () => {
    const refusal = (text: string, variables: ReadonlyArray<readonly [string, string]> = []) =>
      Result.getOrThrow(Result.flip(CommandRequest.encode({ what: "command", text, variables })))
    expect(refusal("a\0b")).toBe("the command contains a NUL")
    expect(refusal("a".repeat(CommandRequest.MAX_TEXT + 1))).toContain("bytes")
    expect(refusal("a", [["A B", ""]])).toContain("A B")
    expect(refusal("a", [["A", "x".repeat(CommandRequest.MAX_VARIABLE)]])).toContain("too long")
    expect(
      refusal(
        "a",
        Array.from({ length: 65 }, (_, i) => [`A${i}`, ""] as const)
      )
    ).toContain("64")
  })

  it.each([
    ["a NUL", "0401010000"],
    ["an unknown kind", "03030000"],
    ["bytes after its end", "0401000000"],
    ["a wrong name", "0701000102412000"],
    ["a length that is too large", "80050000"],
    ["a length beyond 2^53", "ffffffffffffffff"]
  ])("is refused with %s", (_, hex) => {
    expect(read(Buffer.from(hex, "hex"), [])).toBe("malformed")
    expect(read(Buffer.from(hex, "hex"), [1])).toBe("malformed")
  })

  it("takes a command of the longest length", () => {
    const text = "x".repeat(CommandRequest.MAX_TEXT)
    const result = read(encoded({ what: "command", text, variables: [] }), [1000])
    expect(typeof result === "string" ? result : result.request.text === text).toBe(true)
  })
})
