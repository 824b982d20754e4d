import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Emulator } from "../../../../src/services/server/Emulator.ts"
import * as XtermEmulator from "../../../../src/services/node/xterm/XtermEmulator.ts"
import { makeScreen, textOf } from "./screen.ts"

it.effect("holds little more in buffers than the cells of an empty screen", () =>
  Effect.gen(function* () {
    const screens = 100
    const before = process.memoryUsage().arrayBuffers
    for (let i = 0; i < screens; i++) (yield* makeScreen(80, 24)).frame()
    const bytes = (process.memoryUsage().arrayBuffers - before) / screens
    // Twelve bytes a cell, and 16 kB for all the rest.
    assert.isBelow(bytes, 80 * 24 * 12 + 16_000)
  }).pipe(Effect.scoped, Effect.provide(XtermEmulator.layer))
)

it.effect("prints on another screen while a query is answered, and then the rest", () =>
  Effect.gen(function* () {
    const other = yield* makeScreen(20, 5)
    const emulator = yield* Emulator
    const screen = yield* emulator.make({
      size: { columns: 20, rows: 5 },
      onReply: () => other.print("another program's text")
    })
    screen.write(Buffer.from("ab\x1b[6ncdefghijk"))
    assert.deepStrictEqual(textOf(screen.frame()), ["abcdefghijk"])
    assert.deepStrictEqual(other.text(), ["another program's te", "xt"])
  }).pipe(Effect.scoped, Effect.provide(XtermEmulator.layer))
)
