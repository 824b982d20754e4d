import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as SynchronizedUpdate from "../../../src/domain/terminal/SynchronizedUpdate.ts"

const { deadline, step } = SynchronizedUpdate.machine
const number = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))

/** What a program and its user do, each after so many ms; a program numbers its updates itself. */
const Events = Schema.Array(
  Schema.Struct({ after: number(0, 700), event: Schema.Literals(["begin", "draw", "end", "next", "resize"]) })
)

describe("SynchronizedUpdate", () => {
  it("releases the screen of a program that hangs within an update when the limit is over", () => {
    const [held] = step(SynchronizedUpdate.initial, { _tag: "Printed", update: 1 }, 5000)
    expect([held.isHeld, deadline(held)]).toEqual([true, 5000 + SynchronizedUpdate.LIMIT])
    const [released, outputs] = step(held, { _tag: "Tick" }, 5000 + SynchronizedUpdate.LIMIT)
    expect(outputs).toEqual([{ _tag: "Released" }])
    expect([released.isHeld, deadline(released)]).toEqual([false, Infinity])
  })

  it.prop("holds the screen while an update is open, and never for more than its limit", [Events], ([events]) => {
    let state = SynchronizedUpdate.initial
    let now = 0
    let newest = 0
    let open: number | undefined
    /** When the open update began; `undefined` if the screen was resized since. */
    let began: number | undefined
    const offer = (input: SynchronizedUpdate.Input): void => {
      state = step(state, input, now)[0]
    }
    for (const { after, event } of events) {
      const due = deadline(state)
      if (due <= now + after) {
        now = Math.max(now, due)
        const [next, outputs] = step(state, { _tag: "Tick" }, now)
        expect(outputs).toEqual([{ _tag: "Released" }])
        state = next
      }
      now = Math.max(now, due <= now + after ? due : now + after)
      if (event === "resize") {
        began = undefined
        offer({ _tag: "Resized" })
      } else {
        if (event === "end" || event === "next") open = began = undefined
        if ((event === "begin" && open === undefined) || event === "next") {
          open = ++newest
          began = now
        }
        offer({ _tag: "Printed", update: open })
      }
      const isWanted = open !== undefined && began !== undefined && now < began + SynchronizedUpdate.LIMIT
      expect(state.isHeld).toBe(isWanted)
      expect(deadline(state)).toBe(isWanted ? (began as number) + SynchronizedUpdate.LIMIT : Infinity)
    }
  })
})
