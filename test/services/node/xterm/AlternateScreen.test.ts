import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as XtermEmulator from "../../../../src/services/node/xterm/XtermEmulator.ts"
import { makeScreen } from "./screen.ts"

/** How a program leaves the alternate screen, and how one enters it; whether it then shows what it showed before. */
const CASES = [
  ["47l", "47h", true],
  ["47l", "1047h", true],
  ["47l", "1049h", false],
  ["47;1047l", "47h", false],
  ["1047l", "47h", false],
  ["1049l", "1049h", false]
] as const

for (const [leave, enter, isKept] of CASES) {
  it.effect(`the alternate screen is ${isKept ? "kept" : "erased"} between ${leave} and ${enter}`, () =>
    Effect.gen(function* () {
      const screen = yield* makeScreen()
      screen.print("shell\x1b[?47h\x1b[2;1Hpage")
      assert.deepStrictEqual(screen.text(), ["", "page"])
      screen.print(`\x1b[?${leave}`)
      assert.deepStrictEqual(screen.text(), ["shell"])
      screen.print(`\x1b[2;1H$\x1b[?${enter}`)
      assert.deepStrictEqual(screen.text(), isKept ? ["", "page"] : [])
      screen.print("\x1b[?47l")
      assert.deepStrictEqual(screen.text(), ["shell", "$"])
    }).pipe(Effect.scoped, Effect.provide(XtermEmulator.layer))
  )
}

it.effect("a full reset and another size erase the kept alternate screen", () =>
  Effect.gen(function* () {
    const screen = yield* makeScreen()
    screen.print("\x1b[?47hpage\x1b[?47l\x1bc\x1b[?47h")
    assert.deepStrictEqual(screen.text(), [])
    screen.print("page\x1b[?47l")
    screen.resize(30, 8)
    screen.print("\x1b[?47h")
    assert.deepStrictEqual(screen.text(), [])
  }).pipe(Effect.scoped, Effect.provide(XtermEmulator.layer))
)

it.effect("mode 1049 erases the alternate screen also from itself", () =>
  Effect.gen(function* () {
    const screen = yield* makeScreen()
    screen.print("\x1b[?47h\x1b[2;3Hpage\x1b[?47h")
    assert.deepStrictEqual(screen.text(), ["", "  page"])
    screen.print("\x1b[?1049h")
    assert.deepStrictEqual([screen.text(), screen.cursor()], [[], [1, 6]])
  }).pipe(Effect.scoped, Effect.provide(XtermEmulator.layer))
)

it.effect("both screens have the same tab stops and scrolling region", () =>
  Effect.gen(function* () {
    const screen = yield* makeScreen()
    const report = "\x1b[2$w\x1bP$qr\x1b\\"
    screen.print(`\x1b[3g\x1b[2;4r\x1b[?1049h${report}`)
    assert.strictEqual(screen.replies(), "\x1bP2$u\x1b\\\x1bP1$r2;4r\x1b\\")
    screen.print(`\x1b[1;5H\x1bH\x1b[3;5r\x1b[?1049l${report}`)
    assert.strictEqual(screen.replies(), "\x1bP2$u5\x1b\\\x1bP1$r3;5r\x1b\\")
    screen.print(`\x1b[?1049h${report}`)
    assert.strictEqual(screen.replies(), "\x1bP2$u5\x1b\\\x1bP1$r3;5r\x1b\\")
  }).pipe(Effect.scoped, Effect.provide(XtermEmulator.layer))
)
