import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as Loss from "../../../../src/domain/ssp/path/Loss.ts"

const of = (numbers: ReadonlyArray<bigint>): Loss.Loss => numbers.reduce(Loss.arrived, Loss.NONE)
const range = (from: number, to: number): ReadonlyArray<bigint> =>
  Array.from({ length: to - from }, (_, i) => BigInt(from + i))

/** Alternating runs of numbers that arrive and of numbers that do not. */
const Runs = Schema.Array(
  Schema.Struct({
    come: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 40 })),
    missing: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 8 }))
  })
)

describe("Loss", () => {
  it("gives no share of very few packets", () => {
    expect(Loss.share(Loss.NONE)).toBeUndefined()
    expect(Loss.share(of(range(0, 7)))).toBeUndefined()
    expect(Loss.share(of(range(0, 8)))).toBe(0)
  })

  it.prop("is the share of missing numbers among the last ones", [Runs], ([runs]) => {
    const came = new Set<bigint>()
    let next = 0n
    for (const { come, missing } of runs) {
      for (let i = 0; i < come; i++) came.add(next++)
      next += BigInt(missing)
    }
    const highest = [...came].at(-1) ?? -1n
    const least = highest + 1n > BigInt(Loss.WINDOW) ? highest + 1n - BigInt(Loss.WINDOW) : 0n
    let missing = 0
    for (let number = least; number <= highest; number++) if (!came.has(number)) missing++
    const count = Number(highest + 1n - least)
    expect(Loss.share(of([...came]))).toBe(count < 8 ? undefined : missing / count)
  })

  it.prop(
    "does not depend on the order of arrival within the window, nor on repeats",
    [Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 100 })))],
    ([order]) => {
      // No gap is long enough to be an outage.
      const numbers = [...order.map(BigInt), ...range(0, 101).filter((number) => number % 3n !== 0n)]
      const sorted = numbers.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0))
      const shuffled = [...sorted.filter((n) => n % 2n === 0n), ...sorted, ...sorted.filter((n) => n % 2n === 1n)]
      expect(Loss.share(of([...sorted, ...shuffled]))).toBe(Loss.share(of(sorted)))
    }
  )

  it("counts a long gap as an outage, not as loss", () => {
    expect(Loss.share(of([...range(0, 100), ...range(5000, 5020)]))).toBe(8 / 128)
  })

  it("remembers nothing beyond its window", () => {
    const loss = of(range(0, 500).filter((number) => number % 2n === 0n))
    expect(Loss.share(loss)).toBeCloseTo(0.5, 1)
    expect(Loss.share([...range(500, 630)].reduce(Loss.arrived, loss))).toBe(0)
    // A straggler from before it changes nothing.
    expect(Loss.arrived(loss, 3n)).toBe(loss)
  })
})
