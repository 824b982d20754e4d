import { describe, expect, it } from "vitest"
import * as CursorReports from "../../../../src/domain/client/terminal/CursorReports.ts"

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = (typed: ReadonlyArray<Uint8Array>): string =>
  typed.map((piece) => new TextDecoder().decode(piece)).join("")

const separate = (pieces: ReadonlyArray<string>, questions: number, now = 0) => {
  let state = CursorReports.initial
  for (let i = 0; i < questions; i++) state = CursorReports.asked(state, 0)
  const typed: Array<Uint8Array> = []
  const reports: Array<CursorReports.Report> = []
  for (const piece of pieces) {
    const separated = CursorReports.step(state, bytes(piece), now)
    state = separated.state
    typed.push(separated.typed)
    reports.push(...separated.reports)
  }
  return { state, typed: text(typed), reports }
}

describe("answers of a terminal", () => {
  it("are separated from what is typed, however they are split", () => {
    const all = "ls\x1b[12;34R\x1b[A\x1b"
    // An escape at the end of a piece is a key.
    const places = Array.from({ length: all.length + 1 }, (_, at) => at).filter((at) => at !== 3)
    for (const at of places) {
      for (const to of places.filter((place) => place >= at)) {
        const { reports, typed } = separate([all.slice(0, at), all.slice(at, to), all.slice(to)], 1)
        expect({ reports, typed }).toEqual({ reports: [{ row: 12, column: 34 }], typed: "ls\x1b[A\x1b" })
      }
    }
  })

  it("are typed keys where none is expected", () => {
    expect(separate(["\x1b[1;2R"], 0)).toMatchObject({ typed: "\x1b[1;2R", reports: [] })
    expect(separate(["\x1b[5;6R\x1b[1;2R"], 1)).toMatchObject({ typed: "\x1b[1;2R", reports: [{ row: 5, column: 6 }] })
  })

  it("are typed keys if they come too late", () => {
    const late = CursorReports.PATIENCE + 1
    expect(separate(["\x1b[1;2R"], 1, late)).toMatchObject({ typed: "\x1b[1;2R", reports: [] })
  })

  it("hold nothing else back for long", () => {
    expect(separate(["\x1b[", "A"], 1).typed).toBe("\x1b[A")
    expect(separate(["\x1b[1;5", "C"], 1).typed).toBe("\x1b[1;5C")
    expect(separate(["\x1b[123456", "7"], 1).typed).toBe("\x1b[1234567")
  })
})
