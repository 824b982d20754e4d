import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as PosixOptions from "../../../src/domain/arguments/PosixOptions.ts"

const letters: PosixOptions.Letters = { flags: "sv", withValue: "@ipcl" }

const Argument = Schema.Union([
  Schema.String,
  Schema.Literals(["-s", "-sv", "-vsi", "-p", "-p1", "--", "-", "--help", "new", "-x", "-é😀"])
])
const Line = Schema.Array(Argument)

/** The text that a token was made from, without dashes, however options were bundled. */
const text = (token: PosixOptions.Token): string => {
  switch (token._tag) {
    case "Operand":
      return token.text
    case "Value":
      return token.letter + token.value
    default:
      return token.letter
  }
}

describe("PosixOptions", () => {
  it.prop("loses nothing and reorders nothing", [Line], ([line]) => {
    let ended = false
    let expectsValue = false
    let whole = ""
    for (const argument of line) {
      if (ended || expectsValue || argument.length < 2 || !argument.startsWith("-")) {
        whole += argument
        expectsValue = false
      } else if (argument === "--") {
        ended = true
      } else {
        const bundle = Array.from(argument.slice(1))
        const first = bundle.findIndex((letter) => letters.withValue.includes(letter))
        expectsValue = first >= 0 && first === bundle.length - 1
        whole += bundle.join("")
      }
    }
    expect(PosixOptions.parse(letters, line).map(text).join("")).toBe(whole)
  })

  it.prop(
    "takes bundled and separate flags for the same",
    [Schema.Array(Schema.Literals(["s", "v", "x"]))],
    ([flags]) => {
      const bundled = flags.length === 0 ? [] : [`-${flags.join("")}`]
      const separate = flags.map((flag) => `-${flag}`)
      expect(PosixOptions.parse(letters, bundled)).toEqual(PosixOptions.parse(letters, separate))
    }
  )

  it.prop("treats attached and separate values alike", [Schema.NonEmptyString], ([value]) => {
    // A lone surrogate cannot be told from its neighbours by code points.
    const well = value.toWellFormed()
    expect(PosixOptions.parse(letters, [`-p${well}`])).toEqual(PosixOptions.parse(letters, ["-p", well]))
  })

  it.prop("treats everything after -- as operands", [Line], ([line]) => {
    const expected = line.map((argument) => ({ _tag: "Operand", text: argument }))
    expect(PosixOptions.parse(letters, ["--", ...line])).toEqual(expected)
  })

  it("reports unknown options", () => {
    const tokens = PosixOptions.parse(letters, ["--fox", "-p"])
    expect(tokens.map((token) => PosixOptions.complaint("mosh-server", token))).toEqual([
      "mosh-server: invalid option -- '-'",
      "mosh-server: invalid option -- 'f'",
      "mosh-server: invalid option -- 'o'",
      "mosh-server: invalid option -- 'x'",
      "mosh-server: option requires an argument -- 'p'"
    ])
  })
})
