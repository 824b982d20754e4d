/**
 * The output of recorded programs must result in the screen that tmux shows for the same bytes: the same text, the same
 * cursor, and the same rendition of each character.
 *
 * tmux does not report two things exactly. It omits the background of erased cells, so the rendition of blank cells is not
 * compared. And it prints the overline attribute as a sub-parameter of another one (see `OVERLINE`).
 */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Frame from "../../src/domain/terminal/Frame.ts"
import * as Row from "../../src/domain/terminal/Row.ts"
import * as XtermEmulator from "../../src/services/node/xterm/XtermEmulator.ts"
import { Emulator } from "../../src/services/server/Emulator.ts"
import { pieces, read, readBytes, type Recording } from "./recording.ts"
import { SCENARIOS } from "./scenarios.ts"

/** tmux 3.3 captures SGR 53 as `5:3`, which means blinking. */
const OVERLINE = /(?<=[[;])5:3(?=[;m])/g

const play = Effect.fnUntraced(function* (size: Frame.Size) {
  const emulator = yield* Emulator
  return yield* emulator.make({ size, onReply: () => undefined })
})

/** The screen of a recording, fed in pieces of a given size. */
const replay = Effect.fnUntraced(function* (name: string, recording: Recording, length: number) {
  const screen = yield* play(recording)
  for (const { bytes, columns, rows } of pieces(readBytes(name), recording)) {
    screen.resize({ columns, rows })
    for (let at = 0; at < bytes.length; at += length) {
      screen.write(bytes.subarray(at, at + length))
      if (length > 1) screen.frame()
    }
  }
  return screen.frame()
})

/** The frame that tmux's captured rows result in. */
const pictured = Effect.fnUntraced(function* (recording: Recording, size: Frame.Size) {
  const screen = yield* play(size)
  screen.write(Buffer.from("\x1b[?7l"))
  recording.screen.painted.forEach((line, y) =>
    screen.write(Buffer.from(`\x1b[${y + 1};1H${line.replaceAll(OVERLINE, "53")}`))
  )
  return screen.frame()
})

const lineOf = (row: Row.Row): string => {
  let line = ""
  for (let x = 0; x < Row.columns(row); x++) {
    const text = Row.text(row, x)
    if (text !== "") line += text
    else if (row.words[4 * x] !== 0) line += " "
  }
  return line.trimEnd()
}

const isBlank = (row: Row.Row, column: number): boolean => Row.text(row, column).trim() === ""

describe("recorded programs", () => {
  for (const { name } of SCENARIOS) {
    it.effect(`${name} shows what tmux showed`, () =>
      Effect.gen(function* () {
        const recording = read(name)
        const frame = yield* replay(name, recording, 4096)
        const picture = yield* pictured(recording, frame.size)
        assert.deepStrictEqual(
          frame.rows.map(lineOf),
          recording.screen.text.map((line) => line.trimEnd())
        )
        const { column, row, visible } = frame.cursor
        assert.deepStrictEqual({ row, column, visible }, recording.screen.cursor)
        frame.rows.forEach((row, y) => {
          const other = picture.rows[y] as Row.Row
          for (let x = 0; x < frame.size.columns; x++) {
            if (isBlank(row, x)) continue
            const where = `${name}, row ${y}, column ${x}: ${Row.text(row, x)}`
            assert.deepStrictEqual(Row.rendition(row, x), Row.rendition(other, x), where)
          }
        })
      }).pipe(Effect.scoped, Effect.provide(XtermEmulator.layer))
    )

    it.effect(`${name} shows the same byte by byte`, () =>
      Effect.gen(function* () {
        const recording = read(name)
        const whole = yield* replay(name, recording, Number.POSITIVE_INFINITY)
        assert.isTrue(Frame.equals(whole, yield* replay(name, recording, 1)))
        assert.isTrue(Frame.equals(whole, yield* replay(name, recording, 17)))
      }).pipe(Effect.scoped, Effect.provide(XtermEmulator.layer))
    )
  }
})
