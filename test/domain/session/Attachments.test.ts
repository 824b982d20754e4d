import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as Attachments from "../../../src/domain/session/Attachments.ts"
import type { EndReason } from "../../../src/domain/session/Lifetime.ts"

const { deadline, step } = Attachments.machine

const unnamed: Attachments.Policy = { persistent: false, network: Infinity, signal: 0 }
const named: Attachments.Policy = { ...unnamed, persistent: true }

/** Feeds inputs, one each millisecond. */
const live = (policy: Attachments.Policy, ...inputs: ReadonlyArray<Attachments.Input>) => {
  let state = Attachments.initial(policy, 0)
  const outputs: Array<Attachments.Output> = []
  inputs.forEach((input, at) => {
    const [next, done] = step(state, input, at + 1)
    state = next
    outputs.push(...done)
  })
  return { outputs, state }
}

const admitted = (id: number): Attachments.Input => ({ _tag: "Admitted", id })
const connected = (id: number, from = `192.0.2.${id}`): Attachments.Input => ({ _tag: "Connected", id, from })
const ended = (id: number, because: EndReason): Attachments.Input => ({ _tag: "Ended", id, because })
const detach = (id: number): Attachments.Input => ({ _tag: "Detach", id })

const Id = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 6 }))
const Reason = Schema.Literals([
  "NoClient",
  "ClientSilent",
  "ClientLeft",
  "ProgramEnded",
  "Terminated",
  "HungUp",
  "Detached",
  "TakenOver"
])
const Input = Schema.Union([
  Schema.TaggedStruct("Admitted", { id: Id }),
  Schema.TaggedStruct("Connected", { id: Id, from: Schema.String }),
  Schema.TaggedStruct("Detach", { id: Id }),
  Schema.TaggedStruct("Ended", { id: Id, because: Reason }),
  Schema.TaggedStruct("ProgramEnded", {}),
  Schema.TaggedStruct("Terminate", {}),
  Schema.TaggedStruct("HangUpIfIdle", {}),
  Schema.TaggedStruct("Tick", {})
])

describe("Attachments", () => {
  it.prop("at most one client is attached, and few wait, whatever happens", [Schema.Array(Input)], ([inputs]) => {
    for (const policy of [unnamed, named]) {
      const { outputs, state } = live(policy, ...inputs)
      const phases = state.attachments.map(({ phase }) => phase)
      expect(phases.filter((phase) => phase === "Attached").length).toBeLessThanOrEqual(1)
      expect(phases.filter((phase) => phase === "Pending").length).toBeLessThanOrEqual(Attachments.MAX_PENDING)
      expect(outputs.filter(({ _tag }) => _tag === "Over").length).toBe(state.over ? 1 : 0)
    }
  })

  it("a new client takes over when it connects, not before", () => {
    const before = live(unnamed, admitted(1), connected(1), admitted(2))
    expect(before.outputs).toEqual([])
    const [, outputs] = step(before.state, connected(2), 9)
    expect(outputs).toEqual([{ _tag: "Close", id: 1, reason: { _tag: "TakenOver", from: "192.0.2.2" } }])
  })

  it("a client that connects late does not close a newer attachment that waits for its client", () => {
    const late = live(unnamed, admitted(1), admitted(2), connected(1))
    expect(late.outputs).toEqual([])
    const [, outputs] = step(late.state, connected(2), 9)
    expect(outputs).toEqual([{ _tag: "Close", id: 1, reason: { _tag: "TakenOver", from: "192.0.2.2" } }])
  })

  it("a client that was replaced cannot take over again", () => {
    const { outputs } = live(unnamed, admitted(1), connected(1), admitted(2), connected(2), connected(1))
    expect(outputs.filter(({ _tag }) => _tag === "Close")).toHaveLength(1)
  })

  it("a client that never connects replaces none, and ends nothing", () => {
    const { outputs, state } = live(unnamed, admitted(1), connected(1), admitted(2), ended(2, "NoClient"))
    expect(outputs).toEqual([])
    expect(state.attachments).toEqual([{ id: 1, phase: "Attached" }])
  })

  it("an unnamed session ends when its client leaves, also while a replaced client has not acknowledged", () => {
    const over = { _tag: "Over", because: "ClientLeft" }
    expect(live(unnamed, admitted(1), connected(1), ended(1, "ClientLeft")).outputs).toEqual([over])
    const taken = live(unnamed, admitted(1), connected(1), admitted(2), connected(2), ended(2, "ClientLeft"))
    expect(taken.outputs.at(-1)).toEqual(over)
  })

  it("an unnamed session whose client left ends when the pending client does not connect", () => {
    const left = [admitted(1), connected(1), admitted(2), ended(1, "ClientLeft")]
    expect(live(unnamed, ...left).outputs).toEqual([])
    expect(live(unnamed, ...left, ended(2, "NoClient")).outputs).toEqual([{ _tag: "Over", because: "ClientLeft" }])
    expect(live(unnamed, ...left, connected(2), detach(2), ended(2, "Detached")).state.over).toBe(false)
  })

  it("a named session continues when its client leaves, and an unnamed one after a detach", () => {
    expect(live(named, admitted(1), connected(1), ended(1, "ClientLeft")).state).toMatchObject({
      over: false,
      attached: false,
      since: 3
    })
    const detached = live(unnamed, admitted(1), connected(1), detach(1), ended(1, "Detached"))
    expect(detached.outputs).toEqual([{ _tag: "Close", id: 1, reason: { _tag: "Detached" } }])
    expect(detached.state).toMatchObject({ over: false, attached: false })
  })

  it("a session that no client ever reached ends", () => {
    expect(live(named, admitted(1), ended(1, "NoClient")).outputs).toEqual([{ _tag: "Over", because: "NoClient" }])
  })

  it("a session without attachments ends with its program, a signal, or after its limit", () => {
    const policy = { persistent: true, network: 1000, signal: 500 }
    const { state } = live(policy, admitted(1), connected(1), ended(1, "ClientLeft"))
    const because = (input: Attachments.Input, now: number) => step(state, input, now)[1]
    expect(because({ _tag: "ProgramEnded" }, 9)).toEqual([{ _tag: "Over", because: "ProgramEnded" }])
    expect(because({ _tag: "Terminate" }, 9)).toEqual([{ _tag: "Over", because: "Terminated" }])
    expect(because({ _tag: "HangUpIfIdle" }, 400)).toEqual([])
    expect(because({ _tag: "HangUpIfIdle" }, 503)).toEqual([{ _tag: "Over", because: "HungUp" }])
    expect(deadline(state)).toBe(1003)
    expect(because({ _tag: "Tick" }, 1002)).toEqual([])
    expect(because({ _tag: "Tick" }, 1003)).toEqual([{ _tag: "Over", because: "ClientSilent" }])
  })
})
