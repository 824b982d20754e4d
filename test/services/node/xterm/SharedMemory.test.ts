import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { assert, it } from "@effect/vitest"
import { Terminal } from "@xterm/headless/lib-headless/xterm-headless.mjs"
import * as Effect from "effect/Effect"
import { Emulator } from "../../../../src/services/server/Emulator.ts"
import * as Internals from "../../../../src/services/node/xterm/Internals.ts"
import * as XtermEmulator from "../../../../src/services/node/xterm/XtermEmulator.ts"
import { makeScreen, textOf } from "./screen.ts"

setFlagsFromString("--expose-gc")
const gc = runInNewContext("gc") as () => void

/** What the process's buffers and its objects hold, without garbage. */
const held = (): { readonly buffers: number; readonly objects: number } => {
  gc()
  const { arrayBuffers, heapUsed } = process.memoryUsage()
  return { buffers: arrayBuffers, objects: heapUsed }
}

it.effect("holds little more than the cells of an empty screen", () =>
  Effect.gen(function* () {
    const screens = 100
    // What screens share is made with the first.
    ;(yield* makeScreen(80, 24)).frame()
    const before = held()
    for (let i = 0; i < screens; i++) (yield* makeScreen(80, 24)).frame()
    const after = held()
    // Twelve bytes a cell, and 8 kB for all the rest. A buffer of xterm's for decoded bytes would be 16 kB.
    assert.isBelow((after.buffers - before.buffers) / screens, 80 * 24 * 12 + 8_000)
    // It is 118.1 kB, give or take 0.1. Each part that SharedMemory.ts frees would add 3.3 to 17.7 kB: the limit leaves 2.4 kB
    // for what screens need in future, and fails if the smallest part, the spare places of OSC handlers, is no longer freed.
    assert.isBelow((after.objects - before.objects) / screens, 120_500)
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

it.effect("selects the character sets that xterm selects, and no others", () =>
  Effect.gen(function* () {
    const sequences = Array.from("()*+-./").flatMap((set) =>
      Array.from({ length: 0x7e - 0x30 + 1 }, (_, i) => `\x1b${set}${String.fromCharCode(0x30 + i)}`)
    )
    // A reset between them: only this sequence selects a set. All four sets are shown.
    const output = (sequence: string) => `\x1bc${sequence}\x0f#q\x0e#q\x1bn#q\x1bo#q`
    const screen = yield* makeScreen(20, 2)
    const terminal = new Terminal({ cols: 20, rows: 2, allowProposedApi: true })
    const { _inputHandler: xterm } = Internals.open(terminal)
    for (const sequence of sequences) {
      screen.print(output(sequence))
      xterm.parse(Buffer.from(output(sequence)))
      assert.deepStrictEqual(
        screen.text(),
        [terminal.buffer.active.getLine(0)?.translateToString(true) ?? ""],
        sequence
      )
    }
  }).pipe(Effect.provide(XtermEmulator.layer))
)
