import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as KittyKeyboard from "../../../src/domain/keyboard/KittyKeyboard.ts"

const { current, initial, pop, push, set } = KittyKeyboard
const Flags = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 31 }))

describe("KittyKeyboard", () => {
  it.prop("pops what was pushed, on each screen alone", [Schema.Array(Flags), Flags], ([pushed, other]) => {
    const some = pushed.slice(0, KittyKeyboard.DEPTH)
    let state = push(initial, "alternate", other)
    for (const flags of some) state = push(state, "primary", flags)
    for (let i = some.length - 1; i >= 0; i--) {
      expect(current(state, "primary")).toBe(some[i])
      state = pop(state, "primary", 1)
    }
    expect(current(state, "primary")).toBe(0)
    expect(current(state, "alternate")).toBe(other)
  })

  it("sets, adds and removes flags, and drops unknown ones", () => {
    const five = set(initial, "primary", 5, 1)
    expect(current(five, "primary")).toBe(5)
    expect(current(set(five, "primary", 2, 2), "primary")).toBe(7)
    expect(current(set(five, "primary", 4, 3), "primary")).toBe(1)
    expect(current(set(five, "primary", 2, 4), "primary")).toBe(5)
    expect(current(push(five, "primary", 0xffff), "primary")).toBe(31)
  })

  it("pops several entries, and resets the flags below the last", () => {
    const deep = [1, 2, 3].reduce((state, flags) => push(state, "primary", flags), set(initial, "primary", 8, 1))
    expect(current(pop(deep, "primary", 2), "primary")).toBe(1)
    expect(current(pop(deep, "primary", 3), "primary")).toBe(8)
    expect(current(pop(deep, "primary", 4), "primary")).toBe(0)
  })

  it("keeps a bounded number of entries", () => {
    let state = initial
    for (let i = 0; i < 1000; i++) state = push(state, "primary", i % 32)
    expect(state.primary.pushed.length).toBe(KittyKeyboard.DEPTH)
    expect(current(state, "primary")).toBe(999 % 32)
  })
})
