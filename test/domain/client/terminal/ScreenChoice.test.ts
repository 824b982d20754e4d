import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as ScreenChoice from "../../../../src/domain/client/terminal/ScreenChoice.ts"

const Input = Schema.Union([
  Schema.TaggedStruct("Answered", { keepsHistory: Schema.Boolean, hasPosition: Schema.Boolean }),
  Schema.TaggedStruct("Late", {}),
  Schema.TaggedStruct("Picture", { isBlank: Schema.Boolean })
])

const after = (...inputs: ReadonlyArray<ScreenChoice.Input>): ScreenChoice.ScreenChoice["shown"] =>
  inputs.reduce(ScreenChoice.step, ScreenChoice.initial).shown

const answered = (keepsHistory: boolean, hasPosition: boolean): ScreenChoice.Input => ({
  _tag: "Answered",
  keepsHistory,
  hasPosition
})
const late: ScreenChoice.Input = { _tag: "Late" }
const picture = (isBlank = false): ScreenChoice.Input => ({ _tag: "Picture", isBlank })

describe("ScreenChoice", () => {
  it.prop("is final, and depends on the first answer alone", [Schema.Array(Input)], ([inputs]) => {
    const decisive = inputs.find((input) => input._tag === "Answered" && (!input.keepsHistory || input.hasPosition))
    const shown = after(...inputs)
    if (decisive === undefined) expect(["Nothing", "Waiting"]).toContain(shown)
    else expect(shown).toBe(decisive._tag === "Answered" && decisive.keepsHistory ? "Primary" : "Alternate")
  })

  it.prop("shows nothing before an answer, unless the server is late", [Schema.Array(Input)], ([inputs]) => {
    const early = inputs.filter(({ _tag }) => _tag === "Picture")
    expect(after(...early)).toBe("Nothing")
  })

  it("waits for the first position of a server that keeps a history", () => {
    expect(after(answered(true, false))).toBe("Nothing")
    expect(after(answered(true, false), answered(true, true))).toBe("Primary")
  })

  it("shows the notification bar on the alternate screen while a server is late", () => {
    expect(after(picture(), late, picture(true))).toBe("Nothing")
    expect(after(late, picture())).toBe("Waiting")
    expect(after(late, picture(), answered(true, true))).toBe("Primary")
    expect(after(late, picture(), answered(false, false))).toBe("Alternate")
  })
})
