import { describe, expect, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { execFileSync } from "node:child_process"
import * as ShellWords from "../../../src/domain/arguments/ShellWords.ts"

/** Pieces of text that mean something to a shell. */
const Piece = Schema.Literals([
  "'",
  '"',
  "\\",
  " ",
  "\t",
  "$HOME",
  "`",
  "a",
  "é",
  "😀",
  "*",
  "~",
  "#",
  ";",
  "&",
  "-",
  "!",
  "\n"
])
const Pieces = Schema.Array(Piece)

/** What a real shell makes of some text: its words. */
const shellWords = (text: string): ReadonlyArray<string> =>
  execFileSync("/bin/sh", ["-c", `for word in ${text}; do printf '%s\\0' "$word"; done`], { encoding: "utf8" })
    .split("\0")
    .slice(0, -1)

describe("ShellWords", () => {
  it.prop("split undoes quote", [Schema.Array(Schema.Union([Schema.String, Pieces]))], ([items]) => {
    const words = items.map((item) => (typeof item === "string" ? item : item.join("")))
    expect(ShellWords.split(words.map(ShellWords.quote).join(" "))).toEqual(Result.succeed(words))
  })

  it.prop("split is total", [Pieces], ([pieces]) => {
    const read = ShellWords.split(pieces.join(""))
    if (Result.isFailure(read)) expect(read.failure).toMatch(/quote|backslash/)
    else expect(read.success.length).toBeLessThanOrEqual(pieces.length)
  })

  it.prop(
    "a shell reads what is quoted as it was",
    [Schema.Array(Pieces)],
    ([items]) => {
      const words = items.map((item) => item.join(""))
      expect(shellWords(words.map(ShellWords.quote).join(" "))).toEqual(words)
    },
    { arbitrary: { runs: 30 } }
  )

  it.each([
    "ssh -p 2222",
    '  ssh   -i "my key"  ',
    "ssh -o 'ProxyCommand=a b'",
    String.raw`a\ b "c\"d" e\'f 'g\h'`,
    String.raw`"a\b" "a\\b" "\$x"`,
    `''  ""`,
    "a''b\"c\"d",
    "a\\\nb"
  ])("splits %j as a shell does", (text) => {
    expect(ShellWords.split(text)).toEqual(Result.succeed(shellWords(text)))
  })

  it.each(["a 'b", 'a "b', 'a "b\\', "a\\"])("refuses %j", (text) => {
    expect(Result.isFailure(ShellWords.split(text))).toBe(true)
  })
})
