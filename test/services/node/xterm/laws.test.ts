import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import * as Cell from "../../../../src/domain/terminal/Cell.ts"
import * as CharWidth from "../../../../src/domain/terminal/CharWidth.ts"
import * as Frame from "../../../../src/domain/terminal/Frame.ts"
import * as Row from "../../../../src/domain/terminal/Row.ts"
import { Emulator, type Screen } from "../../../../src/services/server/Emulator.ts"
import * as XtermEmulator from "../../../../src/services/node/xterm/XtermEmulator.ts"
import { bytesOf, Steps } from "./programs.ts"

const SIZE: Frame.Size = { columns: 24, rows: 8 }

/** Runs a body, which can make any number of screens. */
const withScreens = (body: (make: () => Screen) => void) =>
  Effect.runSync(
    Effect.scoped(
      Effect.gen(function* () {
        const emulator = yield* Emulator
        const scope = yield* Effect.scope
        const make = () => Effect.runSync(Scope.provide(emulator.make({ size: SIZE, onReply: () => undefined }), scope))
        body(make)
      })
    ).pipe(Effect.provide(XtermEmulator.layer))
  )

const run = (screen: Screen, steps: Steps, write: (bytes: Uint8Array) => void, between: () => void) => {
  for (const { output, size } of steps) {
    write(bytesOf(output))
    between()
    if (size === undefined) continue
    screen.resize(size)
    between()
  }
}

const withoutUpdates = (steps: Steps): Steps =>
  steps.map((step) => ({
    ...step,
    output: step.output.filter((piece) => piece.kind !== "mode" || piece.mode !== 2026)
  }))

const wellFormed = (frame: Frame.Frame) => {
  assert.strictEqual(frame.rows.length, frame.size.rows)
  assert.isBelow(frame.cursor.row, frame.size.rows)
  assert.isBelow(frame.cursor.column, frame.size.columns)
  for (const row of frame.rows) {
    assert.strictEqual(Row.columns(row), frame.size.columns)
    for (let x = 0; x < frame.size.columns; x++) {
      const at = x * Cell.WORDS
      const glyph = row.words[at] as number
      const text = Row.text(row, x)
      if (glyph === Cell.EMPTY) {
        assert.strictEqual(row.words[at + Cell.FOREGROUND], 0)
        assert.isBelow(row.words[at + Cell.BACKGROUND] as number, 1 << 26)
        assert.strictEqual(row.words[at + Cell.UNDERLINE], 0)
        continue
      }
      const [base, ...marks] = Array.from(text, (character) => character.codePointAt(0) as number)
      assert.isDefined(base)
      assert.strictEqual(base, Cell.codePointOf(glyph))
      assert.strictEqual(Cell.widthOf(glyph), CharWidth.of(base as number))
      assert.strictEqual((glyph & Cell.CLUSTER) !== 0, marks.length > 0)
      for (const mark of marks) assert.strictEqual(CharWidth.of(mark), 0)
      assert.isAtMost(Buffer.byteLength(text), 32 + 4)
      if (Cell.widthOf(glyph) === 2) {
        assert.isBelow(++x, frame.size.columns)
        assert.strictEqual(row.words[at + Cell.WORDS], Cell.RIGHT_HALF)
        for (let word = 1; word < Cell.WORDS; word++) {
          assert.strictEqual(row.words[at + Cell.WORDS + word], row.words[at + word])
        }
      }
    }
    for (const x of row.clusters?.keys() ?? []) assert.isAbove(Row.text(row, x).length, 1)
    for (const [x, link] of row.links ?? []) assert.strictEqual(Row.rendition(row, x).link, link)
    if (row.wraps) assert.notStrictEqual(row.words[row.words.length - Cell.WORDS], Cell.EMPTY)
  }
}

describe("the emulator, for any output", () => {
  it.prop(
    "shows the same however often it was looked at",
    [Steps],
    ([steps]) =>
      withScreens((make) => {
        const watched = make()
        const fresh = make()
        run(watched, steps, watched.write, () => watched.frame())
        run(fresh, steps, fresh.write, () => undefined)
        assert.isTrue(Frame.equals(watched.frame(), fresh.frame()))
      }),
    { arbitrary: { runs: 300 } }
  )

  it.prop(
    "shows the same however its input is split",
    [Steps, Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 5 }))],
    ([steps, length]) =>
      withScreens((make) => {
        const whole = make()
        const split = make()
        run(whole, steps, whole.write, () => undefined)
        run(
          split,
          steps,
          (bytes) => {
            for (let at = 0; at < bytes.length; at += length) split.write(bytes.subarray(at, at + length))
          },
          () => undefined
        )
        assert.isTrue(Frame.equals(whole.frame(), split.frame()))
      }),
    { arbitrary: { runs: 100 } }
  )

  it.prop(
    "shows well-formed frames",
    [Steps],
    ([steps]) =>
      withScreens((make) => {
        const screen = make()
        run(screen, steps, screen.write, () => wellFormed(screen.frame()))
      }),
    { arbitrary: { runs: 100 } }
  )

  // When a synchronized update begins, the emulator reads the screen, and shares rows with that frame. So the law is about
  // programs that begin none.
  it.prop("shares the rows that did not change", [Steps], ([steps]) =>
    withScreens((make) => {
      const screen = make()
      let last = screen.frame()
      run(screen, withoutUpdates(steps), screen.write, () => {
        const frame = screen.frame()
        assert.strictEqual(screen.frame(), frame)
        const shown = new Set(last.rows)
        frame.rows.forEach((row, y) => {
          const before = last.rows[y]
          if (before !== undefined && !shown.has(row)) assert.isFalse(Row.equals(row, before))
        })
        last = frame
      })
    })
  )

  it("shares rows with the frame from before a synchronized update", () =>
    withScreens((make) => {
      const screen = make()
      screen.write(Buffer.from("a\r\nsecond\x1b[H"))
      const first = screen.frame()
      screen.write(Buffer.from("b\x1b[?2026h\x1b[Ha\x1b[3Hthird"))
      const before = screen.update()?.before.frame
      const now = screen.frame()
      assert.deepStrictEqual(before && Frame.lines(before).slice(0, 3), ["b", "second", ""])
      assert.deepStrictEqual(Frame.lines(now).slice(0, 3), ["a", "second", "third"])
      assert.strictEqual(before?.rows[1], first.rows[1])
      assert.strictEqual(now.rows[1], first.rows[1])
      // Equal to the row of the first frame, but that is no longer the frame before.
      assert.notStrictEqual(now.rows[0], first.rows[0])
    }))
})
