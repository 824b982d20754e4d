import { describe, expect, it } from "vitest"
import * as OwedRows from "../../../../src/domain/display/scrollback/OwedRows.ts"
import * as Row from "../../../../src/domain/terminal/Row.ts"

const rows = (from: number, to: number, columns = 4): ReadonlyArray<OwedRows.HistoryEntry> =>
  Array.from({ length: to - from }, (_, i) => ({ _tag: "Row", number: from + i, row: Row.blank(columns) }))

/** Numbers and counts, without the rows. */
const outline = (owed: OwedRows.OwedRows) =>
  owed.known.map((entry) => (entry._tag === "Row" ? entry.number : [entry.number, entry.count]))

describe("rows that the terminal's history is owed", () => {
  it("are kept once, however often they arrive", () => {
    const once = OwedRows.add(OwedRows.from(0), rows(0, 3))
    expect(outline(OwedRows.add(once, rows(1, 5)))).toEqual([0, 1, 2, 3, 4])
  })

  it("are missing where numbers are skipped, and where the server reports it", () => {
    const skipped = OwedRows.add(OwedRows.from(0), rows(2, 3))
    expect(outline(skipped)).toEqual([[0, 2], 2])
    const reported = OwedRows.add(skipped, [{ _tag: "Missing", number: 1, count: 5 }, ...rows(6, 7)])
    expect(outline(reported)).toEqual([[0, 2], 2, [3, 3], 6])
  })

  it("are forgotten when the program erases the history", () => {
    const cleared = OwedRows.add(OwedRows.from(0), [...rows(0, 5), { _tag: "Cleared", number: 5 }, ...rows(5, 6)])
    expect(outline(cleared)).toEqual([5])
    expect(cleared.next).toBe(5)
  })

  it("are due only above the screen", () => {
    const owed = OwedRows.add(OwedRows.from(0), [...rows(0, 2), { _tag: "Missing", number: 2, count: 10 }])
    expect(OwedRows.due(owed, 1, 100)).toHaveLength(1)
    expect(OwedRows.due(owed, 5, 100).at(-1)).toEqual({ _tag: "Missing", number: 2, count: 3 })
    const rest = OwedRows.dropBelow(owed, 5)
    expect(outline(rest)).toEqual([[5, 7]])
  })

  it("take no more memory than is allowed", () => {
    const { MAX_CELLS, MAX_KNOWN } = OwedRows
    const full = OwedRows.add(OwedRows.from(0), rows(0, MAX_KNOWN))
    expect(OwedRows.hasRoom(full)).toBe(false)
    expect(OwedRows.hasRoom(OwedRows.dropBelow(full, 1))).toBe(true)
    expect(OwedRows.hasRoom(OwedRows.add(OwedRows.from(0), rows(0, MAX_CELLS / 1024, 1024)))).toBe(false)
  })
})
