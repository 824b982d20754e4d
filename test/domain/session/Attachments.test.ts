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

const admitted = (id: number, mode: Attachments.Mode = "TakeOver"): Attachments.Input => ({
  _tag: "Admitted",
  id,
  mode
})
const failed = (id: number): Attachments.Input => ({ _tag: "Failed", id })
const typed = (id: number): Attachments.Input => ({ _tag: "Typed", id })
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
const Mode = Schema.Literals(["TakeOver", "Share", "View"])
const Input = Schema.Union([
  Schema.TaggedStruct("Admitted", { id: Id, mode: Mode }),
  Schema.TaggedStruct("Failed", { id: Id }),
  Schema.TaggedStruct("Typed", { id: Id }),
  Schema.TaggedStruct("Connected", { id: Id, from: Schema.String }),
  Schema.TaggedStruct("Detach", { id: Id }),
  Schema.TaggedStruct("Ended", { id: Id, because: Reason }),
  Schema.TaggedStruct("ProgramEnded", {}),
  Schema.TaggedStruct("Terminate", {}),
  Schema.TaggedStruct("HangUpIfIdle", {}),
  Schema.TaggedStruct("Tick", {})
])

describe("Attachments", () => {
  it.prop(
    "few clients wait, and a client that takes over is alone, whatever happens",
    [Schema.Array(Input)],
    ([inputs]) => {
      for (const policy of [unnamed, named]) {
        const { outputs, state } = live(policy, ...inputs)
        const attached = state.attachments.filter(({ phase }) => phase === "Attached")
        expect(attached.filter(({ mode }) => mode === "TakeOver").length).toBeLessThanOrEqual(1)
        const pending = state.attachments.filter(({ phase }) => phase === "Pending")
        expect(pending.length).toBeLessThanOrEqual(Attachments.MAX_PENDING)
        expect(outputs.filter(({ _tag }) => _tag === "Over").length).toBe(state.over ? 1 : 0)
      }
    }
  )

  it.prop(
    "the leader is attached and no viewer, and there is one while a client may lead",
    [Schema.Array(Input)],
    ([inputs]) => {
      const { state } = live(named, ...inputs)
      if (state.over) return
      const able = state.attachments
        .filter(({ mode, phase }) => phase === "Attached" && mode !== "View")
        .map(({ id }) => id)
      if (able.length === 0) expect(state.leader).toBe(undefined)
      else expect(able).toContain(state.leader)
    }
  )

  it("no attachment leads after it failed, whatever it did before", () => {
    const { state } = live(
      named,
      { _tag: "Admitted", id: 3, mode: "Share" },
      { _tag: "Connected", id: 3, from: "" },
      { _tag: "Failed", id: 3 }
    )
    expect(state.leader).toBe(undefined)
  })

  it.prop(
    "without viewers' connections and typing, the rest of a session would be the same",
    [Schema.Array(Input)],
    ([inputs]) => {
      // Viewers are those with an odd number; only they are removed.
      const isViewer = (input: Attachments.Input): boolean => "id" in input && input.id % 2 === 1
      const told = inputs.map((input): Attachments.Input =>
        input._tag === "Admitted"
          ? { ...input, mode: isViewer(input) ? "View" : input.mode === "View" ? "Share" : input.mode }
          : input
      )
      const without = told.filter((input) => !isViewer(input))
      const leads = ({ outputs }: ReturnType<typeof live>) => outputs.filter(({ _tag }) => _tag === "Lead")
      const whole = live(named, ...told)
      const rest = live(named, ...without)
      if (whole.state.over || rest.state.over || told.filter((input) => input._tag === "Admitted").length > 4) return
      expect(leads(whole)).toEqual(leads(rest))
    }
  )

  it("the size follows the client whose user typed last, and falls to the one before when that leaves", () => {
    const leads = (...inputs: ReadonlyArray<Attachments.Input>) =>
      live(named, ...inputs).outputs.flatMap((output) => (output._tag === "Lead" ? output.id : []))
    const three = [admitted(1), connected(1), admitted(2, "Share"), connected(2), admitted(3, "Share"), connected(3)]
    expect(leads(...three)).toEqual([1])
    expect(leads(...three, typed(3), typed(3), typed(2), typed(1))).toEqual([1, 3, 2, 1])
    expect(leads(...three, typed(3), typed(2), ended(2, "ClientLeft"))).toEqual([1, 3, 2, 3])
    expect(leads(...three, typed(2), detach(2), typed(2))).toEqual([1, 2, 1])
    expect(leads(...three, admitted(4), connected(4))).toEqual([1, 4])
    expect(leads(...three, admitted(4, "View"), connected(4), typed(4))).toEqual([1])
  })

  it("a client that shares replaces none, and one that takes over replaces all before it, viewers too", () => {
    const shared = [admitted(1), connected(1), admitted(2, "Share"), connected(2), admitted(3, "View"), connected(3)]
    const { outputs } = live(unnamed, ...shared, admitted(4), connected(4))
    expect(outputs.flatMap((output) => (output._tag === "Close" ? output.id : []))).toEqual([1, 2, 3])
  })

  it("a client too many takes the place of the oldest", () => {
    const many = Array.from({ length: Attachments.MAX_ATTACHED + 1 }, (_, i) => [
      admitted(i + 1, "Share"),
      connected(i + 1)
    ])
    const { outputs, state } = live(unnamed, ...many.flat())
    expect(outputs.filter(({ _tag }) => _tag === "Close")).toMatchObject([{ id: 1, reason: { _tag: "TakenOver" } }])
    expect(state.attachments.filter(({ phase }) => phase === "Attached")).toHaveLength(Attachments.MAX_ATTACHED)
  })

  it("an unnamed session continues while one of its clients remains, and ends with the last", () => {
    const shared = [admitted(1), connected(1), admitted(2, "Share"), connected(2), ended(1, "ClientLeft")]
    expect(live(unnamed, ...shared).state).toMatchObject({ over: false, leaving: false })
    expect(live(unnamed, ...shared, detach(2), ended(2, "Detached")).state.over).toBe(false)
    expect(live(unnamed, ...shared, ended(2, "ClientLeft")).outputs.at(-1)).toEqual({
      _tag: "Over",
      because: "ClientLeft"
    })
  })

  it("viewers do not keep a session running: they learn that its last client left, and then it ends", () => {
    const watched = [admitted(1), connected(1), admitted(2, "View"), connected(2), admitted(3, "View"), connected(3)]
    const left = live(unnamed, ...watched, ended(1, "ClientLeft"))
    expect(left.outputs.slice(-2)).toEqual([
      { _tag: "Close", id: 2, reason: { _tag: "ClientLeft" } },
      { _tag: "Close", id: 3, reason: { _tag: "ClientLeft" } }
    ])
    expect(left.state.over).toBe(false)
    const [one] = step(left.state, ended(2, "ClientLeft"), 20)
    expect(one.over).toBe(false)
    expect(step(one, ended(3, "ClientLeft"), 21)[1]).toEqual([{ _tag: "Over", because: "ClientLeft" }])
    // A program's end reaches every client by itself.
    const end = [ended(1, "ProgramEnded"), ended(2, "ProgramEnded")]
    expect(live(unnamed, ...watched, ...end).outputs.filter(({ _tag }) => _tag !== "Lead")).toEqual([])
    expect(live(unnamed, ...watched, ...end, ended(3, "ProgramEnded")).outputs.at(-1)).toEqual({
      _tag: "Over",
      because: "ProgramEnded"
    })
  })

  it("a viewer that leaves or never comes ends no session, also not a detached one", () => {
    const detached = [admitted(1), connected(1), detach(1), ended(1, "Detached"), admitted(2, "View")]
    expect(live(unnamed, ...detached, ended(2, "NoClient")).state.over).toBe(false)
    expect(live(unnamed, ...detached, connected(2), ended(2, "ClientLeft")).state.over).toBe(false)
    expect(live(unnamed, ...detached, connected(2)).state.attached).toBe(true)
  })

  it("a listener that could not be made leaves no trace", () => {
    const before = live(unnamed, admitted(1), connected(1))
    expect(live(unnamed, admitted(1), connected(1), admitted(2), failed(2)).state.attachments).toEqual(
      before.state.attachments
    )
    expect(live(unnamed, admitted(1), failed(1)).state.over).toBe(false)
    const left = [admitted(1), connected(1), admitted(2), ended(1, "ClientLeft"), failed(2)]
    expect(live(unnamed, ...left).outputs.at(-1)).toEqual({ _tag: "Over", because: "ClientLeft" })
  })

  it("a new client takes over when it connects, not before", () => {
    const before = live(unnamed, admitted(1), connected(1), admitted(2))
    expect(before.outputs).toEqual([{ _tag: "Lead", id: 1 }])
    const [, outputs] = step(before.state, connected(2), 9)
    expect(outputs).toEqual([
      { _tag: "Close", id: 1, reason: { _tag: "TakenOver", from: "192.0.2.2" } },
      { _tag: "Lead", id: 2 }
    ])
  })

  it("a client that connects late does not close a newer attachment that waits for its client", () => {
    const late = live(unnamed, admitted(1), admitted(2), connected(1))
    expect(late.outputs).toEqual([{ _tag: "Lead", id: 1 }])
    const [, outputs] = step(late.state, connected(2), 9)
    expect(outputs).toEqual([
      { _tag: "Close", id: 1, reason: { _tag: "TakenOver", from: "192.0.2.2" } },
      { _tag: "Lead", id: 2 }
    ])
  })

  it("a client that was replaced cannot take over again", () => {
    const { outputs } = live(unnamed, admitted(1), connected(1), admitted(2), connected(2), connected(1))
    expect(outputs.filter(({ _tag }) => _tag === "Close")).toHaveLength(1)
  })

  it("a client that never connects replaces none, and ends nothing", () => {
    const { outputs, state } = live(unnamed, admitted(1), connected(1), admitted(2), ended(2, "NoClient"))
    expect(outputs).toEqual([{ _tag: "Lead", id: 1 }])
    expect(state.attachments).toMatchObject([{ id: 1, phase: "Attached" }])
  })

  it("an unnamed session ends when its client leaves, also while a replaced client has not acknowledged", () => {
    const over = { _tag: "Over", because: "ClientLeft" }
    expect(live(unnamed, admitted(1), connected(1), ended(1, "ClientLeft")).outputs.slice(1)).toEqual([over])
    const taken = live(unnamed, admitted(1), connected(1), admitted(2), connected(2), ended(2, "ClientLeft"))
    expect(taken.outputs.at(-1)).toEqual(over)
  })

  it("an unnamed session whose client left ends when the pending client does not connect", () => {
    const left = [admitted(1), connected(1), admitted(2), ended(1, "ClientLeft")]
    expect(live(unnamed, ...left).state.over).toBe(false)
    expect(live(unnamed, ...left, ended(2, "NoClient")).outputs.at(-1)).toEqual({ _tag: "Over", because: "ClientLeft" })
    expect(live(unnamed, ...left, connected(2), detach(2), ended(2, "Detached")).state.over).toBe(false)
  })

  it("a named session continues when its client leaves, and an unnamed one after a detach", () => {
    expect(live(named, admitted(1), connected(1), ended(1, "ClientLeft")).state).toMatchObject({
      over: false,
      attached: false,
      since: 3
    })
    const detached = live(unnamed, admitted(1), connected(1), detach(1), ended(1, "Detached"))
    expect(detached.outputs.slice(1)).toEqual([{ _tag: "Close", id: 1, reason: { _tag: "Detached" } }])
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
