import { describe, expect, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as CompactRow from "../../../src/domain/history/CompactRow.ts"
import * as Erasure from "../../../src/domain/history/Erasure.ts"
import * as Rendition from "../../../src/domain/terminal/Rendition.ts"
import * as Row from "../../../src/domain/terminal/Row.ts"
import { RowEditor } from "../../../src/domain/terminal/RowEditor.ts"
import { largeFrames, smallFrames } from "../../support/frames.ts"
import { hostile } from "../wire/hostile.ts"
import { rowWellFormed } from "../../fuzz/frame-laws.ts"

const edited = (columns: number, edit: (editor: RowEditor) => void): Row.Row => {
  const editor = new RowEditor(Row.blank(columns))
  edit(editor)
  return editor.row()
}

const decoded = (bytes: Uint8Array): Row.Row => Result.getOrThrow(CompactRow.decode(bytes))

const refusal = (bytes: Uint8Array): string => Result.getOrThrow(Result.flip(CompactRow.decode(bytes)))

/** A compact row by its parts. */
const compact = (
  columns: number,
  text: string | Uint8Array,
  runs: ReadonlyArray<number> = [],
  flags = 0
): Uint8Array => {
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text
  const head = [flags, columns >>> 8, columns & 0xff, bytes.length >>> 8, bytes.length & 0xff]
  return Uint8Array.from([...head, ...bytes, ...runs])
}

describe("CompactRow", () => {
  it.prop("decodes every row of small frames to an equal one", [smallFrames], ([frame]) => {
    for (const row of frame.rows) expect(Row.equals(decoded(CompactRow.encode(row)), row)).toBe(true)
  })

  it.prop("decodes every row of large frames to an equal one", [largeFrames], ([frame]) => {
    for (const row of frame.rows) expect(Row.equals(decoded(CompactRow.encode(row)), row)).toBe(true)
  })

  it.prop(
    "decodes or refuses text without renditions as text in the default one",
    {
      columns: Schema.Literals([1, 2, 7, 8]),
      text: Schema.Array(Schema.Literals([0x00, 0x1b, 0x20, 0x41, 0x41, 0x41, 0x7e, 0x7f, 0x7f, 0x80])).check(
        Schema.isMaxLength(9)
      ),
      flags: Schema.Literals([0, 1, 2])
    },
    ({ columns, flags, text }) => {
      const plain = CompactRow.decode(compact(columns, Uint8Array.from(text), [], flags))
      const run = text.length === 0 ? [] : [Math.min(text.length, columns), 0]
      const other = CompactRow.decode(compact(columns, Uint8Array.from(text), run, flags))
      expect(plain).toEqual(other)
    }
  )

  it("takes 5 bytes more than 80 columns of plain text, and 5 for a blank row", () => {
    const text = "x".repeat(80)
    const row = edited(80, (editor) => editor.write(0, text, Rendition.DEFAULT))
    expect(CompactRow.encode(row).length).toBe(85)
    expect(CompactRow.encode(Row.blank(80)).length).toBe(5)
  })

  it("keeps erased cells apart from spaces, and their background beyond the text", () => {
    const row = edited(20, (editor) => {
      editor.write(0, "a b", Rendition.DEFAULT)
      editor.erase(5, 20, (1 << 24) | 4)
    })
    const again = decoded(CompactRow.encode(row))
    expect(Row.equals(again, row)).toBe(true)
    expect(CompactRow.encode(row).length).toBeLessThan(20)
  })

  it("omits hyperlinks that are never sent to a terminal", () => {
    const link = { params: "", uri: "https://example.com/\x07" }
    const row = edited(4, (editor) => editor.write(0, "link", { ...Rendition.DEFAULT, link }))
    expect(decoded(CompactRow.encode(row)).links).toBeUndefined()
  })

  it("fits any row into its limit, and keeps the text", () => {
    const marks = "\u0301".repeat(16)
    const row = edited(CompactRow.MAX_COLUMNS, (editor) => {
      for (let x = 0; x < CompactRow.MAX_COLUMNS; x++)
        editor.write(x, `a${marks}`, {
          foreground: ((2 << 24) | x) >>> 0,
          background: ((2 << 24) | x) >>> 0,
          underline: 0,
          link: { params: "", uri: `https://example.com/${"x".repeat(1000)}${x}` }
        })
    })
    const bytes = CompactRow.encode(row)
    expect(bytes.length).toBeLessThanOrEqual(CompactRow.MAX_BYTES)
    expect(Row.line(decoded(bytes)).replaceAll("\u0301", "")).toBe("a".repeat(CompactRow.MAX_COLUMNS))
  })

  it("carries how the program erased it, to peers that understand that", () => {
    const row = edited(8, (editor) => editor.write(0, "x👩\u200d🚀", Rendition.DEFAULT))
    for (const erasure of ["Screen", "Rest"] as const) {
      const bytes = CompactRow.encode(row)
      const before = bytes.slice()
      expect(Erasure.of(bytes)).toBe(undefined)
      Erasure.mark(bytes, 0, erasure)
      expect(Erasure.of(bytes)).toBe(erasure)
      expect(Erasure.of(CompactRow.plain(bytes))).toBe(erasure)
      expect(decoded(bytes)).toEqual(decoded(before))
      expect(Erasure.without(bytes)).toEqual(before)
      expect(Erasure.of(bytes)).toBe(erasure)
    }
  })

  it("refuses bytes that encode no row", () => {
    expect(refusal(new Uint8Array())).toBe("unknown flags")
    expect(refusal(compact(8, "x", [], 16))).toBe("unknown flags")
    expect(refusal(compact(8, "x", [], 12))).toBe("a row that was erased twice")
    expect(refusal(compact(8, "\x02👩\u200d🚀", [], 2))).toBe("a cell without an end")
    expect(refusal(compact(8, "\x02\u200d\x00", [], 2))).toBe("a cell whose text cannot be printed")
    expect(refusal(compact(8, "\x01\x1b[2J\x00", [], 2))).toBe("a cell whose text cannot be printed")
    expect(refusal(compact(8, `\x01a${"\u0301".repeat(64)}\x00`, [], 2))).toBe("a cell with too much text")
    expect(refusal(compact(1, "\x02👩\x00", [], 2))).toBe("a text beyond the last column")
    expect(refusal(compact(8, "\x02👩\u200d🚀\x00", [], 0))).toBe("a character that cannot be printed")
    expect(refusal(compact(0, ""))).toBe("a bad number of columns")
    expect(refusal(compact(CompactRow.MAX_COLUMNS + 1, ""))).toBe("a bad number of columns")
    expect(refusal(Uint8Array.of(0, 0, 8, 0, 5, 0x61))).toBe("a text beyond the end")
    expect(refusal(new Uint8Array(CompactRow.MAX_BYTES + 1))).toBe("a row of too many bytes")
    expect(refusal(compact(8, Uint8Array.of(0xff)))).toBe("a text that is not UTF-8")
    for (const text of ["\x1b[2J", "\x07", "\r", "\x00", "\x9b", "\x85"])
      expect(refusal(compact(8, text))).toBe("a character that cannot be printed")
    expect(refusal(compact(8, "\u0301a"))).toBe("a mark without a character")
    expect(refusal(compact(8, "a\x7f\u0301"))).toBe("a mark without a character")
    expect(refusal(compact(8, `a${"\u0301".repeat(20)}`))).toBe("too many marks")
    expect(refusal(compact(2, "abc"))).toBe("a text beyond the last column")
    expect(refusal(compact(3, "漢字"))).toBe("a text beyond the last column")
    expect(refusal(compact(2, "a", [], 1))).toBe("a row that wraps without a last character")
    expect(refusal(compact(2, "a", [0, 0]))).toBe("a malformed run")
    expect(refusal(compact(2, "a", [1]))).toBe("a malformed run")
    expect(refusal(compact(2, "a", [1, 0x20]))).toBe("a malformed run")
    expect(refusal(compact(2, "a", [1, 1, 1]))).toBe("an unknown rendition")
    expect(refusal(compact(2, "a", [1, 1, 0, 0, 0, 1]))).toBe("an unknown rendition")
    expect(refusal(compact(2, "a", [1, 1, 1, 0, 1, 0]))).toBe("an unknown rendition")
    expect(refusal(compact(2, "a", [1, 2, 0x10, 0, 0, 0]))).toBe("an unknown rendition")
    expect(refusal(compact(2, "a", [1, 4, 0x18, 0, 0, 0]))).toBe("an unknown rendition")
    expect(refusal(compact(2, "a", [1, 4, 0x20, 0, 0, 0]))).toBe("an unknown rendition")
    expect(refusal(compact(2, "a\x7f", [2, 1, 1, 0, 0, 1]))).toBe("an empty cell with attributes")
    expect(refusal(compact(2, "a", [3, 2, 1, 0, 0, 1]))).toBe("renditions beyond the last column")
    expect(refusal(compact(4, "漢", [1, 0, 3, 0]))).toBe("a rendition for half a character")
    expect(refusal(compact(4, "a", [1, 0x08, 0, 9, 0x78]))).toBe("a malformed link")
    expect(refusal(compact(4, "a", [1, 0x08, 0, 1, 0x07]))).toBe("a link that no terminal takes")
    expect(refusal(compact(4, "a", [1, 0x08, 0, 0]))).toBe("a link that no terminal takes")
    expect(refusal(compact(4, "a", [1, 0x10]))).toBe("a link that was not sent")
  })

  it("never throws, and yields only well-formed rows", () => {
    const link = { params: "id=1", uri: "https://example.com/" }
    const honest = [
      CompactRow.encode(edited(40, (editor) => editor.write(0, "plain text, and e\u0301 漢字", Rendition.DEFAULT))),
      CompactRow.encode(edited(9, (editor) => editor.write(1, "linked", { ...Rendition.DEFAULT, link }))),
      CompactRow.encode(edited(9, (editor) => editor.erase(2, 9, (1 << 24) | 1)))
    ]
    let good = 0
    for (const bytes of hostile(honest, 20_000)) {
      const row = CompactRow.decode(bytes)
      if (Result.isFailure(row)) continue
      good++
      rowWellFormed(row.success, Row.columns(row.success))
      expect(Row.equals(decoded(CompactRow.encode(row.success)), row.success)).toBe(true)
    }
    expect(good).toBeGreaterThan(0)
    expect(good).toBeLessThan(20_000)
  })
})
