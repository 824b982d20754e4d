import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as LineSplitter from "../../../src/domain/bootstrap/LineSplitter.ts"

const { EMPTY, LONGEST } = LineSplitter

const split = (pieces: ReadonlyArray<string>): ReadonlyArray<string> => {
  const lines: Array<string> = []
  let splitter = EMPTY
  for (const piece of pieces) {
    const [next, found] = LineSplitter.push(splitter, piece)
    expect(next.pending.length).toBeLessThan(LONGEST)
    splitter = next
    lines.push(...found)
  }
  return [...lines, LineSplitter.last(splitter) ?? []].flat()
}

const Text = Schema.Array(Schema.Literals(["a", "bc", "\n", "\r", "", "é", "😀"]))

describe("LineSplitter", () => {
  it.prop("finds the same lines however the text is cut", [Schema.Array(Text)], ([pieces]) => {
    const texts = pieces.map((piece) => piece.join(""))
    const whole = texts.join("").split("\n")
    if (whole.at(-1) === "") whole.pop()
    expect(split(texts)).toEqual(whole)
  })

  it("delivers the beginning of an overlong line, and drops the rest", () => {
    const long = "x".repeat(LONGEST - 25)
    const line = `${long}MOSH CONNECT 60001 AAAAAAAAAAAAAAAAAAAAAA`
    for (const pieces of [[`${line}\nnext\n`], [...`${line}\nnext\n`.match(/.{1,1000}|\n/gs)!]]) {
      expect(split(pieces)).toEqual([line.slice(0, LONGEST), "next"])
    }
    expect(split(["x".repeat(LONGEST), "\n", "next"])).toEqual(["x".repeat(LONGEST), "next"])
  })
})
