import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as Locale from "../../../src/domain/environment/Locale.ts"

const Name = Schema.Literals(["", "C", "POSIX", "C.UTF-8", "en_US.UTF-8", "de_DE.utf8@euro", "de_DE", "ja_JP.eucJP"])
const Native = Schema.Record(Schema.Literals(["LC_ALL", "LC_CTYPE", "LANG", "HOME", "LC_TIME"]), Name)
const Assignments = Schema.Array(
  Schema.Union([Schema.String, Schema.Literals(["LANG=C.UTF-8", "LC_ALL=C", "FOO=bar"])])
)

/** The character map as reported by a machine with C.UTF-8, and by one without. */
const modern = Locale.charmapByName
const old: Locale.Charmap = (environment) =>
  environment["LC_CTYPE"] === "C.UTF-8" && (environment["LC_ALL"] ?? "") === "" ? "US-ASCII" : modern(environment)

const decide = (native: Locale.Environment, assignments: ReadonlyArray<string>, charmap = modern) =>
  Locale.decide(native, assignments, charmap)

describe("Locale", () => {
  it.prop("does not change a UTF-8 environment", [Native, Assignments], ([native, assignments]) => {
    if (!Locale.isUtf8(Locale.charmapByName(native))) return
    expect(decide(native, assignments)).toEqual({ _tag: "Utf8", environment: native })
  })

  it.prop("continues in UTF-8 wherever there is C.UTF-8", [Native, Assignments], ([native, assignments]) => {
    const decision = decide(native, assignments)
    expect(decision._tag).toBe("Utf8")
    expect(Locale.isUtf8(Locale.charmapByName(decision.environment))).toBe(true)
  })

  it.prop("otherwise continues in UTF-8, or explains why not", [Native, Assignments], ([native, assignments]) => {
    const decision = decide(native, assignments, old)
    expect(Locale.isUtf8(old(decision.environment))).toBe(decision._tag === "Utf8")
    if (decision._tag === "NotUtf8") expect(decision.explanation.join("\n")).toContain("UTF-8 locale")
  })

  it("changes nothing but the character set when neither side has one", () => {
    expect(decide({ LANG: "de_DE", LC_TIME: "C", HOME: "/h" }, ["LANG=C"])).toEqual({
      _tag: "Utf8",
      environment: { LANG: "de_DE", LC_TIME: "C", LC_CTYPE: "C.UTF-8", HOME: "/h" }
    })
    expect(decide({ LC_ALL: "C", LC_TIME: "de_DE", HOME: "/h" }, [])).toEqual({
      _tag: "Utf8",
      environment: { LANG: "C", LC_CTYPE: "C.UTF-8", HOME: "/h" }
    })
  })

  it("replaces all of a locale that is not UTF-8 by the client's", () => {
    const decision = decide({ LC_ALL: "C", LC_TIME: "de_DE", HOME: "/h" }, ["LANG=C.UTF-8", "EXTRA=a=b", "nonsense"])
    expect(decision).toEqual({ _tag: "Utf8", environment: { LANG: "C.UTF-8", EXTRA: "a=b", HOME: "/h" } })
  })

  it("names both environments when neither is UTF-8", () => {
    const decision = decide({ LC_CTYPE: "de_DE", LANG: "C.UTF-8" }, [], old)
    expect(decision).toMatchObject({
      _tag: "NotUtf8",
      explanation: [
        "mosh-server needs a UTF-8 locale to run.",
        "",
        "The local environment (LC_CTYPE=de_DE) specifies",
        'the character set "US-ASCII".',
        "",
        "The client-supplied environment ([no charset variables]) specifies",
        'the character set "US-ASCII".',
        ""
      ]
    })
  })

  it("reports that a locale is not installed", () => {
    const decision = Locale.decide({ LANG: "C" }, ["LANG=xx_YY.UTF-8"], () => "ANSI_X3.4-1968")
    expect(decision).toMatchObject({
      _tag: "NotUtf8",
      explanation: expect.arrayContaining(["The locale requested by LANG=xx_YY.UTF-8 isn't available here."])
    })
  })

  it.each(["UTF-8", "utf8", "Utf-8"])("takes %s for UTF-8", (charset) => {
    expect(Locale.isUtf8(charset)).toBe(true)
  })
})
