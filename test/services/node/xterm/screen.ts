/**
 * A screen for one test, whose input and contents are text.
 */
import * as Effect from "effect/Effect"
import type * as Frame from "../../../../src/domain/terminal/Frame.ts"
import * as Row from "../../../../src/domain/terminal/Row.ts"
import { Emulator } from "../../../../src/services/server/Emulator.ts"

export const makeScreen = Effect.fnUntraced(function* (columns = 20, rows = 5) {
  const emulator = yield* Emulator
  let replies = ""
  const screen = yield* emulator.make({
    size: { columns, rows },
    onReply: (bytes) => {
      replies += Buffer.from(bytes).toString("latin1")
    }
  })
  return {
    print: (text: string | Uint8Array) => screen.write(typeof text === "string" ? Buffer.from(text) : text),
    resize: (columns: number, rows: number) => screen.resize({ columns, rows }),
    frame: screen.frame,
    applicationCursorKeys: screen.applicationCursorKeys,
    shell: screen.shell,
    update: screen.update,
    know: screen.know,
    images: screen.images,
    join: screen.join,
    /** All rows, without trailing blanks. */
    text: () => textOf(screen.frame()),
    /** A row with its blanks, of characters of one column each. */
    line: (row: number) => {
      const { rows, size } = screen.frame()
      return Array.from({ length: size.columns }, (_, x) => Row.text(rows[row] as Row.Row, x) || " ").join("")
    },
    /** The replies to the program since the last call. */
    replies: () => {
      const all = replies
      replies = ""
      return all
    },
    cursor: () => [screen.frame().cursor.row, screen.frame().cursor.column],
    pen: () => screen.frame().pen,
    cell: (row: number, column: number) => Row.text(screen.frame().rows[row] as Row.Row, column),
    rendition: (row: number, column: number) => Row.rendition(screen.frame().rows[row] as Row.Row, column)
  }
})

/** The rows of a frame as text, without blanks at their ends, and without blank rows at the bottom. */
export const textOf = (frame: Frame.Frame): ReadonlyArray<string> => {
  const lines = frame.rows.map((row) => {
    let line = ""
    for (let x = 0; x < Row.columns(row); x++) {
      const text = Row.text(row, x)
      // The right half of a wide character is not a blank.
      if (text !== "") line += text
      else if (row.words[4 * x] !== 0) line += " "
    }
    return line.trimEnd()
  })
  while (lines.length > 0 && lines[lines.length - 1] === "") lines.pop()
  return lines
}
