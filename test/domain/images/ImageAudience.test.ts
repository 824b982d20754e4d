import { describe, expect, it } from "@effect/vitest"
import * as FramePatch from "../../../src/domain/display/FramePatch.ts"
import * as ImageAudience from "../../../src/domain/images/ImageAudience.ts"
import * as ImageCells from "../../../src/domain/images/ImageCells.ts"
import { Features } from "../../../src/domain/ssp/SyncObject.ts"
import * as Frame from "../../../src/domain/terminal/Frame.ts"
import * as TerminalReport from "../../../src/domain/terminal/TerminalReport.ts"

const shows: TerminalReport.TerminalReport = { ...TerminalReport.UNKNOWN, images: "kitty" }
const cell = String.fromCodePoint(ImageCells.CHARACTER, ImageCells.FIRST_MARK)
const withImage = FramePatch.patch(Frame.blank({ columns: 9, rows: 2 }), `\x1b[38;2;0;1;0m${cell}`)

describe("ImageAudience", () => {
  it("includes the clients that announced images, and whose terminal shows them", () => {
    expect(ImageAudience.includes(Features.images, shows)).toBe(true)
    expect(ImageAudience.includes(Features.stock, shows)).toBe(false)
    expect(ImageAudience.includes(Features.images, TerminalReport.UNKNOWN)).toBe(false)
    expect(ImageAudience.includes(Features.images, undefined)).toBe(false)
  })

  it("sends all others grey cells in the place of images", () => {
    expect(ImageCells.ids(withImage.rows).size).toBe(1)
    expect(ImageAudience.frameFor(withImage, true, true)).toBe(withImage)
    expect(ImageCells.ids(ImageAudience.frameFor(withImage, true, false).rows).size).toBe(0)
  })
})
