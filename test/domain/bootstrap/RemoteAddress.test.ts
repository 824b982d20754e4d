import { describe, expect, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as RemoteAddress from "../../../src/domain/bootstrap/RemoteAddress.ts"

const Addresses = Schema.Array(Schema.Struct({ address: Schema.String, family: Schema.Literals([4, 6]) }))
const Family = Schema.Literals(["inet", "inet6", "auto", "all", "prefer-inet", "prefer-inet6"])

describe("RemoteAddress", () => {
  it.prop(
    "selects what the family allows, and says why when that is nothing",
    [Family, Addresses],
    ([family, given]) => {
      const allowed = given.filter(
        (candidate) => (family !== "inet" || candidate.family === 4) && (family !== "inet6" || candidate.family === 6)
      )
      const read = RemoteAddress.select(family, given)
      const torn = family === "auto" && new Set(given.map((candidate) => candidate.family)).size === 2
      expect(Result.isFailure(read)).toBe(allowed.length === 0 || torn)
      if (Result.isFailure(read)) return
      for (const one of [4, 6]) {
        expect(read.success.filter((candidate) => candidate.family === one)).toEqual(
          allowed.filter((candidate) => candidate.family === one)
        )
      }
      if (family === "prefer-inet") expect(read.success[0].family).toBe(allowed.some((a) => a.family === 4) ? 4 : 6)
      if (family === "prefer-inet6") expect(read.success[0].family).toBe(allowed.some((a) => a.family === 6) ? 6 : 4)
      if (family === "all") expect(read.success).toEqual(given)
    }
  )

  it.prop("splits a destination without loss", [Schema.String], ([text]) => {
    const { host, user } = RemoteAddress.splitDestination(text)
    expect(user + host).toBe(text)
    expect(host).not.toContain("@")
  })
})
