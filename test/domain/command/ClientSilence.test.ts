import { describe, expect, it } from "@effect/vitest"
import * as ClientSilence from "../../../src/domain/command/ClientSilence.ts"

const HOUR = 3_600_000

/** Observes whenever it is due, with the packets that arrived until then. When the client counts as silent. */
const run = (limit: number, received: (now: number) => number, late: (due: number) => number = (due) => due) => {
  let state = ClientSilence.initial(0)
  for (let now = 0; ; now = late(state.due)) {
    const next = ClientSilence.observe(state, { limit, received: received(now) }, now)
    if (next === "Silent") return now
    if (now > 1000 * HOUR) return Infinity
    state = next
  }
}

describe("ClientSilence", () => {
  it("counts from the last packet, at the latest from the observation after it", () => {
    expect(run(60_000, () => 0)).toBe(60_000)
    const at = run(10 * HOUR, (now) => (now < 100 * HOUR ? Math.floor(now / 1000) : 360_000))
    expect(at).toBeGreaterThanOrEqual(110 * HOUR)
    expect(at).toBeLessThanOrEqual(111 * HOUR)
  })

  it("never gives up on a client that sends something within the limit", () => {
    expect(run(3 * HOUR, (now) => Math.floor(now / (2 * HOUR)))).toBe(Infinity)
  })

  it("does not count the time in which the host was suspended", () => {
    const night = (due: number) => (due === 60_000 ? due + 8 * HOUR : due)
    expect(run(120_000, () => 0)).toBe(120_000)
    expect(run(60_000, () => 0, night)).toBe(60_000 + 8 * HOUR + 60_000)
  })
})
