/**
 * The tests can fail: each deliberate mistake in the protocol is noticed by the tests that are there to notice it.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import type { Fault } from "./Fault.ts"
import { faults } from "./faults.ts"
import { openField, type Field } from "./planting.ts"

describe("a protocol that", () => {
  let field: Field
  beforeAll(async () => {
    field = await openField()
  })
  afterAll(() => field[Symbol.asyncDispose]())

  it.each(faults)("$what is noticed", { timeout: 120_000 }, async (fault) => {
    expect(await field.plant(fault)).toMatch(/\S/)
  })

  it("has no fault any more passes its tests again", { timeout: 120_000 }, async () => {
    const fault = faults.find(({ name }) => name === "scrollback-twice") as Fault
    expect(await field.plant(fault)).toBeDefined()
    expect(await field.plant({ ...fault, mistaken: fault.original })).toBeUndefined()
  })
})
