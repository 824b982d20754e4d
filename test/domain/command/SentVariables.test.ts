import { describe, expect, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as CommandRequest from "../../../src/domain/command/CommandRequest.ts"
import * as SentVariables from "../../../src/domain/command/SentVariables.ts"

const SETTINGS = "host example\nsendenv GIT_PROTOCOL\nsendenv LC_* ?X\nsetenv EDITOR=vi=1\nsetenv =broken\nport 22\n"

describe("SentVariables", () => {
  it("are those of SendEnv and SetEnv", () => {
    const environment = {
      GIT_PROTOCOL: "version=2",
      LC_ALL: "C",
      LC_X: "",
      AX: "1",
      AXE: "2",
      HOME: "/",
      LC_Y: undefined
    }
    expect(SentVariables.of(SETTINGS, environment)).toEqual([
      ["GIT_PROTOCOL", "version=2"],
      ["LC_ALL", "C"],
      ["LC_X", ""],
      ["AX", "1"],
      ["EDITOR", "vi=1"]
    ])
  })

  it.prop("always fit in a request", [Schema.Record(Schema.String, Schema.String), Schema.String], ([found, more]) => {
    const variables = SentVariables.of(`sendenv *\nsetenv ${more}`, found)
    expect(Result.isSuccess(CommandRequest.encode({ what: "shell", text: "", variables }))).toBe(true)
  })
})
