/**
 * After any interruption, a machine and the records agree on which sessions it holds, and no session is served twice.
 */
import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as Reconciliation from "../../../src/domain/cluster/Reconciliation.ts"

const GRACE = 30_000
const Id = Schema.Literals(["a", "b", "c", "d", "e"])
const Age = Schema.Literals([0, GRACE - 1, GRACE, 10 * GRACE])
const Held = Schema.Array(Schema.Tuple([Id, Age]))
const Records = Schema.Array(Schema.Struct({ id: Id, age: Age, state: Schema.Literals(["Running", "Ended", "Lost"]) }))

/** Sessions by id: the last of each id counts. */
const unique = (stored: typeof Records.Type) => [...new Map(stored.map((one) => [one.id, one])).values()]

describe("a machine that compares its sessions with the records", () => {
  it.prop(
    "keeps exactly those that are recorded for it, and records exactly those that it keeps",
    [Held, Records],
    ([pairs, records]) => {
      const held = new Map<string, number>(pairs)
      const stored = unique(records)
      const { close, end, revive } = Reconciliation.reconcile(held, stored, GRACE)
      for (const [id, age] of held) {
        const state = stored.find((one) => one.id === id)?.state
        // Without a record, its name belongs to another session: it ends. A young one may not be recorded yet.
        expect(end.includes(id)).toBe(state === "Ended" || (state === undefined && age >= GRACE))
        expect(revive.includes(id)).toBe(state === "Lost")
      }
      for (const { age, id, state } of stored) {
        expect(close.includes(id)).toBe(state === "Running" && !held.has(id) && age >= GRACE)
      }
      // Nothing is decided twice, or about other sessions.
      const decided = [...revive, ...end, ...close]
      expect(new Set(decided).size).toBe(decided.length)
      expect([...revive, ...end].every((id) => held.has(id))).toBe(true)
    }
  )

  it.prop("finds nothing to do the next time", [Held, Records], ([pairs, records]) => {
    const held = new Map<string, number>(pairs)
    const { close, end, revive } = Reconciliation.reconcile(held, unique(records), GRACE)
    for (const id of end) held.delete(id)
    const after = unique(records)
      .filter(({ id }) => !close.includes(id))
      .map((one) => (revive.includes(one.id) ? { ...one, state: "Running" as const } : one))
    expect(Reconciliation.reconcile(held, after, GRACE)).toEqual({ revive: [], end: [], close: [] })
  })
})
