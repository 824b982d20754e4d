import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Frame from "../../../../src/domain/terminal/Frame.ts"
import * as History from "../../../../src/domain/history/History.ts"
import * as ScreenPosition from "../../../../src/domain/history/ScreenPosition.ts"
import * as XtermEmulator from "../../../../src/services/node/xterm/XtermEmulator.ts"
import { Emulator } from "../../../../src/services/server/Emulator.ts"
import { makeScreen } from "./screen.ts"

const BEGIN = "\x1b[?2026h"
const END = "\x1b[?2026l"

const Pieces = Schema.Array(
  Schema.Literals([
    "a",
    "\x1b[H",
    "\x1b[2J",
    "\r\n",
    "\x1b[5S",
    "日",
    "\x1b[?1049h",
    "\x1b[?1049l",
    "\x1b[3J",
    "\x1b[2;4r"
  ])
)
const Frames = Schema.Array(Pieces)
const Length = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 40 }))

const open = Effect.gen(function* () {
  const history = History.make(100)
  const emulator = yield* Emulator
  const screen = yield* emulator.make({ size: { columns: 8, rows: 4 }, onReply: () => undefined, history })
  const now = () => ({
    frame: screen.frame(),
    position: { top: history.end, first: history.erased, alternate: screen.isAlternate() }
  })
  return { now, shown: () => screen.update()?.before ?? now(), screen }
}).pipe(Effect.provide(XtermEmulator.layer))

describe("synchronized updates", () => {
  it.effect.prop(
    "show only whole frames, with their place in the history, however the output is split",
    [Frames, Length],
    ([frames, length]) =>
      Effect.gen(function* () {
        const whole = yield* open
        const wholes = [whole.now()]
        let output = ""
        for (const pieces of frames) {
          const text = pieces.join("")
          output += BEGIN + text + END
          whole.screen.write(Buffer.from(text))
          wholes.push(whole.now())
        }
        const split = yield* open
        const bytes = Buffer.from(output)
        for (let at = 0; at < bytes.length; at += length) {
          split.screen.write(bytes.subarray(at, at + length))
          const shown = split.shown()
          assert.isTrue(
            wholes.some(
              ({ frame, position }) =>
                Frame.equals(frame, shown.frame) && ScreenPosition.equals(position, shown.position)
            )
          )
        }
        assert.isTrue(Frame.equals(split.shown().frame, whole.now().frame))
      }).pipe(Effect.scoped)
  )

  it.effect("show what the same write printed before them", () =>
    Effect.gen(function* () {
      const screen = yield* makeScreen()
      screen.print("old\r\n\r\n")
      assert.deepStrictEqual(Frame.lines(screen.frame())[0], "old")
      screen.print(`\x1b[Hnew\x1b[3H${BEGIN}\x1b[Htorn`)
      assert.deepStrictEqual(Frame.lines(screen.update()?.before.frame as Frame.Frame)[0], "new")
    }).pipe(Effect.scoped, Effect.provide(XtermEmulator.layer))
  )

  it.effect("are reported, numbered, and ended by a reset", () =>
    Effect.gen(function* () {
      const screen = yield* makeScreen()
      screen.print(`\x1b[?2026$p${BEGIN}\x1b[?2026$p${END}\x1b[?2026$p`)
      assert.strictEqual(screen.replies(), "\x1b[?2026;2$y\x1b[?2026;1$y\x1b[?2026;2$y")
      assert.isUndefined(screen.update())
      screen.print(`x${BEGIN}y${BEGIN}z`)
      assert.strictEqual(screen.update()?.number, 2)
      assert.deepStrictEqual(Frame.lines(screen.update()?.before.frame as Frame.Frame)[0], "x")
      screen.print("\x1b[!p")
      assert.isUndefined(screen.update())
      screen.print(`${BEGIN}\x1bc`)
      assert.isUndefined(screen.update())
    }).pipe(Effect.scoped, Effect.provide(XtermEmulator.layer))
  )

  it.effect("cost a bounded number of reads of the screen, and then keep an earlier whole frame", () =>
    Effect.gen(function* () {
      const screen = yield* makeScreen()
      let output = ""
      for (let i = 0; i < 1000; i++) output += `${BEGIN}\x1b[H${i}${END}`
      screen.print(`${output}${BEGIN}`)
      const shown = Number(Frame.lines(screen.update()?.before.frame as Frame.Frame)[0])
      assert.isBelow(shown, 16)
      screen.print(`${END}${BEGIN}`)
      assert.deepStrictEqual(Frame.lines(screen.update()?.before.frame as Frame.Frame)[0], "999")
    }).pipe(Effect.scoped, Effect.provide(XtermEmulator.layer))
  )
})
