import { describe, expect, it } from "@effect/vitest"
import { type Program, Stage, textOf, wrapsLate } from "./host.ts"

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

  it.each([
    { where: "at the wall", padding: 0 },
    { where: "two columns before it", padding: 2 }
  ])("shows text at once that is typed before a tail which a box cuts off $where", ({ padding }) => {
    const WIDTH = 20
    let text: ReadonlyArray<string> = []
    let at = 0
    const draw = (): string => {
      const shown = text
        .slice(0, WIDTH - padding)
        .join("")
        .padEnd(WIDTH)
      return `\r│${shown}│\r\x1b[${1 + at}C`
    }
    const box: Program = (key) => {
      if (key === "\x1b[D") at--
      else text = text.toSpliced(at++, 0, key)
      return draw()
    }
    const stage = new Stage({ program: box, opening: draw(), size: { columns: 40, rows: 4 } })
    stage.text("bcdefghijklmnopqrstuvwxyz".slice(0, WIDTH - padding - 4), 300)
    for (let i = 0; i < 10; i++) stage.type("\x1b[D", 300)
    const late: Array<number> = []
    for (let i = 0; i < 12; i++) {
      stage.type(String(i % 10), 0)
      if (!textOf(stage.picture, 0).includes("0123456789012345".slice(0, i + 1))) late.push(i)
      stage.wait(300)
    }
    // Until the box has cut something off, it may go on in another row.
    expect(late.length).toBeLessThanOrEqual(4)
    expect(late.every((key) => key < 6)).toBe(true)
    expect(stage.state.counters.wrong).toBe(0)
    for (const { frame, picture } of stage.looks) {
      // The last column before the wall is not predicted.
      const end = WIDTH - padding
      expect(textOf(picture, 0).slice(end + 1)).toBe(textOf(frame, 0).slice(end + 1))
    }
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
