import { describe, expect, test } from "vitest"
import * as Attack from "./attack.ts"

/** Of each process, in brief: young memory that is not collected yet counts, too. */
const GROWTH = 16_000_000

describe("hostile datagrams as fast as loopback carries them", () => {
  for (const target of ["server", "client"] as const)
    test(`to the ${target} end nothing, hide nothing, and fill nothing`, { timeout: 90_000 }, async () => {
      const { alive, flooded, grown } = await Attack.run({ target, count: 30_000, seconds: 0.5, warming: 10 })
      expect(alive).toBe(true)
      // Timing is for `npm run attack`; here, that each key comes back.
      expect(flooded).not.toContain(Infinity)
      expect(flooded.length).toBeGreaterThan(3)
      expect(Math.max(grown.server, grown.client)).toBeLessThan(GROWTH)
    })
})
