/**
 * A few hundred groups of the differential test; `npm run fuzz -- differential` prints 20,000.
 */
import { expect, it } from "vitest"
import { requirePrograms } from "../../support/peers.ts"
import { differential } from "./differential.ts"

const SEED = 1
const GROUPS = 100

it.for(["common", "wild"] as const)(
  `${GROUPS} groups of %s output are the same on every screen (seed ${SEED})`,
  { timeout: 60_000 },
  async (kind, context) => {
    requirePrograms(context, "mosh")
    expect(await differential({ kind, groups: GROUPS, seed: SEED, most: 1 })).toEqual([])
  }
)
