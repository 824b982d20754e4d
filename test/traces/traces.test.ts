/**
 * Properties that every trace must have for a replay to be meaningful.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Row from "../../src/domain/terminal/Row.ts"
import * as XtermEmulator from "../../src/services/node/xterm/XtermEmulator.ts"
import { Emulator } from "../../src/services/server/Emulator.ts"
import { SCENARIOS } from "./scenarios.ts"
import { type Key, type Output, names, read, type Trace } from "./trace.ts"

const TRACES = names().map(read)

const isInOrder = (events: ReadonlyArray<Key | Output>): boolean =>
  events.every(({ at }, i) => at >= (events[i - 1]?.at ?? 0))

const textOf = (row: Row.Row): string => {
  let text = ""
  for (let x = 0; x < Row.columns(row); x++) text += Row.text(row, x) || (row.words[4 * x] === 0 ? "" : " ")
  return text
}

/** All rows that were on the screen at some time. */
const history = Effect.fnUntraced(function* ({ columns, rows, output }: Trace) {
  const emulator = yield* Emulator
  const screen = yield* emulator.make({ size: { columns, rows }, onReply: () => undefined })
  const seen = new Set<Row.Row>()
  for (const { bytes } of output) {
    screen.write(bytes)
    for (const row of screen.frame().rows) seen.add(row)
  }
  return [...seen].map(textOf)
})

describe("traces", () => {
  it("are of all scenarios, and long enough to measure with", () => {
    assert.deepStrictEqual(names(), SCENARIOS.map(({ name }) => name).sort())
    assert.isAtLeast(TRACES.length, 16)
    assert.isAtLeast(TRACES.flatMap(({ keys }) => keys).length, 3300)
  })

  for (const { name, shows } of SCENARIOS) {
    const trace = read(name)
    const { keys, output } = trace

    it(`${name} runs forward in time, from output to input`, () => {
      assert.isTrue(isInOrder(keys))
      assert.isTrue(isInOrder(output))
      assert.isBelow(output[0]?.at ?? Number.POSITIVE_INFINITY, keys[0]?.at ?? 0)
      assert.isTrue(keys[0]?.waits)
    })

    it.effect(
      `${name} shows what was meant to be typed`,
      () =>
        Effect.gen(function* () {
          const rows = yield* history(trace)
          assert.isTrue(rows.some((row) => row.includes(shows)))
        }).pipe(Effect.scoped, Effect.provide(XtermEmulator.layer)),
      30_000
    )
  }
})
