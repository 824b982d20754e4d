import { describe, expect, it } from "@effect/vitest"
import * as Scrollback from "../../../src/domain/session/Scrollback.ts"

describe("the setting for the scrollback", () => {
  it.each([
    [undefined, 10_000],
    ["", 10_000],
    ["0", 0],
    ["1", 1],
    ["+500", 500],
    ["1000000", 1_000_000]
  ])("%s keeps %i rows", (text, rows) => {
    expect(Scrollback.read("X", text)).toEqual({ rows, warning: undefined })
  })

  it.each([
    ["many", "X not a valid integer, ignoring"],
    ["1.5", "X not a valid integer, ignoring"],
    ["-1", "X is negative, ignoring"],
    ["1000001", "X is above 1000000, ignoring"]
  ])("%s is refused, and the default is kept", (text, warning) => {
    expect(Scrollback.read("X", text)).toEqual({ rows: 10_000, warning })
  })
})
