/**
 * Which sessions of which machines are lost, and what a machine does about differences between it and storage.
 */
import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as Lease from "../../../src/domain/cluster/Lease.ts"
import * as Reconciliation from "../../../src/domain/cluster/Reconciliation.ts"

const HEARTBEAT = 5000
const GRACE = 30_000

const beats = (state: Lease.State, times: ReadonlyArray<number>): Lease.State =>
  times.reduce((one, now) => Lease.succeeded(one, now, HEARTBEAT), state)
const every = (from: number, to: number): ReadonlyArray<number> =>
  Array.from({ length: (to - from) / HEARTBEAT + 1 }, (_, i) => from + i * HEARTBEAT)

describe("a lease", () => {
  it("allows no machine to declare others lost before they had their time to report", () => {
    expect(Lease.mayDeclare(Lease.initial, 1e9, HEARTBEAT)).toBe(false)
    expect(Lease.mayDeclare(beats(Lease.initial, every(0, 25_000)), 25_000, HEARTBEAT)).toBe(false)
    expect(Lease.mayDeclare(beats(Lease.initial, every(0, 30_000)), 30_000, HEARTBEAT)).toBe(true)
  })

  it("begins anew after an outage", () => {
    const before = beats(Lease.initial, every(0, 60_000))
    const after = Lease.succeeded(before, 120_000, HEARTBEAT)
    expect(Lease.mayDeclare(after, 120_000, HEARTBEAT)).toBe(false)
    expect(Lease.mayDeclare(beats(after, every(125_000, 150_000)), 150_000, HEARTBEAT)).toBe(true)
  })
})

const Id = Schema.Literals(["a", "b", "c", "d"])
const Age = Schema.Literals([0, GRACE - 1, GRACE, 1e9])
const Held = Schema.Array(Schema.Tuple([Id, Age]))
const Stored = Schema.Array(Schema.Struct({ id: Id, age: Age, state: Schema.Literals(["Running", "Ended", "Lost"]) }))

/** The sessions of a machine, and those of storage, where an id occurs once. */
const sides = (held: typeof Held.Type, stored: typeof Stored.Type) => ({
  here: new Map<string, number>(held),
  there: [...new Map(stored.map((one) => [one.id, one])).values()]
})

describe("reconciliation", () => {
  it.prop(
    "ends no session that storage attributes to the machine, and reports none as running that it does not hold",
    [Held, Stored],
    ([held, stored]) => {
      const { here, there } = sides(held, stored)
      const verdict = Reconciliation.reconcile(here, there, GRACE)
      const state = new Map<string, string>(there.map((one) => [one.id, one.state]))
      for (const one of verdict.end) expect(["Running", "Lost"]).not.toContain(state.get(one))
      for (const one of verdict.revive) expect([here.has(one), state.get(one)]).toEqual([true, "Lost"])
      for (const one of verdict.close) expect([here.has(one), state.get(one)]).toEqual([false, "Running"])
    }
  )

  it.prop("leaves no difference that is older than the grace period", [Held, Stored], ([held, stored]) => {
    const { here, there } = sides(held, stored)
    const { close, end, revive } = Reconciliation.reconcile(here, there, GRACE)
    const after = new Map<string, string>(
      there.map(({ id, state }) => [id, close.includes(id) ? "Ended" : revive.includes(id) ? "Running" : state])
    )
    for (const { age, id } of there) {
      if (after.get(id) === "Running" && age >= GRACE) expect(here.has(id)).toBe(true)
    }
    for (const [id, age] of here) {
      if (!end.includes(id) && age >= GRACE) expect(after.get(id)).toBe("Running")
    }
  })
})
