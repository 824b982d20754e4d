import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as InputTranslation from "../../src/domain/terminal/InputTranslation.ts"

const { deadline, machine, initial, HOLD } = { ...InputTranslation, ...InputTranslation.machine }

const Keys = Schema.Array(
  Schema.Union([
    Schema.Literals([0x1b, 0x4f, 0x41, 0x44, 0x45, 0x5b]),
    Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 255 }))
  ])
)

/** Types pieces at once, then waits for what is held. */
const type = (pieces: ReadonlyArray<ReadonlyArray<number>>, applicationCursorKeys: boolean): ReadonlyArray<number> => {
  let state = initial
  const out: Array<number> = []
  for (const piece of pieces) {
    const input = { _tag: "Typed", bytes: Uint8Array.from(piece), applicationCursorKeys } as const
    const [next, outputs] = machine.step(state, input, 0)
    state = next
    for (const bytes of outputs) out.push(...bytes)
  }
  const [, released] = machine.step(state, { _tag: "Tick" }, HOLD)
  for (const bytes of released) out.push(...bytes)
  return out
}

const keys = (text: string) => Array.from(text, (character) => character.charCodeAt(0))
const ESC = "\x1b"

describe("InputTranslation", () => {
  it.prop("is the identity when the program asked for application keys", [Keys], ([typed]) => {
    expect(type([typed], true)).toEqual(typed)
  })

  it.prop("changes nothing but the O of cursor keys", [Keys], ([typed]) => {
    const out = type([typed], false)
    expect(out.length).toBe(typed.length)
    out.forEach((byte, i) => {
      if (byte === typed[i]) return
      expect([typed[i - 1], typed[i], byte]).toEqual([0x1b, 0x4f, 0x5b])
      expect(typed[i + 1]).toBeGreaterThanOrEqual(0x41)
      expect(typed[i + 1]).toBeLessThanOrEqual(0x44)
    })
  })

  it.prop("does not care how input is split", [Keys, Keys, Schema.Boolean], ([a, b, application]) => {
    expect(type([a, b], application)).toEqual(type([[...a, ...b]], application))
    expect(
      type(
        [...a, ...b].map((key) => [key]),
        application
      )
    ).toEqual(type([[...a, ...b]], application))
  })

  it.each([
    [`${ESC}OA${ESC}OD`, `${ESC}[A${ESC}[D`],
    [`${ESC}OP`, `${ESC}OP`],
    [`${ESC}${ESC}OB`, `${ESC}${ESC}OB`],
    [`${ESC}OO${ESC}OA`, `${ESC}OO${ESC}[A`],
    ["OA", "OA"]
  ])("turns %j into %j", (typed, expected) => {
    expect(type([keys(typed)], false)).toEqual(keys(expected))
  })

  it("lets go of a lone Alt-O after a while", () => {
    const input = { _tag: "Typed", bytes: Uint8Array.from(keys(`${ESC}O`)), applicationCursorKeys: false } as const
    const [held, outputs] = machine.step(initial, input, 100)
    expect(outputs).toEqual([Uint8Array.of(0x1b)])
    expect(deadline(held)).toBe(100 + HOLD)
    expect(machine.step(held, { _tag: "Tick" }, 99 + HOLD)[1]).toEqual([])
    expect(machine.step(held, { _tag: "Tick" }, 100 + HOLD)).toEqual([initial, [Uint8Array.of(0x4f)]])
  })
})
