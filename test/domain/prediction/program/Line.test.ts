import { describe, expect, it } from "@effect/vitest"
import * as Line from "../../../../src/domain/prediction/program/Line.ts"
import { lineOf } from "../parts.ts"

describe("the edited line", () => {
  it("ends before two blanks, after which another text begins", () => {
    expect(Line.tailEnd(lineOf("ab cd  ef\r"))).toBe(5)
    expect(Line.hasTail(lineOf("ab"))).toBe(false)
  })

  it("ends where a shell's suggestion begins", () => {
    expect(Line.tailEnd(lineOf("git status\r", { suggestion: 3 }))).toBe(3)
  })

  it("lies between the walls of a box", () => {
    const line = lineOf("│ ab    │ c\r\x1b[4C")
    expect([Line.leftEdge(line), Line.rightEdge(line)]).toEqual([1, 8])
    expect(Line.room(line)).toEqual({ columns: 4, wall: true })
    expect(Line.room(lineOf("ab"))).toEqual({ columns: 10, wall: false })
  })

  it("has a prompt if there is text before its home", () => {
    expect(Line.hasPrompt(lineOf("$ ab", { home: 2 }))).toBe(true)
    expect(Line.hasPrompt(lineOf("  ab", { home: 2 }))).toBe(false)
  })

  it("does not know the start of a word that may begin in the row above", () => {
    expect(Line.wordStart(lineOf("one two"), Line.isInk)).toBe(4)
    expect(Line.wordStart(lineOf("two"), Line.isInk)).toBeUndefined()
    expect(Line.wordStart(lineOf("two", { home: 0 }), Line.isInk)).toBe(0)
  })
})
