import { describe, expect, it } from "@effect/vitest"
import * as FramePatch from "../../../src/domain/display/FramePatch.ts"
import * as Frame from "../../../src/domain/terminal/Frame.ts"
import * as Row from "../../../src/domain/terminal/Row.ts"

describe("impossible sizes", () => {
  const sides: ReadonlyArray<readonly [number, number]> = [
    [NaN, 1],
    [-3, 1],
    [0, 1],
    [2.9, 2],
    [Infinity, 4096],
    [1e9, 4096]
  ]

  it("become the nearest possible ones", () => {
    for (const [side, possible] of sides) {
      expect(Row.columns(Row.blank(side))).toBe(possible)
      const blank = Frame.blank({ columns: side, rows: side })
      const resized = FramePatch.resize(Frame.blank({ columns: 3, rows: 3 }), { columns: side, rows: side })
      for (const frame of [blank, resized]) {
        expect(frame.size).toEqual({ columns: possible, rows: possible })
        expect(frame.rows.length).toBe(possible)
        expect(frame.rows.every((row) => Row.columns(row) === possible)).toBe(true)
      }
    }
  })
})
