import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as InputEcho from "../../../src/domain/terminal/InputEcho.ts"

const Discipline = Schema.Struct({ canonical: Schema.Boolean, echo: Schema.Boolean })
const Reader = Schema.Struct({
  hasLineEditor: Schema.Boolean,
  isAlone: Schema.Boolean,
  waits: Schema.Literals(["InRead", "InPoll", "No"])
})

describe("InputEcho", () => {
  it("is what docs/spec/echo.md lists", () => {
    const shell = { hasLineEditor: true, isAlone: true, waits: "InPoll" } as const
    const cat = { hasLineEditor: false, isAlone: true, waits: "InRead" } as const
    const cooked = { canonical: true, echo: true }
    const raw = { canonical: false, echo: false }
    expect(InputEcho.of(raw, shell)).toBe("LineEditor")
    expect(InputEcho.of(cooked, cat)).toBe("Kernel")
    expect(InputEcho.of({ ...cooked, echo: false }, cat)).toBe("Secret")
    // A program that imitates the shell.
    expect(InputEcho.of(raw, { ...shell, hasLineEditor: false })).toBe("Other")
    // What `$(…)` runs is in the shell's process group; then the shell waits for that.
    expect(InputEcho.of(raw, { ...shell, isAlone: false, waits: "No" })).toBe("Unknown")
    expect(InputEcho.of(cooked, { ...cat, isAlone: false })).toBe("Other")
    // The shell has not read Enter yet.
    expect(InputEcho.of(raw, { ...shell, waits: "No" })).toBe("Unknown")
    // A script that has printed its prompt, and will switch echo off.
    expect(InputEcho.of(cooked, { ...cat, waits: "No" })).toBe("Unknown")
    // Another user's process.
    expect(InputEcho.of(cooked, undefined)).toBe("Other")
  })

  it.prop("without echo in canonical mode it is `Secret`, whoever reads", [Discipline, Reader], ([flags, reader]) => {
    const isSecret = flags.canonical && !flags.echo
    expect(InputEcho.of(flags, reader) === "Secret").toBe(isSecret)
    expect(InputEcho.of(flags, undefined)).toBe(isSecret ? "Secret" : "Other")
  })

  it.prop("is predictable only while the reader waits", [Discipline, Reader], ([flags, reader]) => {
    if (InputEcho.isPredictable(InputEcho.of(flags, reader))) expect(reader.waits).not.toBe("No")
  })
})
