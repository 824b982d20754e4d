/**
 * Sessions of real programs under the faults of networks and machines. Faults are short here, and long with `npm run
 * survival`.
 */
import { describe, expect, test } from "vitest"
import { actThrough } from "../interop/acting.ts"
import type { Pairing } from "../interop/stage.ts"
import { requirePrograms } from "../support/peers.ts"
import { trials } from "./survival.ts"

const OURS: Pairing = { client: "ours", server: "ours", through: "direct" }
const isFull = process.env["SURVIVAL"] === "full"

describe.concurrent("a session survives", () => {
  for (const { brief, full, name, scenario } of trials)
    test(`${name}`, { timeout: 60_000 + (isFull ? 3000 * full : 0) }, async (context) => {
      requirePrograms(context, "tmux")
      const { right, seen } = await actThrough(OURS, scenario(isFull ? full : brief))
      expect(seen).toEqual(right)
      expect(seen.length).toBeGreaterThan(0)
    })
})
