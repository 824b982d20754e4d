import { describe, expect, it } from "vitest"
import * as Cell from "../../../src/domain/terminal/Cell.ts"
import * as Rendition from "../../../src/domain/terminal/Rendition.ts"
import * as Row from "../../../src/domain/terminal/Row.ts"
import { RowEditor } from "../../../src/domain/terminal/RowEditor.ts"

const BOLD = { ...Rendition.DEFAULT, foreground: Rendition.BOLD }
const LINKED = { ...Rendition.DEFAULT, link: { params: "", uri: "https://example.com/" } }

const edit = (row: Row.Row, change: (editor: RowEditor) => void): Row.Row => {
  const editor = new RowEditor(row)
  change(editor)
  return editor.row()
}

const write = (columns: number, text: string, pen = Rendition.DEFAULT) =>
  edit(Row.blank(columns), (editor) => editor.write(0, text, pen))

/** A row as text, a dot for every empty cell. */
const show = (row: Row.Row) =>
  Array.from({ length: Row.columns(row) }, (_, x) =>
    row.words[x * Cell.WORDS] === Cell.EMPTY ? "." : Row.text(row, x)
  ).join("")

describe("RowEditor", () => {
  it("does not change the original row, and returns it if nothing differs", () => {
    const row = write(6, "日e\u0301", LINKED)
    expect(show(edit(row, (editor) => editor.write(0, "xyz", BOLD)))).toBe("xyz...")
    expect(show(row)).toBe("日e\u0301...")
    expect(edit(row, (editor) => editor.write(0, "日e\u0301", LINKED))).toBe(row)
  })

  it("writes up to the end of the row, and returns where it stopped", () => {
    const editor = new RowEditor(Row.blank(4))
    expect(editor.write(1, "a日\u0301本", Rendition.DEFAULT)).toBe(4)
    expect(show(editor.row())).toBe(".a日\u0301")
  })

  it("omits characters that are not printed", () => {
    expect(show(write(4, "a\x1b\n\x9bb\u0378"))).toBe("ab..")
  })

  it("empties the other half of a wide character", () => {
    const row = write(4, "日本", { ...Rendition.DEFAULT, background: 5 })
    const over = edit(row, (editor) => editor.put(1, 0x78, 1, Rendition.DEFAULT))
    expect(show(over)).toBe(".x本")
    expect(Row.rendition(over, 0)).toEqual({ ...Rendition.DEFAULT, background: 5 })
    expect(show(edit(row, (editor) => editor.erase(2, 3, 0)))).toBe("日..")
  })

  it("restyles whole characters and no empty cell", () => {
    const row = edit(write(4, "a日"), (editor) => {
      for (let x = 0; x < 4; x++) editor.restyle(x, BOLD)
    })
    expect([0, 1, 2, 3].map((x) => Row.rendition(row, x).foreground)).toEqual([
      Rendition.BOLD,
      Rendition.BOLD,
      Rendition.BOLD,
      0
    ])
  })

  it("copies characters with their marks, rendition and link", () => {
    const source = write(6, "日e\u0301x", LINKED)
    const row = edit(Row.blank(4), (editor) => {
      editor.copy(0, source, 2)
      editor.copy(1, source, 0)
      editor.copy(3, source, 0)
    })
    expect(show(row)).toBe("e\u0301日.")
    expect(Row.rendition(row, 0)).toEqual(Row.rendition(source, 2))
    expect(
      Row.cellEquals(
        edit(source, (editor) => editor.copy(0, source, 0)),
        source,
        0
      )
    ).toBe(true)
  })

  it("wraps only after a character, until that is written again", () => {
    const editor = new RowEditor(Row.blank(2))
    editor.wraps = true
    expect(editor.wraps).toBe(false)
    editor.write(0, "ab", Rendition.DEFAULT)
    editor.wraps = true
    editor.put(0, 0x63, 1, Rendition.DEFAULT)
    expect(editor.wraps).toBe(true)
    editor.put(1, 0x63, 1, Rendition.DEFAULT)
    expect(editor.wraps).toBe(false)
  })
})
