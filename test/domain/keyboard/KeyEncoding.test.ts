import { describe, expect, it } from "@effect/vitest"
import * as KeyEncoding from "../../../src/domain/keyboard/KeyEncoding.ts"
import * as Key from "../../../src/domain/prediction/Key.ts"

describe("KeyEncoding", () => {
  it.each([
    // Enter, Tab, Escape, Backspace; with modifiers.
    ["\x1b[13u", "\r"],
    ["\x1b[9u", "\t"],
    ["\x1b[9;2u", "\x1b[Z"],
    ["\x1b[27u", "\x1b"],
    ["\x1b[127u", "\x7f"],
    ["\x1b[127;5u", "\b"],
    ["\x1b[13;2u", "\r"],
    // Text, with Shift, with the text that the terminal reports.
    ["\x1b[97u", "a"],
    ["\x1b[97;2u", "A"],
    ["\x1b[97:65;2u", "A"],
    ["\x1b[228;1;228u", "ä"],
    ["\x1b[97;;97:769u", "a\u0301"],
    // Ctrl and Alt.
    ["\x1b[99;5u", "\x03"],
    ["\x1b[99;69u", "\x03"],
    ["\x1b[54;6u", "\x1e"],
    ["\x1b[54:94;6u", "\x1e"],
    ["\x1b[94;5u", "\x1e"],
    ["\x1b[32;5u", "\x00"],
    ["\x1b[98;3u", "\x1bb"],
    ["\x1b[98;7u", "\x1b\x02"],
    // modifyOtherKeys.
    ["\x1b[27;5;99~", "\x03"],
    ["\x1b[27;2;13~", "\r"],
    ["\x1b[27;6;94~", "\x1e"],
    // Events: pressed and repeated, released.
    ["\x1b[99;5:1u", "\x03"],
    ["\x1b[99;5:2u", "\x03"],
    ["\x1b[99;5:3u", ""],
    ["\x1b[1;1:1A", "\x1b[A"],
    ["\x1b[1;5:2C", "\x1b[1;5C"],
    ["\x1b[1;1:3A", ""],
    ["\x1b[3;1:1~", "\x1b[3~"],
    ["\x1b[3;2:3~", ""],
    // Modifiers, and the keypad.
    ["\x1b[57441;2u", ""],
    ["\x1b[57404u", "5"],
    ["\x1b[57414u", "\r"]
  ])("translates %j", (sequence, legacy) => {
    expect(KeyEncoding.legacy(sequence)).toBe(legacy)
  })

  it.each([
    "\x1b[A",
    "\x1b[1;5A",
    "\x1b[3~",
    "\x1b[27~",
    "\x1bOA",
    "\x1b[97;9u",
    "\x1b[200~",
    "\x1b[Z",
    "\x1b[<0;1;1M",
    "\x1b[u".padEnd(100, "1")
  ])("leaves %j alone", (sequence) => {
    expect(KeyEncoding.legacy(sequence)).toBeUndefined()
  })

  it("gives prediction the keys of any protocol", () => {
    const keys = (text: string) => Key.decode(undefined, new TextEncoder().encode(text))[0]
    expect(keys("\x1b[97u\x1b[228;;228u\x1b[127u\x1b[13u\x1b[99;5u")).toEqual(keys("aä\x7f\r\x03"))
    expect(keys("\x1b[27;5;97~\x1b[1;1:1C\x1b[98;3u")).toEqual(keys("\x01\x1b[C\x1bb"))
    expect(keys("\x1b[97;1:3u\x1b[57441;2u")).toEqual([])
    expect(keys("\x1b[13u").some(Key.isEnter)).toBe(true)
  })
})
