import { describe, expect, it } from "vitest"
import * as FramePatch from "../../../src/domain/display/FramePatch.ts"
import * as Frame from "../../../src/domain/terminal/Frame.ts"
import * as Rendition from "../../../src/domain/terminal/Rendition.ts"
import { colorForms } from "../../support/color-forms.ts"

const blank = Frame.blank({ columns: 4, rows: 1 })
const penAfter = (sgr: string) => FramePatch.patch(blank, `\x1b[${sgr}m`).pen

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
