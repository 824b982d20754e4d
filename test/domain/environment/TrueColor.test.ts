import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as TrueColor from "../../../src/domain/environment/TrueColor.ts"

const Value = Schema.Union([Schema.String, Schema.Literals(["truecolor", "24bit", "", "yes", "truecolor "])])
const isTrueColor = (value: string | undefined) => value === "truecolor" || value === "24bit"

describe("TrueColor", () => {
  it.prop(
    "a session's COLORTERM is the client's, if that announces 24-bit colours",
    [Value, Value],
    ([here, there]) => {
      const sent = TrueColor.assignments({ COLORTERM: here, TERM: "xterm" })
      expect(sent.length).toBe(isTrueColor(here) ? 1 : 0)
      expect(TrueColor.adopt({ COLORTERM: there, HOME: "/h" }, ["LANG=C", ...sent])).toEqual({
        COLORTERM: isTrueColor(here) ? here : there,
        HOME: "/h"
      })
    }
  )

  it.prop("no other assignment changes the environment", [Schema.Array(Schema.String), Value], ([sent, value]) => {
    const others = [...sent, `COLORTERM=x${value}`, `TERM=${value}`, "COLORTERM"]
    expect(TrueColor.adopt({ HOME: "/h" }, others)).toEqual({ HOME: "/h" })
  })
})
