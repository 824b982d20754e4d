import { describe, expect, it } from "@effect/vitest"
import * as FramePatch from "../../../../src/domain/display/FramePatch.ts"
import * as EditCommands from "../../../../src/domain/prediction/program/EditCommands.ts"
import * as Picture from "../../../../src/domain/prediction/Picture.ts"
import * as Frame from "../../../../src/domain/terminal/Frame.ts"

/** The column after a command at a prompt of two columns, on a screen of ten. */
const columnAfter = (command: string, printed: string): number | undefined => {
  const { cursor, rows } = FramePatch.patch(Frame.blank({ columns: 10, rows: 3 }), printed)
  const screen = { rows, caret: { ...cursor, softwareCursor: false } }
  const line = Picture.lineOf(screen, { home: 2, suggestion: undefined })
  return EditCommands.meanings(command)[0]?.(screen, line)?.caret.column
}

describe("EditCommands", () => {
  it("moves to the end of a line, except where that may be in another row", () => {
    for (const end of ["\x05", "\x1b[F"]) {
      expect(columnAfter(end, "$ word\x1b[1;3H")).toBe(6)
      expect(columnAfter(end, "$ a word\x1b[1;3H")).toBe(8)
      expect(columnAfter(end, "$ two word\x1b[1;3H")).toBeUndefined()
    }
  })
})
