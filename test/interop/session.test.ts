/**
 * Scenarios × pairings: nobody may be able to tell from the screen that there is a mosh in between, whoever made its ends.
 */
import { describe, expect, test } from "vitest"
import { requirePrograms } from "../support/peers.ts"
import { actThrough } from "./acting.ts"
import { pairings } from "./pairings.ts"
import { scenarios } from "./scenarios/index.ts"
import { canCarry, needsOf, pairingName } from "./stage.ts"

for (const pairing of pairings)
  describe.concurrent(`${pairingName(pairing)}`, () => {
    for (const scenario of scenarios.filter((scenario) => canCarry(pairing, scenario)))
      test(`${scenario.name}`, { timeout: 60_000 }, async (context) => {
        requirePrograms(context, ...needsOf(pairing), ...(scenario.needs ?? []))
        const { seen, right } = await actThrough(pairing, scenario)
        expect(seen).toEqual(right)
      })
  })
