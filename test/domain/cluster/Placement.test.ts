/**
 * New sessions spread over the machines that accept them.
 */
import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as Lease from "../../../src/domain/cluster/Lease.ts"
import * as Placement from "../../../src/domain/cluster/Placement.ts"
import type { Machine } from "../../../src/domain/cluster/SessionMessages.ts"

const HEARTBEAT = 5000

const machine = (name: string, change: Partial<Machine> = {}): Machine => ({
  name,
  incarnation: "00000000-0000-0000-0000-000000000000",
  host: "10.0.0.1",
  port: 34431,
  address: "192.0.2.1",
  capacity: 100,
  sessions: 0,
  isDraining: false,
  age: 0,
  ...change
})

const Count = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 9 }))
const Machines = Schema.Array(
  Schema.Struct({
    capacity: Count,
    sessions: Count,
    isDraining: Schema.Boolean,
    age: Schema.Literals([0, 14_999, 15_000, 29_999, 30_000, 1e9])
  })
)
const named = (all: typeof Machines.Type): ReadonlyArray<Machine> => all.map((one, i) => machine(`m${i}`, one))

describe("Placement.rank", () => {
  it.prop("gives every machine that accepts sessions once, and no other", [Machines, Schema.String], ([some, id]) => {
    const all = named(some)
    const accepting = all.filter(
      (one) => !one.isDraining && one.sessions < one.capacity && one.age < Lease.expiration(HEARTBEAT)
    )
    const ranked = Placement.rank(all, id, HEARTBEAT).map(({ name }) => name)
    expect(ranked.toSorted()).toEqual(accepting.map(({ name }) => name).toSorted())
  })

  it.prop("tries machines whose heartbeat is overdue last", [Machines, Schema.String], ([some, id]) => {
    const overdue = Placement.rank(named(some), id, HEARTBEAT).map(({ age }) => age >= Lease.overdue(HEARTBEAT))
    expect(overdue).toEqual(overdue.toSorted())
  })

  it.prop("does not depend on the order of the machines", [Machines, Schema.String], ([some, id]) => {
    const all = named(some)
    expect(Placement.rank(all.toReversed(), id, HEARTBEAT)).toEqual(Placement.rank(all, id, HEARTBEAT))
  })

  it("spreads a burst whose loads are stale, and prefers the less loaded machine", () => {
    const counts = new Map<string, number>()
    const all = Array.from({ length: 10 }, (_, i) => machine(`m${i}`))
    for (let i = 0; i < 1000; i++) {
      const [first] = Placement.rank(all, `00000000-0000-0000-0000-${String(i).padStart(12, "0")}`, HEARTBEAT)
      counts.set(first?.name ?? "", (counts.get(first?.name ?? "") ?? 0) + 1)
    }
    expect(counts.size).toBe(10)
    expect(Math.max(...counts.values())).toBeLessThan(160)

    const two = [machine("full", { sessions: 90 }), machine("empty")]
    expect(Placement.rank(two, "any", HEARTBEAT).map(({ name }) => name)).toEqual(["empty", "full"])
  })
})
