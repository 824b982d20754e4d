import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as FrameFit from "../../../src/domain/display/FrameFit.ts"
import * as Frame from "../../../src/domain/terminal/Frame.ts"

const Length = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 12 }))
const Case = { columns: Length, rows: Length, row: Length, terminal: Schema.Struct({ columns: Length, rows: Length }) }

describe("FrameFit.crop", () => {
  it.prop(
    "a frame that fits is not changed, and any other becomes as large as the terminal, with its cursor",
    Case,
    (given) => {
      const { columns, rows, terminal } = given
      const blank = Frame.blank({ columns, rows })
      const row = Math.min(given.row, rows) - 1
      const frame = { ...blank, cursor: { ...blank.cursor, row, column: columns - 1 } }
      const cropped = FrameFit.crop(frame, terminal)
      if (columns <= terminal.columns && rows <= terminal.rows) expect(cropped).toBe(frame)
      expect(cropped.size).toEqual({
        columns: Math.min(columns, terminal.columns),
        rows: Math.min(rows, terminal.rows)
      })
      expect(cropped.rows.length).toBe(cropped.size.rows)
      // The row of the cursor is the same one.
      expect(cropped.cursor.row + FrameFit.fit(frame, terminal).above).toBe(row)
      expect(cropped.cursor.row).toBeLessThan(cropped.size.rows)
    }
  )
})
