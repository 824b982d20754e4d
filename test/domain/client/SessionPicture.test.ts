import { describe, expect, it } from "@effect/vitest"
import * as SessionPicture from "../../../src/domain/client/SessionPicture.ts"
import * as FramePatch from "../../../src/domain/display/FramePatch.ts"
import * as Frame from "../../../src/domain/terminal/Frame.ts"

const size = { columns: 40, rows: 4 }
const blank = Frame.blank(size)
const titled = FramePatch.patch(blank, "\x1b]0;shell\x07text")
const parts: SessionPicture.Parts = {
  base: titled,
  position: undefined,
  bar: undefined,
  terminal: size,
  isBarColored: true,
  hasPrefix: true
}

describe("SessionPicture", () => {
  it("is the same object while its parts are the same", () => {
    const first = SessionPicture.compose(SessionPicture.initial(blank, true), parts)
    expect(SessionPicture.compose(first, { ...parts })).toBe(first)
    const noted = SessionPicture.compose(first, { ...parts, bar: "mosh: waiting" })
    expect(noted).not.toBe(first)
    expect(SessionPicture.compose(noted, { ...parts, bar: "mosh: waiting" })).toBe(noted)
  })

  it("draws the bar over the screen, and removes it again", () => {
    const first = SessionPicture.compose(SessionPicture.initial(blank, true), parts)
    const noted = SessionPicture.compose(first, { ...parts, bar: "mosh: waiting" })
    expect(Frame.lines(noted.picture)[0]).toContain("mosh: waiting")
    expect(Frame.lines(SessionPicture.compose(noted, parts).picture)).toEqual(Frame.lines(titled))
  })

  it("prefixes the title while the session lasts, also where nothing else changes at its end", () => {
    const first = SessionPicture.compose(SessionPicture.initial(blank, true), parts)
    expect(first.picture.title).toBe("[mosh] shell")
    expect(SessionPicture.compose(first, { ...parts, hasPrefix: false }).picture.title).toBe("shell")
  })

  it("changes with the position, even if the screen looks the same", () => {
    const position = { top: 1, first: 0, alternate: false }
    const first = SessionPicture.compose(SessionPicture.initial(blank, true), { ...parts, position })
    const later = SessionPicture.compose(first, { ...parts, position: { ...position, top: 2 } })
    expect(later).not.toBe(first)
  })
})
