/**
 * The tests can fail: each deliberate mistake in the protocol is noticed by the tests that are there to notice it.
 */
import { describe, expect, it } from "vitest"
import { faults } from "./faults.ts"
import { plant } from "./planting.ts"

describe.concurrent("a protocol that", () => {
  it.each(faults)("$what is noticed", { timeout: 120_000 }, async (fault) => {
    expect(await plant(fault)).toMatch(/\S/)
  })
})
