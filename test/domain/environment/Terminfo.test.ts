import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { spawnSync } from "node:child_process"
import * as Terminfo from "../../../src/domain/environment/Terminfo.ts"
import * as TerminfoDatabase from "../../../src/services/node/terminal/TerminfoDatabase.ts"

const MAGIC = { 2: [0x1a, 0x01], 4: [0x1e, 0x02] } as const

/** An entry whose names take `names` bytes, with these numbers. */
const entry = (width: 2 | 4, names: number, booleans: number, numbers: ReadonlyArray<number>): Uint8Array => {
  const start = 12 + names + booleans + ((names + booleans) % 2)
  const view = new DataView(new ArrayBuffer(start + numbers.length * width))
  MAGIC[width].forEach((byte, at) => view.setUint8(at, byte))
  for (const [at, size] of [names, booleans, numbers.length].entries()) view.setUint16(2 + 2 * at, size, true)
  numbers.forEach((value, at) =>
    width === 2 ? view.setInt16(start + 2 * at, value, true) : view.setInt32(start + 4 * at, value, true)
  )
  return new Uint8Array(view.buffer)
}

const Small = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 99 }))

describe("Terminfo", () => {
  it.prop(
    "finds the number of colours",
    [Schema.Literals([2, 4]), Small, Small, Small],
    ([width, names, booleans, colors]) => {
      const numbers = [...Array.from({ length: 13 }, () => 7), colors, 5]
      expect(Terminfo.colors(entry(width, names, booleans, numbers))).toBe(colors)
      expect(Terminfo.colors(entry(width, names, booleans, numbers.slice(0, 13)))).toBe(0)
    }
  )

  it.prop("is total", [Schema.Uint8Array, Schema.Literals([2, 4])], ([bytes, width]) => {
    for (const text of [bytes, Uint8Array.of(...MAGIC[width], ...bytes)]) {
      const colors = Terminfo.colors(text)
      expect(colors === undefined || colors >= 0).toBe(true)
    }
  })

  it("treats cancelled and absent numbers alike", () => {
    expect(
      Terminfo.colors(
        entry(
          2,
          1,
          1,
          Array.from({ length: 14 }, () => -1)
        )
      )
    ).toBe(0)
  })

  it.each(["xterm", "xterm-256color", "screen", "linux", "vt100", "dumb"])("agrees with tput about %s", (term) => {
    const asked = spawnSync("tput", ["colors"], { env: { ...process.env, TERM: term }, encoding: "utf8" })
    // Without ncurses, or without the entry, there is nothing to compare with.
    const expected = asked.status === 0 ? Math.max(0, Number(asked.stdout)) : TerminfoDatabase.colors({ TERM: term })
    expect(TerminfoDatabase.colors({ TERM: term })).toBe(expected)
  })

  it("does not look for a terminal outside the database", () => {
    expect(TerminfoDatabase.colors({ TERM: "../../etc/passwd", TERMINFO: "/" })).toBeUndefined()
    expect(TerminfoDatabase.colors({ TERM: "no-such-terminal" })).toBeUndefined()
    expect(TerminfoDatabase.colors({})).toBeUndefined()
  })
})
