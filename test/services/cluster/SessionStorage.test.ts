/**
 * Storage in this process and storage in SQL, here in SQLite, record the same.
 */
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import { SessionStorage, SqlSessionStorage } from "../../../src/cluster.ts"
import * as Memory from "../../../src/services/cluster/SessionStorage.ts"
import * as NodeSqlite from "../../../src/services/node/cluster/NodeSqlite.ts"

const OWNERS = ["ada", "grace"]
const NAMES = ["main", "work"]
const MACHINES = ["w1", "w2"]
const uuid = (index: number): string => `54ef8163-fdef-44c1-899c-f4854f719c${String(index).padStart(2, "0")}`

const Pick = Schema.Literals([0, 1])
const Sessions = Schema.Array(Schema.Literals([0, 1, 2, 3, 4, 5])).check(Schema.isMaxLength(3))
/** An operation; `session` selects an id, `age` whether all machines are lost. */
const Operation = Schema.Union([
  Schema.Struct({ do: Schema.tag("Claim"), owner: Pick, name: Pick, machine: Pick, incarnation: Pick }),
  Schema.Struct({ do: Schema.Literals(["Release", "End", "Revive"]), sessions: Sessions }),
  Schema.Struct({ do: Schema.Literals(["Heartbeat", "Leave"]), machine: Pick, incarnation: Pick }),
  Schema.Struct({ do: Schema.tag("Sweep"), age: Schema.Literals([0, 3_600_000]) })
])
const Operations = Schema.Array(Operation).check(Schema.isMinLength(30), Schema.isMaxLength(50))

/** Performs the operations, and reports after each what is recorded, without times. */
const history = (operations: typeof Operations.Type) =>
  Effect.gen(function* () {
    const storage = yield* SessionStorage
    let claims = 0
    let endings = 0
    const perform = Effect.fnUntraced(function* (operation: typeof Operation.Type) {
      switch (operation.do) {
        case "Claim": {
          const { incarnation, machine, name, owner } = operation
          return yield* storage.claim({
            id: uuid(claims++),
            owner: OWNERS[owner] ?? "",
            name: NAMES[name] ?? "",
            machine: MACHINES[machine] ?? "",
            incarnation: uuid(90 + incarnation)
          })
        }
        case "Release":
          return yield* Effect.forEach(operation.sessions, (one) => storage.release(uuid(one)), { discard: true })
        case "End":
          return yield* storage.end(operation.sessions.map(uuid), `ending ${endings++}`)
        case "Revive":
          return yield* storage.revive(operation.sessions.map(uuid))
        case "Heartbeat": {
          const { incarnation, machine } = operation
          const name = MACHINES[machine] ?? ""
          const where = { host: "10.0.0.1", port: 34_431, address: "192.0.2.1" }
          const load = { capacity: 9, sessions: claims, isDraining: incarnation === 1 }
          return yield* storage.heartbeat({ name, incarnation: uuid(90 + incarnation), ...where, ...load })
        }
        case "Leave":
          return yield* storage.leave(MACHINES[operation.machine] ?? "", uuid(90 + operation.incarnation))
        case "Sweep":
          return yield* storage.sweep(operation.age)
      }
    })
    const recorded = Effect.gen(function* () {
      const sessions = yield* Effect.forEach(OWNERS, (owner) => storage.list(owner))
      for (const { endedAt, openedAt, state } of sessions.flat()) {
        expect(endedAt === null).toBe(state === "Running")
        expect(endedAt ?? openedAt).toBeGreaterThanOrEqual(openedAt)
      }
      const found = yield* Effect.forEach(NAMES, (name) => storage.find({ owner: "ada", name }))
      const held = yield* Effect.forEach([0, 1], (which) => storage.held("w1", uuid(90 + which)))
      return {
        sessions: sessions
          .flat()
          .map(({ endedAt: _, openedAt: __, ...session }) => session)
          .toSorted((a, b) => a.owner.localeCompare(b.owner) || a.name.localeCompare(b.name)),
        found: found.map((session) => session?.id),
        running: yield* Effect.forEach(OWNERS, (owner) => storage.countRunning(owner)),
        held: held.map((sessions) => sessions.map(({ id, state }) => `${id} ${state}`).toSorted()),
        machines: (yield* storage.machines)
          .map(({ age: _, ...machine }) => machine)
          .toSorted((a, b) => a.name.localeCompare(b.name))
      }
    })
    return yield* Effect.forEach(operations, (operation) => Effect.all([perform(operation), recorded]))
  })

const sqlite = SqlSessionStorage.layer.pipe(Layer.provide(NodeSqlite.layer(":memory:")))

describe("the records of a cluster", () => {
  it.live.prop(
    "are the same in this process and in SQL",
    [Operations],
    ([operations]) =>
      Effect.gen(function* () {
        const expected = yield* Effect.provide(history(operations), Layer.fresh(Memory.layerMemory))
        expect(yield* Effect.provide(history(operations), Layer.fresh(sqlite))).toEqual(expected)
      }),
    { arbitrary: { runs: 60 } }
  )

  it.live.each([
    ["in this process", Memory.layerMemory],
    ["in SQL", sqlite]
  ] as const)("count no sessions of a lost machine, until it is heard again (%s)", ([, layer]) =>
    Effect.gen(function* () {
      const storage = yield* SessionStorage
      const counts = Effect.map(storage.machines, (machines) => machines.map(({ sessions }) => sessions))
      const heartbeat = storage.heartbeat({
        name: "w1",
        incarnation: uuid(90),
        host: "10.0.0.1",
        port: 34_431,
        address: "192.0.2.1",
        capacity: 9,
        sessions: 3,
        isDraining: false
      })
      yield* heartbeat
      yield* storage.sweep(3_600_000)
      expect(yield* counts).toEqual([3])
      yield* storage.sweep(0)
      expect(yield* counts).toEqual([0])
      yield* heartbeat
      expect(yield* counts).toEqual([3])
    }).pipe(Effect.provide(Layer.fresh(layer)))
  )
})
