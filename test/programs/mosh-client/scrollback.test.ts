/** The session's rows in the history of the user's terminal: with real programs, through a real server. */
import { describe, expect, it } from "vitest"
import { requirePrograms } from "../../support/peers.ts"
import { enter, person } from "./person.ts"

/** Rows of numbers alone. */
const numbersOf = (rows: ReadonlyArray<string>): ReadonlyArray<number> =>
  rows.filter((row) => /^\d+$/.test(row)).map(Number)

const range = (from: number, to: number): ReadonlyArray<number> =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i)

describe("the history of the user's terminal", { timeout: 120_000 }, () => {
  it("holds what was there before, then every row of the session once and in order", async (context) => {
    requirePrograms(context, "tmux")
    await using someone = await person({ server: "ours" })
    const { terminal } = someone
    await terminal.type("echo bef''ore\r")
    await terminal.see("before")
    await terminal.type(`${someone.client}\r`)
    await terminal.until("the prompt", ({ text }) => text.findLast((row) => row !== "") === "$")
    await terminal.type("seq 1 3000\r")
    const rows = await terminal.untilAll("all rows", (all) => numbersOf(all).length >= 3000)
    expect(numbersOf(rows)).toEqual(range(1, 3000))
    expect(rows.indexOf("before")).toBeGreaterThan(-1)
    expect(rows.indexOf("before")).toBeLessThan(rows.indexOf("1"))

    // At the end the last screen stays, and the prompt of the outer shell is below it.
    await terminal.type("exit\r")
    const last = await terminal.until("the outer shell", ({ text }) => text.findLast((row) => row !== "") === "outer>")
    expect(last.alternate).toBe(false)
    expect(last.text.slice(last.text.indexOf("3000"))).toEqual(
      expect.arrayContaining(["3000", "$ exit", "[mosh is exiting.]", "outer>"])
    )
  })

  it("holds the newest 10,000 rows of a flood, also on a lossy link, and one line for those that are missing", async (context) => {
    requirePrograms(context, "tmux")
    await using someone = await person({ server: "ours", weather: { delay: 50, loss: 0.1 } })
    const { terminal } = someone
    await enter(someone)
    await terminal.type("seq 1 3000\r")
    const few = await terminal.untilAll("the first rows", (all) => numbersOf(all).length >= 3000)
    expect(numbersOf(few)).toEqual(range(1, 3000))
    // The terminal's history is erased too.
    await terminal.type("printf '\\033[3J'; clear; seq 1 200000; echo do''ne\r")
    const rows = await terminal.untilAll(
      "all rows",
      (all) => all.includes("done") && numbersOf(all).at(-10_000) === 190_001,
      60_000
    )
    const numbers = numbersOf(rows)
    expect(numbers.slice(-10_000)).toEqual(range(190_001, 200_000))
    expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b))
    const missing = rows
      .filter((row) => row.startsWith("[mosh: "))
      .map((row) => Number(/^\[mosh: ([\d,]+) lines are missing\]$/.exec(row)?.[1]?.replaceAll(",", "")))
    // The line with the command may be among them.
    const rest = 200_000 - numbers.length
    expect([rest, rest + 1]).toContain(missing.reduce((sum, count) => sum + count, 0))
  })

  it("holds what a program printed just before it ended, also with --no-init", async (context) => {
    requirePrograms(context, "tmux")
    await using someone = await person({ server: "ours", variables: { MOSH_NO_TERM_INIT: "1" } })
    const { terminal } = someone
    await enter(someone)
    await terminal.type("seq 1 5000; exit\r")
    await terminal.until("the outer shell", ({ text }) => text.findLast((row) => row !== "") === "outer>")
    expect(numbersOf(await terminal.all())).toEqual(range(1, 5000))
  })

  it("is left alone by programs on the alternate screen, and by a suspension", async (context) => {
    requirePrograms(context, "tmux", "less")
    await using someone = await person({ server: "ours" })
    const { terminal } = someone
    await enter(someone)
    await terminal.type("seq 1 100\r")
    await terminal.untilAll("all rows", (all) => numbersOf(all).length >= 100)
    await terminal.type("seq 1001 2000 | less\r")
    await terminal.until("less", ({ alternate, text }) => alternate && text.includes("1005"))
    await terminal.type("  q")
    await terminal.until("the prompt", ({ alternate }) => !alternate)
    await terminal.type("\x1e\x1a")
    await terminal.see("[mosh is suspended.]")
    await terminal.type("fg\r")
    await terminal.until("the session", ({ text }) => text.some((row) => row === "$"))
    await terminal.type("seq 101 200\r")
    const rows = await terminal.untilAll("all rows", (all) => numbersOf(all).length >= 200)
    expect(numbersOf(rows)).toEqual(range(1, 200))
  })

  it("loses no row when the terminal is resized", async (context) => {
    requirePrograms(context, "tmux")
    await using someone = await person({ server: "ours" })
    const { terminal } = someone
    await terminal.resize({ columns: 80, rows: 24 })
    await enter(someone)
    await terminal.type("seq 1 100\r")
    await terminal.untilAll(
      "all rows",
      (all) => numbersOf(all).length >= 100 && all.findLast((row) => row !== "") === "$"
    )
    // Only between two outputs: rows are lost that are drawn after tmux resized its screen and before the client learns it.
    for (const [columns, rows] of [
      [60, 20],
      [100, 40],
      [80, 12],
      [80, 24]
    ] as const) {
      await terminal.resize({ columns, rows })
      await terminal.type("stty size\r")
      await terminal.until("the answer and the prompt", ({ text }) => {
        const last = text.findLastIndex((row) => row !== "")
        return text[last] === "$" && text[last - 1] === `${rows} ${columns}`
      })
    }
    await terminal.type("seq 101 200\r")
    // Rows that are there twice are counted once.
    const rows = await terminal.untilAll("all rows", (all) => new Set(numbersOf(all)).size >= 200)
    expect(new Set(numbersOf(rows))).toEqual(new Set(range(1, 200)))
  })

  it("is not used with --scrollback=off, nor with a stock server", async (context) => {
    requirePrograms(context, "tmux", "mosh-server")
    for (const options of [{ server: "ours", variables: { MOSH_SCROLLBACK: "off" } }, { server: "stock" }] as const) {
      await using someone = await person(options)
      const { terminal } = someone
      await enter(someone)
      const { alternate } = await terminal.until("the session", () => true)
      expect(alternate).toBe(true)
    }
  })
})
