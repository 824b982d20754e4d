/**
 * Scenarios × pairings: the screen must be the same with and without mosh, whether its ends are stock's or ours.
 */
import { describe, expect, test } from "vitest"
import { requirePrograms } from "../support/peers.ts"
import { actThrough } from "./acting.ts"
import { pairings } from "./pairings.ts"
import type { Scenario } from "./scenario.ts"
import { bash } from "./scenarios/bash.ts"
import { scenarios } from "./scenarios/index.ts"
import { modern } from "./scenarios/modern.ts"
import { badWeather, roaming } from "./scenarios/network.ts"
import { paste } from "./scenarios/paste.ts"
import { resize } from "./scenarios/resize.ts"
import { canCarry, needsOf, pairingName } from "./stage.ts"

/** Through ssh only the scenarios that depend on how a session starts: on sizes, addresses and features. */
const THROUGH_SSH: ReadonlyArray<Scenario> = [bash, resize, paste, roaming, badWeather, modern]

for (const pairing of pairings)
  describe.concurrent(`${pairingName(pairing)}`, () => {
    const these = pairing.through === "ssh" ? THROUGH_SSH : scenarios
    for (const scenario of these.filter((scenario) => canCarry(pairing, scenario)))
      test(`${scenario.name}`, { timeout: 60_000 }, async (context) => {
        requirePrograms(context, ...needsOf(pairing), ...(scenario.needs ?? []))
        const { seen, right } = await actThrough(pairing, scenario)
        expect(seen).toEqual(right)
      })
  })
