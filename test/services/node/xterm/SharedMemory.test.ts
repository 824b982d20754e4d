import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { Emulator } from "../../../../src/services/server/Emulator.ts"
import * as XtermEmulator from "../../../../src/services/node/xterm/XtermEmulator.ts"
import { makeScreen, textOf } from "./screen.ts"

setFlagsFromString("--expose-gc")
const gc = runInNewContext("gc") as () => void

/** What the process's buffers hold, without garbage. */
const bufferBytes = (): number => {
  gc()
  return process.memoryUsage().arrayBuffers
}

it.effect("holds little more in buffers than the cells of an empty screen", () =>
  Effect.gen(function* () {
    const screens = 100
    // What screens share is made with the first.
    ;(yield* makeScreen(80, 24)).frame()
    const before = bufferBytes()
    for (let i = 0; i < screens; i++) (yield* makeScreen(80, 24)).frame()
    const bytes = (bufferBytes() - before) / screens
    // Twelve bytes a cell, and 4 kB for all the rest.
    assert.isBelow(bytes, 80 * 24 * 12 + 4_000)
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
