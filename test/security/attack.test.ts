import { describe, expect, test } from "vitest"
import * as Attack from "./attack.ts"

/** Growth of each process in a short run, in which young memory that is not collected yet counts, too. */
const GROWTH = 16_000_000

describe("hostile datagrams as fast as loopback carries them", () => {
  for (const target of ["server", "client"] as const)
    test(
      `to the ${target} end no session, delay no key for ever, and fill no memory`,
      { timeout: 90_000 },
      async () => {
        const { alive, flooded, grown } = await Attack.run({ target, count: 30_000, seconds: 0.5, warming: 10 })
        expect(alive).toBe(true)
        // `npm run attack` measures times. Here every key must be echoed.
        expect(flooded).not.toContain(Infinity)
        expect(flooded.length).toBeGreaterThan(3)
        expect(Math.max(grown.server, grown.client)).toBeLessThan(GROWTH)
      }
    )
})
