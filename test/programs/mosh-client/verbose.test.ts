import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Verbose from "../../../src/programs/shared/verbose.ts"

const directory = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "effect-mosh-verbose-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true }))
)

describe("--verbose=FILE", () => {
  it.live("appends to a file for its owner alone, each line with its time, whatever is on the screen", () =>
    Effect.gen(function* () {
      const file = join(yield* directory, "log")
      const first = yield* Verbose.open(file)
      first.hold()
      first.print("one")
      const second = yield* Verbose.open(file)
      second.print("two")
      const lines = readFileSync(file, "utf8").split("\n")
      expect(lines.map((line) => line.slice(24))).toEqual(["one", "two", ""])
      expect(lines[0]).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} one$/)
      expect(statSync(file).mode & 0o777).toBe(0o600)
    })
  )

  it.live("reports in one line why a file cannot be written to", () =>
    Effect.gen(function* () {
      const file = join(yield* directory, "missing", "log")
      const { message } = yield* Effect.flip(Verbose.open(file))
      expect(message).toBe(`cannot write to ${file}: no such file or directory.`)
    })
  )
})
