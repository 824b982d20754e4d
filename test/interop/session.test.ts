/**
 * Scenarios × pairings: nobody may be able to tell from the screen that there is a mosh in between, whoever made its ends.
 */
import { describe, test } from "vitest"
import { requirePrograms } from "../support/peers.ts"
import { actThrough } from "./acting.ts"
import { scenarios } from "./scenarios/index.ts"
import { canCarry, pairingName, type Pairing } from "./stage.ts"

const pairings: ReadonlyArray<Pairing> = [
  { client: "stock", server: "stock", through: "direct" },
  { client: "stock", server: "ours", through: "direct" },
  { client: "ours", server: "stock", through: "direct" },
  { client: "ours", server: "ours", through: "direct" },
  { client: "stock", server: "ours", through: "ssh" },
  { client: "ours", server: "stock", through: "ssh" },
  { client: "ours", server: "ours", through: "ssh" }
]

describe.concurrent.each(pairings.map((pairing) => [pairingName(pairing), pairing] as const))("%s", (_, pairing) => {
  for (const scenario of scenarios.filter((scenario) => canCarry(pairing, scenario)))
    test(scenario.name, { timeout: 60_000 }, async (context) => {
      requirePrograms(context, "tmux", "mosh", ...(pairing.through === "ssh" ? ["sshd", "ssh"] : []))
      requirePrograms(context, ...(scenario.needs ?? []))
      await actThrough(pairing, scenario)
    })
})
