import { describe, expect, it } from "@effect/vitest"
import { Stage, textOf, wrapsLate } from "./host.ts"

describe("predicted echo at the right margin", () => {
  it("shows keys at once at every margin but the first where the terminal wraps", () => {
    const stage = new Stage({ program: wrapsLate, size: { columns: 20, rows: 8 } })
    const late: Array<number> = []
    for (let i = 0; i < 100; i++) {
      stage.type("abcdefghijk"[i % 11] ?? "", 0)
      if (textOf(stage.picture, Math.floor(i / 20)).length <= i % 20) late.push(i)
      stage.wait(110)
    }
    // The first key confirms the echo. At the first margin it is unknown whether the program uses the last two columns.
    expect(late).toEqual([0, 18, 19])
    expect(stage.state.counters.wrong).toBe(0)
  })

  it("shows a line of one repeated letter beyond the margin on a slow link", () => {
    const stage = new Stage({ program: wrapsLate, opening: "$ ", size: { columns: 80, rows: 24 }, rtt: 273 })
    stage.text("x".repeat(100))
    for (let i = 100; i < 200; i++) {
      stage.type("x", 0)
      const typed = i + 1 + "$ ".length
      expect(textOf(stage.picture, Math.floor((typed - 1) / 80)).length).toBe(((typed - 1) % 80) + 1)
      stage.wait(60)
    }
    expect(stage.state.counters.wrong).toBe(0)
  })
})
