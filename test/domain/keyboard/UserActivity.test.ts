import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as UserActivity from "../../../src/domain/keyboard/UserActivity.ts"

const bytes = (text: string): Uint8Array => Buffer.from(text, "latin1")
const isTyped = (text: string): boolean => UserActivity.step(UserActivity.initial, bytes(text))[1]

const REPORTS = [
  "\x1b[I",
  "\x1b[O",
  "\x1b[12;40R",
  "\x1b[?1;2c",
  "\x1b[>41;354;0c",
  "\x1b[?2026;2$y",
  "\x1b[?1u",
  "\x1b[?997;1n",
  "\x1b[0n",
  "\x1b[8;24;80t",
  "\x1b[<35;10;5M",
  "\x1b[MC!!",
  "\x1b]11;rgb:0000/0000/0000\x07",
  "\x1b]11;rgb:0000/0000/0000\x1b\\",
  "\x1bP1+r544e=787465726d\x1b\\"
]
const KEYS = [
  "a",
  "\r",
  "\x1b[A",
  "\x1bOA",
  "\x1b[3~",
  "\x1b[1;5C",
  "\x1bx",
  "\x1b\x1b",
  "é",
  "\x1b[200~",
  "\x1b[<0;10;5M",
  "\x1b[<64;10;5M",
  "\x1b[<32;10;5M",
  "\x1b[M !!",
  "\x1b[97;5u"
]
const Pieces = Schema.Array(Schema.Literals([...REPORTS, ...KEYS, "\x1b", "[", "\x1b[", "\x1b]", "M", "?"]))

describe("UserActivity", () => {
  it.each(REPORTS)("%j was not typed", (report) => expect(isTyped(report)).toBe(false))

  it.each(KEYS)("%j was typed", (keys) => expect(isTyped(keys)).toBe(true))

  it("a key between reports was typed, and a report after an abandoned string is none", () => {
    expect(isTyped(REPORTS.join(""))).toBe(false)
    expect(isTyped(`${REPORTS.join("")}a`)).toBe(true)
    expect(isTyped("\x1b]11;rgb\x1b[I")).toBe(false)
  })

  it("a string or a sequence without an end counts as typed in the end", () => {
    expect(isTyped(`\x1b]${"1".repeat(5000)}`)).toBe(true)
    expect(isTyped(`\x1b[${"1".repeat(100)}`)).toBe(true)
  })

  it.prop("it does not depend on how the bytes are split", [Pieces], ([pieces]) => {
    const all = bytes(pieces.join(""))
    let state = UserActivity.initial
    let typed = false
    for (const byte of all) {
      const [next, more] = UserActivity.step(state, Uint8Array.of(byte))
      state = next
      typed ||= more
    }
    expect([state, typed]).toEqual(UserActivity.step(UserActivity.initial, all))
  })
})
