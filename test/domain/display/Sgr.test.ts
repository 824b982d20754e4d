import { describe, expect, it } from "vitest"
import * as Capabilities from "../../../src/domain/display/Capabilities.ts"
import * as FrameDiff from "../../../src/domain/display/FrameDiff.ts"
import * as FramePatch from "../../../src/domain/display/FramePatch.ts"
import * as Frame from "../../../src/domain/terminal/Frame.ts"
import * as Rendition from "../../../src/domain/terminal/Rendition.ts"
import { colorForms } from "../../support/color-forms.ts"

const blank = Frame.blank({ columns: 4, rows: 1 })
const penAfter = (sgr: string) => FramePatch.patch(blank, `\x1b[${sgr}m`).pen

describe("palette colours", () => {
  const all = Array.from({ length: 256 }, (_, index) => index)
  const drawn = (sgr: string, capabilities: Capabilities.Capabilities) =>
    FrameDiff.diff(blank, FramePatch.patch(blank, `\x1b[${sgr}m`), capabilities)
  const terminal = Capabilities.fromTerm({ term: "xterm-256color" })

  it("are drawn as they were requested on a terminal with 256 of them", () => {
    for (const index of all) {
      for (const code of [38, 48]) expect(drawn(`${code};5;${index}`, terminal)).toBe(`\x1b[${code};5;${index}m`)
    }
    for (const code of [30, 37, 40, 47, 90, 97, 100, 107]) expect(drawn(`${code}`, terminal)).toBe(`\x1b[${code}m`)
    expect(drawn("38;5;9", Capabilities.fromTerm({ term: "unknown", colors: 256 }))).toBe("\x1b[38;5;9m")
  })

  it("are drawn by name on a terminal with fewer", () => {
    for (const term of ["xterm-16color", "linux"]) {
      expect(drawn("38;5;9;48;5;1", Capabilities.fromTerm({ term }))).toBe("\x1b[91;41m")
    }
    expect(drawn("38;5;9", Capabilities.fromTerm({ term: "xterm-256color", colors: 16 }))).toBe("\x1b[91m")
  })

  it("are sent to a stock client as a stock server sends them (spec 8.7)", () => {
    for (const index of all) {
      const name = index < 8 ? `${30 + index}` : `38;5;${index}`
      expect(drawn(`38;5;${index}`, Capabilities.stock)).toBe(`\x1b[${name}m`)
    }
    expect(drawn("91;102", Capabilities.stock)).toBe("\x1b[38;5;9;48;5;10m")
    const named = FramePatch.patch(blank, "\x1b[31;101mx")
    const indexed = FramePatch.patch(blank, "\x1b[38;5;1;48;5;9mx")
    expect(FrameDiff.diff(named, indexed, Capabilities.stock)).toBe("")
  })
})

describe("the colours that a host string asks for", () => {
  it.each(colorForms)("are read in the form %s", (sgr, words) => {
    const underline = Rendition.Underline.single << Rendition.UNDERLINE_SHIFT
    expect(penAfter(`4;${sgr}`)).toEqual({ ...Rendition.DEFAULT, underline, ...words })
  })

  it("leave parameters of an incomplete colour to be read on their own, as in stock mosh", () => {
    expect(penAfter("38;5").foreground).toBe(Rendition.BLINK)
    expect(penAfter("38;2;1;3").foreground).toBe((Rendition.BOLD | Rendition.DIM | Rendition.ITALIC) >>> 0)
  })
})
