import { describe, expect, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as InputEcho from "../../../src/domain/terminal/InputEcho.ts"
import * as EchoReport from "../../../src/domain/wire/EchoReport.ts"
import { hostile } from "./hostile.ts"

const Report = Schema.Struct({
  echo: Schema.Literals(InputEcho.VALUES),
  place: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 0xffff })),
  input: Schema.BigInt.check(Schema.isBetweenBigInt({ minimum: 0n, maximum: 2n ** 64n - 1n }))
})
const Column = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 0xffff }))

describe("EchoReport", () => {
  it.prop("reads what it writes", [Report], ([report]) => {
    expect(Result.getOrThrow(EchoReport.decode(EchoReport.encode(report)))).toEqual(report)
  })

  it("has the bytes of docs/spec/echo.md", () => {
    const bytes = EchoReport.encode({ echo: "LineEditor", input: 300n, place: 2, column: 13 })
    expect(Buffer.from(bytes).toString("hex")).toBe("080310ac021802200e")
  })

  it.prop("has a column only for the line editor of a shell", [Report, Column], ([report, column]) => {
    const read = Result.getOrThrow(EchoReport.decode(EchoReport.encode({ ...report, column })))
    expect(read).toEqual(report.echo === "LineEditor" ? { ...report, column } : report)
    expect(EchoReport.equals(read, report)).toBe(report.echo !== "LineEditor")
    const far = Buffer.concat([EchoReport.encode(report), Buffer.from("2082808001", "hex")])
    expect(Result.getOrThrow(EchoReport.decode(far))).toEqual(report)
  })

  it("takes a value or a place that it does not know for unknown", () => {
    const far = EchoReport.decode(Buffer.from("080310011880808008", "hex"))
    expect(Result.getOrThrow(far)).toEqual({ echo: "Unknown", place: 0, input: 1n })
    expect(Result.getOrThrow(EchoReport.decode(Buffer.from("08631001", "hex")))).toEqual({
      echo: "Unknown",
      place: 0,
      input: 1n
    })
  })

  it("never throws, whatever it gets, and predicts nothing that it was not sent", () => {
    const honest = [EchoReport.encode({ echo: "Other", input: 7n, place: 0 })]
    let good = 0
    for (const bytes of hostile(honest, 5000)) {
      const read = EchoReport.decode(bytes)
      if (Result.isFailure(read)) continue
      good++
      expect(InputEcho.VALUES).toContain(read.success.echo)
    }
    expect(good).toBeGreaterThan(0)
  })

  it.prop("follows a report of earlier input, and itself", [Report, Report], ([a, b]) => {
    expect(EchoReport.follows(a, a)).toBe(true)
    expect(EchoReport.follows(undefined, b)).toBe(true)
    expect(EchoReport.follows(a, b)).toBe(b.input >= a.input)
    expect(EchoReport.equals(a, b)).toBe(a.echo === b.echo && a.input === b.input && a.place === b.place)
  })
})
