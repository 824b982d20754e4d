import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as SharedScreen from "../../../src/domain/session/SharedScreen.ts"
import * as ClusterRules from "../../../src/domain/terminal/ClusterRules.ts"
import * as TerminalReport from "../../../src/domain/terminal/TerminalReport.ts"

const Id = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 4 }))
const Mode = Schema.Literals(["TakeOver", "Share", "View"])
const Small = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 511 }))
const Input = Schema.Union([
  Schema.TaggedStruct("Announced", { id: Id }),
  Schema.TaggedStruct("Connected", { id: Id, mode: Mode }),
  Schema.TaggedStruct("Sized", { id: Id, columns: Small }),
  Schema.TaggedStruct("Reported", { id: Id, clusters: Small }),
  Schema.TaggedStruct("Led", { id: Id }),
  Schema.TaggedStruct("Ended", { id: Id })
])

const sized = (id: number, columns: number): SharedScreen.Input => ({ _tag: "Sized", id, size: { columns, rows: 24 } })
const reported = (id: number, clusters: ClusterRules.ClusterRules): SharedScreen.Input => ({
  _tag: "Reported",
  id,
  report: { ...TerminalReport.UNKNOWN, clusters }
})
const announced = (id: number): SharedScreen.Input => ({ _tag: "Announced", id })
const connected = (id: number, mode: "TakeOver" | "Share" | "View" = "Share"): SharedScreen.Input => ({
  _tag: "Connected",
  id,
  mode
})
const led = (id: number): SharedScreen.Input => ({ _tag: "Led", id })
const ended = (id: number): SharedScreen.Input => ({ _tag: "Ended", id })

const inputOf = (sketch: typeof Input.Type): SharedScreen.Input => {
  if (sketch._tag === "Sized") return sized(sketch.id, sketch.columns)
  if (sketch._tag === "Reported") return reported(sketch.id, sketch.clusters)
  return sketch
}

/** What the screen has taken from the terminals so far. */
const live = (inputs: ReadonlyArray<SharedScreen.Input>) => {
  let state = SharedScreen.initial
  const outputs: Array<SharedScreen.Output> = []
  for (const input of inputs) {
    const [next, done] = SharedScreen.step(state, input)
    state = next
    outputs.push(...done)
  }
  const last = <Tag extends SharedScreen.Output["_tag"]>(tag: Tag) =>
    outputs.findLast((output): output is Extract<SharedScreen.Output, { _tag: Tag }> => output._tag === tag)
  return {
    state,
    outputs,
    columns: last("Resize")?.size.columns,
    answers: last("Answer")?.report.clusters,
    joins: last("Join")?.rules
  }
}

describe("SharedScreen", () => {
  it.prop("has the newest size and report of the leader's terminal", [Schema.Array(Input)], ([sketches]) => {
    const inputs = sketches.map(inputOf)
    const { answers, columns, state } = live(inputs)
    const terminal = state.leader === undefined ? undefined : state.terminals.get(state.leader)
    if (terminal?.size !== undefined) expect(columns).toBe(terminal.size.columns)
    if (terminal?.report !== undefined) expect(answers).toBe(terminal.report.clusters)
  })

  it.prop("joins nothing that a known terminal does not join", [Schema.Array(Input)], ([sketches]) => {
    const { joins, state } = live(sketches.map(inputOf))
    for (const { clusters } of state.terminals.values()) {
      if (clusters !== undefined) expect((joins ?? 0) & ~clusters).toBe(0)
    }
  })

  it.prop("keeps nothing of clients that have left", [Schema.Array(Input)], ([sketches]) => {
    const { state } = live([...sketches.map(inputOf), ended(1), ended(2), ended(3), ended(4)])
    expect(state.terminals.size).toBe(0)
    expect(state.leader).toBeUndefined()
  })

  it("ignores the terminals of clients that do not lead", () => {
    const shared = [connected(1), sized(1, 80), led(1), connected(2), sized(2, 132), reported(2, 3)]
    expect(live(shared)).toMatchObject({ columns: 80, answers: undefined })
    expect(live([...shared, led(2)])).toMatchObject({ columns: 132, answers: 3 })
  })

  it("joins what every client's terminal joins, and more again after one has left", () => {
    const both = [announced(1), connected(1), reported(1, 7), announced(2), connected(2), reported(2, 5)]
    expect(live(both).joins).toBe(5)
    expect(live([...both, ended(2)]).joins).toBe(7)
    expect(live([...both, ended(2), ended(1)]).joins).toBe(7)
  })

  it("a client that will report prevents nothing, one that will not prevents all, and a viewer has no effect", () => {
    const one = [announced(1), connected(1), reported(1, 7)]
    expect(live([...one, announced(2), connected(2)]).joins).toBe(7)
    expect(live([...one, connected(2)]).joins).toBe(ClusterRules.NONE)
    expect(live([...one, connected(2, "View")]).joins).toBe(7)
  })

  it("reports a change of the joined sequences only", () => {
    const again = [announced(1), connected(1), reported(1, 7), reported(1, 7), announced(2), connected(2)]
    expect(live(again).outputs.filter(({ _tag }) => _tag === "Join")).toHaveLength(1)
  })
})
