import { describe, expect, it } from "@effect/vitest"
import type { Report } from "../../../src/domain/session/EchoSampling.ts"
import * as EchoReports from "../../../src/services/server/EchoReports.ts"

const at = (inputs: number): Report => ({ echo: "Kernel", place: 0, inputs })

describe("EchoReports", () => {
  it("dates a report by the newest client state whose input it counts", () => {
    const reports = EchoReports.make()
    reports.typed(1, 1n)
    reports.typed(3, 2n)
    // A state without input, after another client's.
    reports.typed(5, 4n)
    reports.typed(5, 6n)
    expect([2, 3, 4, 5, 9].map((inputs) => reports.of(at(inputs)).input)).toEqual([1n, 2n, 2n, 6n, 6n])
  })

  it("gives the same value for the same report", () => {
    const reports = EchoReports.make()
    const report = at(1)
    const first = reports.of(report)
    reports.typed(1, 1n)
    expect(reports.of(report)).toBe(first)
    expect(reports.of(at(1)).input).toBe(1n)
  })

  it("adds the column of the shell's marks for its line editor only", () => {
    const reports = EchoReports.make()
    const report = { echo: "LineEditor", place: 1, inputs: 1 } as const
    expect(reports.of(report, 7).column).toBe(7)
    expect(reports.of(report, 7)).toBe(reports.of(report, 7))
    expect(reports.of(report, 9).column).toBe(9)
    expect("column" in reports.of(report)).toBe(false)
    expect("column" in reports.of({ ...at(1), echo: "Other" }, 7)).toBe(false)
  })

  it("counts a report as older than it is if very much was typed since the last one", () => {
    const reports = EchoReports.make()
    for (let state = 1; state <= 1000; state++) reports.typed(state, BigInt(state))
    const { input } = reports.of(at(1000))
    expect(input).toBeGreaterThan(0n)
    expect(input).toBeLessThanOrEqual(1000n)
    reports.typed(1001, 1001n)
    expect(reports.of(at(1001)).input).toBe(1001n)
  })
})
