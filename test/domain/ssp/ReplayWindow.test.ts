import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as ReplayWindow from "../../../src/domain/ssp/ReplayWindow.ts"

const WINDOW = ReplayWindow.WINDOW

/** Steps ahead or back from the highest number so far; some lead far beyond the window. */
const Walk = Schema.Array(
  Schema.Union([
    Schema.Int.check(Schema.isBetween({ minimum: -12, maximum: 6 })),
    Schema.Int.check(Schema.isBetween({ minimum: -WINDOW - 3, maximum: WINDOW + 3 }))
  ])
)

describe("a replay window", () => {
  it.prop("remembers recent packets like a set of numbers, and treats older ones as received", [Walk], ([walk]) => {
    let window = ReplayWindow.NONE
    const came = new Set<bigint>()
    let highest = -1n
    for (const step of walk) {
      const sequence = highest + BigInt(step) < 0n ? 0n : highest + BigInt(step)
      const isRecent = sequence > highest - BigInt(WINDOW)
      expect(ReplayWindow.isFresh(window, sequence)).toBe(isRecent && !came.has(sequence))
      if (!ReplayWindow.isFresh(window, sequence)) continue
      window = ReplayWindow.add(window, sequence)
      came.add(sequence)
      if (sequence > highest) highest = sequence
    }
  })

  it("does not grow when a number leaps as far as it can", () => {
    const window = ReplayWindow.add(ReplayWindow.add(ReplayWindow.NONE, 0n), 2n ** 63n - 1n)
    expect(window).toEqual({ next: 2n ** 63n, received: 1n })
  })
})
