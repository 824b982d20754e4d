import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as XtermEmulator from "../../../../src/services/node/xterm/XtermEmulator.ts"
import { makeScreen } from "./screen.ts"

it.effect("smooth scrolling and wrapping tabs are reported, saved and restored, and a full reset ends the first", () =>
  Effect.gen(function* () {
    const screen = yield* makeScreen()
    const report = "\x1b[?4$p\x1b[?41$p"
    screen.print(report)
    assert.strictEqual(screen.replies(), "\x1b[?4;2$y\x1b[?41;2$y")
    screen.print(`\x1b[?4;41h${report}\x1b[?4;41s\x1b[?4;41l${report}\x1b[?4;41r${report}`)
    const set = "\x1b[?4;1$y\x1b[?41;1$y"
    assert.strictEqual(screen.replies(), `${set}\x1b[?4;2$y\x1b[?41;2$y${set}`)
    screen.print(`\x1b[!p${report}\x1bc${report}`)
    assert.strictEqual(screen.replies(), `${set}\x1b[?4;2$y\x1b[?41;1$y`)
  }).pipe(Effect.scoped, Effect.provide(XtermEmulator.layer))
)

it.effect("with mode 41, a tab while a wrap is pending goes to the first tab stop of the next row", () =>
  Effect.gen(function* () {
    const screen = yield* makeScreen(20, 6)
    const row = "x".repeat(20)
    screen.print(`${row}\t`)
    assert.deepStrictEqual(screen.cursor(), [0, 19])
    screen.print(`\x1b[?41h\x1b[H${row}\ta`)
    assert.deepStrictEqual(screen.text(), [row, "        a"])
    screen.print(`\x1b[H${row}\x1b[2I`)
    assert.deepStrictEqual(screen.cursor(), [1, 8])
    screen.print(`\x1b[H${row}\x1b[?7l\t\x1b[?7h`)
    assert.deepStrictEqual(screen.cursor(), [0, 19])
    screen.print("\x1b[?69h\x1b[5;12s\x1b[3;11Hab\t")
    assert.deepStrictEqual(screen.cursor(), [3, 8])
    screen.print("\x1b[4;11Hab\tc")
    assert.deepStrictEqual(screen.text(), [row, "        a", "          ab", "          ab", "        c"])
  }).pipe(Effect.scoped, Effect.provide(XtermEmulator.layer))
)
