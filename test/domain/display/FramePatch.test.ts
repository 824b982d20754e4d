import { it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { readFileSync } from "node:fs"
import { describe, expect } from "vitest"
import * as FramePatch from "../../../src/domain/display/FramePatch.ts"
import * as Cell from "../../../src/domain/terminal/Cell.ts"
import * as CharWidth from "../../../src/domain/terminal/CharWidth.ts"
import * as Frame from "../../../src/domain/terminal/Frame.ts"
import * as Rendition from "../../../src/domain/terminal/Rendition.ts"
import * as Row from "../../../src/domain/terminal/Row.ts"
import { smallFrames } from "../../support/frames.ts"

const blank = (columns: number, rows: number) => Frame.blank({ columns, rows })

/** The screen as lines of text, a dot for every empty cell. */
const lines = (frame: Frame.Frame) =>
  frame.rows.map((row) =>
    Array.from({ length: Row.columns(row) }, (_, x) =>
      row.words[x * Cell.WORDS] === Cell.EMPTY ? "." : Row.text(row, x)
    ).join("")
  )

const after = (columns: number, rows: number, host: string) => FramePatch.patch(blank(columns, rows), host)

/** Whether a frame keeps every rule of `Row`. */
const wellFormed = (frame: Frame.Frame): boolean =>
  frame.rows.length === frame.size.rows &&
  frame.cursor.row < frame.size.rows &&
  frame.cursor.column < frame.size.columns &&
  frame.rows.every((row) => {
    const columns = Row.columns(row)
    if (columns !== frame.size.columns) return false
    for (let x = 0; x < columns; x++) {
      const glyph = row.words[x * Cell.WORDS] ?? 0
      const next = row.words[(x + 1) * Cell.WORDS]
      const codePoint = Cell.codePointOf(glyph)
      if (glyph === Cell.RIGHT_HALF) {
        if (x === 0 || Cell.widthOf(row.words[(x - 1) * Cell.WORDS] ?? 0) !== 2) return false
      } else if (glyph === Cell.EMPTY) {
        const { background, foreground, link, underline } = Row.rendition(row, x)
        if (foreground !== 0 || underline !== 0 || link !== undefined || background >>> 26 !== 0) return false
      } else {
        const width = Cell.widthOf(glyph)
        if (width !== CharWidth.of(codePoint) || (width === 2 && next !== Cell.RIGHT_HALF)) return false
        if (((glyph & Cell.CLUSTER) !== 0) !== row.clusters?.has(x) && row.clusters !== undefined) return false
      }
    }
    return !row.wraps || row.words[(columns - 1) * Cell.WORDS] !== Cell.EMPTY
  })

/** Text made of pieces that are meaningful to a terminal. */
const PIECES = [
  ..."ab;:0123456789?> !HKXJLMCrmhlq[]P^_\\",
  "\x1b",
  "\x1b[",
  "\x1b]",
  "\x9b",
  "\x9d",
  "\x9c",
  "\x07",
  "\b",
  "\n",
  "\r",
  "\t",
  "\x18",
  "\x7f",
  "\x00",
  "日",
  "👍",
  "\u0301",
  "\u00ad",
  "\ud800",
  "\udc00",
  "\u0378",
  "\x1b[?25l",
  "\x1b[2;3r",
  "\x1b[38;5;",
  "\x1b]52;c;",
  "\x1b]8;;x\x07",
  "99999999999999999999"
] as const
const Hostile = Schema.Array(Schema.Literals(PIECES))

describe("FramePatch", () => {
  it.prop(
    "makes a well-formed frame of the same size of any text",
    [smallFrames, Hostile],
    ([frame, pieces]) => {
      const patched = FramePatch.patch(frame, pieces.join(""))
      expect(patched.size).toEqual(frame.size)
      expect(wellFormed(patched)).toBe(true)
    },
    { arbitrary: { runs: 500, size: 60 } }
  )

  it.prop("makes a well-formed frame of any size", [smallFrames, smallFrames], ([frame, { size }]) => {
    const resized = FramePatch.resize(frame, size)
    expect(resized.size).toEqual(size)
    expect(wellFormed(resized)).toBe(true)
    const rows = Math.min(size.rows, frame.size.rows)
    const isCut = (row: Row.Row | undefined, column: number) =>
      row !== undefined && column === size.columns - 1 && row.words[(column + 1) * Cell.WORDS] === Cell.RIGHT_HALF
    for (let y = 0; y < rows; y++) {
      const [before, now] = [frame.rows[y] as Row.Row, resized.rows[y] as Row.Row]
      for (let column = 0; column < Math.min(size.columns, frame.size.columns); column++)
        if (!isCut(before, column)) expect(Row.cellEquals(before, now, column)).toBe(true)
    }
  })

  it("stops when a host string erases without end", () => {
    const erase = "\x1b[K".repeat(3000)
    expect(lines(after(4096, 1, `${erase}x`))[0]).not.toContain("x")
    expect(lines(after(400, 1, `${erase}x`))[0]).toContain("x")
  })

  it("never lets the bottom row wrap, whatever moves there", () => {
    expect(after(1, 2, "ab\x1b[H\x1b[L").rows.map((row) => row.wraps)).toEqual([false, false])
    const wrapped = after(1, 3, "abc")
    expect(wrapped.rows.map((row) => row.wraps)).toEqual([true, true, false])
    expect(FramePatch.resize(wrapped, { columns: 1, rows: 2 }).rows.map((row) => row.wraps)).toEqual([true, false])
  })

  it("keeps the identity of rows that are not written, even when they move", () => {
    const before = after(10, 4, "one\r\ntwo\r\nthree\r\nfour")
    const patched = FramePatch.patch(before, "\r\nfive")
    expect(patched.rows[0]).toBe(before.rows[1])
    expect(patched.rows[2]).toBe(before.rows[3])
    expect(FramePatch.patch(before, "\r\x1b[4;1Hfour").rows).toBe(before.rows)
  })

  it("bounds its memory by the text, whatever the text claims", () => {
    const long = "9".repeat(1_000_000)
    const host = `\x1b[${long};${long}H\x1b[${long}L\x1b[${long}X\x1b]0;${"t".repeat(1_000_000)}\x07\x1b]52;c;${"A".repeat(2_000_000)}\x07\x1b]8;;${"l".repeat(1_000_000)}\x07${"\x1b]".repeat(200_000)}x`
    const patched = after(10, 4, host)
    expect(patched.title).toHaveLength(254)
    expect(patched.clipboard.size).toBe(0)
    expect(patched.pen.link).toBeUndefined()
  })

  it("drops an unfinished sequence at the end", () => {
    for (const tail of ["\x1b", "\x1b[", "\x1b[3", "\x1b]0;title", "\x1bP", "\ud83d"]) {
      const patched = after(10, 1, `ab${tail}`)
      expect([lines(patched)[0]?.slice(0, 2), patched.title]).toEqual(["ab", undefined])
      expect(lines(FramePatch.patch(patched, "c"))[0]).toContain("c")
    }
  })
})

describe("printing as stock mosh does (spec 8.3)", () => {
  it("wraps only before the next character", () => {
    const full = after(3, 2, "abc")
    expect([full.cursor.column, full.rows[0]?.wraps]).toEqual([2, false])
    const wrapped = after(3, 2, "abcd")
    expect([lines(wrapped), wrapped.rows[0]?.wraps, wrapped.cursor.row]).toEqual([["abc", "d.."], true, 1])
  })

  it("keeps a pending wrap across SGR, modes and an OSC that ends in BEL, and across nothing else", () => {
    for (const kept of ["\x1b[1m", "\x1b[?2004h", "\x1b]8;;x\x07", "\x1b]99;y\x07", "\x1b[4:3m", "\x1b[1:2H"]) {
      expect(lines(after(3, 2, `abc${kept}d`))).toEqual(["abc", "d.."])
    }
    for (const lost of ["\x1b]8;;x\x1b\\", "\x1b[5z", "\x07", "\x1b[r\x1b[1;3H", "\x1b[3G", "\x00", "\x1b[X"]) {
      expect(lines(after(3, 2, `abc${lost}d`))).toEqual(["abd", "..."])
    }
  })

  it("puts a wide character that does not fit on the next row, without a wrap", () => {
    const patched = after(3, 2, "ab日")
    expect([lines(patched), patched.rows[0]?.wraps]).toEqual([["ab.", "日."], false])
  })

  it("never leaves half of a wide character", () => {
    expect(lines(after(4, 1, "日本\x1b[1;1Hx"))).toEqual(["x.本"])
    expect(lines(after(4, 1, "日本\x1b[1;2Hx"))).toEqual([".x本"])
    expect(lines(after(4, 1, "日本\x1b[1;2H語"))).toEqual([".語."])
  })

  it("joins marks to the character before them, up to 32 bytes", () => {
    const marks = "\u0301".repeat(40)
    expect(Row.text(after(4, 1, `a${marks}`).rows[0] as Row.Row, 0)).toBe(`a${"\u0301".repeat(16)}`)
    expect(lines(after(4, 1, "日\u0301x"))).toEqual(["日\u0301x."])
    expect(lines(after(4, 1, "\u0301x"))).toEqual(["\u00a0\u0301x.."])
  })

  it("erases with the background alone", () => {
    const row = after(4, 1, "abcd\x1b[1;4;41m\x1b[1;2H\x1b[K").rows[0] as Row.Row
    expect(Row.rendition(row, 3)).toEqual({ ...Rendition.DEFAULT, background: (1 << 24) | 1 })
  })

  it("reads the parameters of an incomplete colour on their own", () => {
    expect(after(4, 1, "\x1b[38;5m").pen.foreground).toBe(Rendition.BLINK)
    expect(after(4, 1, "\x1b[38;5;300;1m").pen.foreground).toBe(Rendition.BOLD)
  })
})

interface Capture {
  readonly capture: { readonly packets: ReadonlyArray<{ readonly dir: string; readonly diff_text: string }> }
}

describe("a captured session (spec 13.3, 13.5)", () => {
  const { capture } = JSON.parse(readFileSync("test/fixtures/mosh-fixtures.json", "utf8")) as Capture
  const hosts = capture.packets
    .filter(({ dir }) => dir === "S>C")
    .map(({ diff_text }) => /hostbytes "((?:[^"\\]|\\.)*)"/.exec(diff_text)?.[1])
    .filter((host) => host !== undefined)
    .map((host) => JSON.parse(`"${host}"`) as string)

  it("shows what the program printed", () => {
    // Every second host string repeats the previous one, in a state that also acknowledges the echo.
    const distinct = hosts.filter((host, i) => host !== hosts[i - 1])
    const shown = distinct.map((host) => host)
    let frame = FramePatch.resize(blank(80, 24), { columns: 40, rows: 6 })
    for (const host of shown) frame = FramePatch.patch(frame, host)
    expect(lines(frame).map((line) => line.replace(/\.+$/, ""))).toEqual(["", "hi", "hi", "", "", ""])
    expect(frame.cursor).toEqual({ row: 3, column: 0, visible: true, shape: 0 })
  })

  it("begins with a repaint that leaves a blank screen", () => {
    const frame = FramePatch.patch(blank(40, 6), hosts[0] ?? "")
    expect(Frame.equals(frame, blank(40, 6))).toBe(true)
  })
})
