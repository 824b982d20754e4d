import { describe, expect, it } from "@effect/vitest"
import * as Picture from "../../../../src/domain/prediction/Picture.ts"
import * as WrapRule from "../../../../src/domain/prediction/program/WrapRule.ts"
import * as Frame from "../../../../src/domain/terminal/Frame.ts"
import { frameOf, screenOf } from "../parts.ts"

const X = 0x78

/** The first two rows after an x is typed behind a text, and the caret. */
const typeX = (text: string, kind: WrapRule.Kind, column: number) => {
  const screen = screenOf(text)
  const line = Picture.lineOf(screen)
  const rule: WrapRule.WrapRule = { kind, column, certainUntil: column, nextColumn: 0, edges: [0, 12] }
  if (!WrapRule.isDue(rule, screen, line, X, 1)) return "not due"
  const put = WrapRule.put(rule, screen, line, X, 1)
  if (put === undefined) return "unknown"
  const lines = Frame.lines({ ...frameOf(text), rows: put.rows })
  return [lines[0]?.trimEnd(), lines[1]?.trimEnd(), put.caret.row, put.caret.column]
}

describe("a wrap rule", () => {
  it("is due at its column only", () => {
    expect(typeX("abcdefghi", "fill", 11)).toBe("not due")
    expect(typeX("abc def", "word", 11)).toBe("not due")
  })

  it("fills the row and goes on in the next", () => {
    expect(typeX("abcdefghijk", "fill", 11)).toEqual(["abcdefghijkx", "", 1, 0])
  })

  it("takes the character to the next row, or the word before it as well", () => {
    expect(typeX("abc def ghi", "character", 11)).toEqual(["abc def ghi", "x", 1, 1])
    expect(typeX("abc def ghi", "word", 11)).toEqual(["abc def", "ghix", 1, 4])
  })

  it("knows nothing of a word that is the whole line", () => {
    expect(typeX("abcdefghijk", "word", 11)).toBe("unknown")
  })
})
