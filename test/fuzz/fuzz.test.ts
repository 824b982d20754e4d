/**
 * The short run: every finding that was fixed, every seed, and a few thousand inputs made from these, the same each
 * time.
 *
 * `npm run fuzz` goes on from here, guided by coverage.
 */
import { describe, expect, it } from "@effect/vitest"
import { failureOf, type Finding, fuzz } from "./driver.ts"
import * as Store from "./store.ts"
import { targets } from "./targets/index.ts"

const SEED = 1

const words = ({ input, problem }: Finding): string =>
  `${problem}: ${JSON.stringify(Buffer.from(input).toString("latin1"))}`

describe.each(Object.entries(targets))("%s", (name, target) => {
  it("keeps its laws on former findings", () => {
    for (const input of Store.kept(name)) expect(failureOf(target, input)).toBeUndefined()
  })

  it(`keeps its laws on ${target.quick} inputs (seed ${SEED})`, async () => {
    const findings: Array<string> = []
    const { runs } = await fuzz(target, {
      seed: SEED,
      corpus: Store.kept(name),
      goesOn: (runs) => runs < target.quick,
      onFinding: (finding) => findings.push(words(finding))
    })
    expect(findings).toEqual([])
    expect(runs).toBeGreaterThanOrEqual(target.quick)
  })
})
