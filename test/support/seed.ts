/**
 * Reproducible random numbers.
 */
import * as Link from "../../src/testing/Link.ts"

/** The seed of a run: `SIMULATION_SEED` of the environment, or the test's own. */
export const seedOr = (seed: number): number => Number(process.env["SIMULATION_SEED"] ?? seed)

/** Numbers in [0, 1) from a seed. */
export const random = (seed: number): (() => number) => {
  let state = seed >>> 0
  return () => {
    const [value, next] = Link.random(state)
    state = next
    return value
  }
}
