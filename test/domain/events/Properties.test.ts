import { it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { describe, expect } from "vitest"
import * as PropertyDiff from "../../../src/domain/display/PropertyDiff.ts"
import * as Properties from "../../../src/domain/events/Properties.ts"
import * as TerminalColors from "../../../src/domain/terminal/TerminalColors.ts"

const TEXTS: ReadonlyArray<string> = [
  "file:///a",
  "",
  "4;1;50",
  "4;0",
  "4;2;999",
  "text",
  "?",
  "SetUserVar=a=eA==",
  "SetUserVar=a=",
  "SetUserVar=b=eQ==",
  "1;red;2;#fff",
  "1;?;2;rgb:1/2/3",
  "255;rgba:0/0/0/f",
  "1",
  "1;2;x",
  "red",
  "#123456;?",
  "999;red",
  "\x1b[c",
  "a\x07b"
]
const Text = Schema.Union([Schema.String, Schema.Literals(TEXTS)])
const Sequence = Schema.Tuple([Schema.Literals([...Properties.IDENTIFIERS, 8, 133]), Text])

const applied = (before: Properties.Properties, sequences: ReadonlyArray<readonly [number, string]>) =>
  sequences.reduce((properties, [identifier, text]) => Properties.apply(properties, identifier, text), before)

/** The sequences of a difference. */
const read = (host: string): ReadonlyArray<readonly [number, string]> =>
  [...host.matchAll(/\x1b\](\d+);?([^\x07]*)\x07/g)].map(([, identifier, text]) => [Number(identifier), text ?? ""])

describe("properties", () => {
  it.prop(
    "are the same after their difference",
    [Schema.Array(Sequence), Schema.Array(Sequence)],
    ([first, second]) => {
      const before = applied(Properties.NONE, first)
      const after = applied(before, second)
      const host = PropertyDiff.diff(before, after)
      expect(Properties.equals(applied(before, read(host)), after)).toBe(true)
      expect(Properties.equals(applied(after, read(PropertyDiff.diff(after, Properties.NONE))), Properties.NONE)).toBe(
        true
      )
      expect(host).not.toMatch(/[\x00-\x06\x08-\x1a\x1c-\x1f\x7f-\x9f]|;\?[;\x07]/)
    },
    { arbitrary: { runs: 500 } }
  )

  it("stay the same object if a sequence changes none", () => {
    const set = applied(Properties.NONE, [
      [7, "file:///a"],
      [22, "text"],
      [9, "4;3"],
      [4, "1;red"],
      [1337, "SetUserVar=a=eA=="]
    ])
    expect(
      applied(set, [
        [7, "file:///a"],
        [22, "text"],
        [4, "1;red"],
        [1337, "SetUserVar=a=eA=="],
        [112, ""]
      ])
    ).toBe(set)
  })

  it("do not hold queries", () => {
    expect(Properties.apply(Properties.NONE, 4, "1;?")).toBe(Properties.NONE)
    expect(Properties.apply(Properties.NONE, 11, "?")).toBe(Properties.NONE)
    const { colors } = Properties.apply(Properties.NONE, 4, "1;?;2;red")
    expect([...colors]).toEqual([[2, "red"]])
  })

  it("a whole palette takes sequences that terminals accept", () => {
    const colors = Array.from({ length: 256 }, (_, i) => `${i};rgb:ffff/ffff/${i.toString(16)}`).join(";")
    const host = PropertyDiff.diff(Properties.NONE, Properties.apply(Properties.NONE, 4, colors))
    const sequences = read(host)
    expect(sequences.length).toBe(8)
    expect(Math.max(...sequences.map(([, text]) => text.length))).toBeLessThan(1024)
    const reset = PropertyDiff.diff(Properties.apply(Properties.NONE, 4, colors), Properties.NONE)
    expect(read(reset)).toEqual([[104, Array.from({ length: 256 }, (_, i) => i).join(";")]])
  })

  it("of the cursor's colour are reset without a text", () => {
    const colored = Properties.apply(Properties.NONE, 12, "orange")
    expect(colored.colors.get(TerminalColors.dynamic(12))).toBe("orange")
    expect(PropertyDiff.diff(Properties.NONE, colored)).toBe("\x1b]12;orange\x07")
    expect(PropertyDiff.diff(colored, Properties.NONE)).toBe("\x1b]112\x07")
  })
})
