import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import * as TestClock from "effect/testing/TestClock"
import type { Machine, Millis } from "../../../src/domain/Machine.ts"
import * as Actor from "../../../src/services/runtime/Actor.ts"

/** Keeps a deadline that its inputs set, and reports each tick that was due. */
interface Alarm {
  readonly due: Millis
  readonly steps: number
}
type Input =
  | { readonly _tag: "Tick" }
  | { readonly _tag: "Set"; readonly after: Millis }
  | { readonly _tag: "Say"; readonly text: string }
interface Output {
  readonly text: string
}

const tick: Input = { _tag: "Tick" }
const machine: Machine<Alarm, Input, Output> = {
  step: (state, input, now) => {
    const steps = state.steps + 1
    switch (input._tag) {
      case "Set":
        return [{ due: now + input.after, steps }, []]
      case "Say":
        return [{ ...state, steps }, [{ text: input.text }]]
      case "Tick":
        return now < state.due ? [{ ...state, steps }, []] : [{ due: Infinity, steps }, [{ text: `due ${now}` }]]
    }
  },
  deadline: (state) => state.due
}

const alarm = Effect.fnUntraced(function* (wake?: Actor.WakeSchedule) {
  const said: Array<string> = []
  const actor = yield* Actor.spawn<Alarm, Input, Output>({
    machine,
    initial: { due: Infinity, steps: 0 },
    tick,
    perform: (output) => said.push(output.text),
    wake
  })
  return { actor, said }
})

it.effect("performs outputs before offer returns", () =>
  Effect.gen(function* () {
    const { actor, said } = yield* alarm()
    actor.offer({ _tag: "Say", text: "a" })
    expect(said).toEqual(["a"])
  })
)

it.effect("performs outputs in the order of their steps, however they are offered, and never inside a step", () =>
  Effect.gen(function* () {
    const log: Array<string> = []
    const actor: Actor.Actor<Alarm, Input> = yield* Actor.spawn<Alarm, Input, Output>({
      machine: {
        step: (state, input, now) => {
          log.push("enter")
          const result = machine.step(state, input, now)
          log.push("leave")
          return result
        },
        deadline: machine.deadline
      },
      initial: { due: Infinity, steps: 0 },
      tick,
      perform: ({ text }) => {
        log.push(text)
        if (text.length < 3) {
          actor.offer({ _tag: "Say", text: `${text}x` })
          actor.offer({ _tag: "Say", text: "end" })
        }
      }
    })
    actor.offer({ _tag: "Say", text: "a" })
    const step = ["enter", "leave"]
    const two = [...step, ...step]
    expect(log).toEqual([...step, "a", ...two, "ax", ...two, "end", "axx", "end"])
  })
)

it.effect("loses no other output when one throws", () =>
  Effect.gen(function* () {
    const said: Array<string> = []
    const actor: Actor.Actor<Alarm, Input> = yield* Actor.spawn<Alarm, Input, Output>({
      machine: {
        step: (state, input) => [state, input._tag === "Say" ? [...input.text].map((text) => ({ text })) : []],
        deadline: machine.deadline
      },
      initial: { due: Infinity, steps: 0 },
      tick,
      perform: ({ text }) => {
        if (text === "a") actor.offer({ _tag: "Say", text: "yz" })
        if (text === "!") throw new Error("an output that throws")
        said.push(text)
      }
    })
    expect(() => actor.offer({ _tag: "Say", text: "a!b" })).toThrow("an output that throws")
    actor.offer({ _tag: "Say", text: "c" })
    expect(said.join("")).toBe("abyzc")
  })
)

it.effect("has stepped the machine when offer returns, also while an output is performed", () =>
  Effect.gen(function* () {
    const counts: Array<number> = []
    const actor: Actor.Actor<Alarm, Input> = yield* Actor.spawn<Alarm, Input, Output>({
      machine,
      initial: { due: Infinity, steps: 0 },
      tick,
      perform: () => {
        actor.offer({ _tag: "Set", after: 10 })
        counts.push(actor.state().steps)
        actor.offer({ _tag: "Set", after: 10 })
        counts.push(actor.state().steps)
      }
    })
    actor.offer({ _tag: "Say", text: "a" })
    expect(counts).toEqual([2, 3])
  })
)

it.effect("wakes the machine at its deadline, exactly", () =>
  Effect.gen(function* () {
    const { actor, said } = yield* alarm()
    actor.offer({ _tag: "Set", after: 250 })
    yield* TestClock.adjust(249)
    expect(said).toEqual([])
    yield* TestClock.adjust(1)
    expect(said).toEqual(["due 250"])
    yield* TestClock.adjust(10_000)
    expect(actor.state().steps).toBe(2)
  })
)

it.effect.prop(
  "wakes at the last deadline set, whether it moved earlier or later",
  { afters: Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1000 }))) },
  ({ afters }) =>
    Effect.gen(function* () {
      const { actor, said } = yield* alarm()
      const start = (yield* Actor.millis)()
      for (const after of afters) actor.offer({ _tag: "Set", after })
      yield* TestClock.adjust(2000)
      const last = afters.at(-1)
      expect(said).toEqual(last === undefined ? [] : [`due ${start + last}`])
      // One step an input, and one for the tick: a timer that fires before the deadline steps nothing.
      expect(actor.state().steps).toBe(last === undefined ? 0 : afters.length + 1)
    }).pipe(Effect.scoped)
)

it.effect("does not wake a machine early if its deadline became a second later or more", () =>
  Effect.gen(function* () {
    const { actor, said } = yield* alarm()
    actor.offer({ _tag: "Set", after: 250 })
    for (let heartbeat = 1; heartbeat <= 20; heartbeat++) {
      yield* TestClock.adjust(200)
      actor.offer({ _tag: "Set", after: 3250 })
      yield* TestClock.adjust(2800)
      actor.offer({ _tag: "Set", after: 450 })
    }
    expect(said).toEqual([])
    expect(actor.state().steps).toBe(1 + 2 * 20)
    yield* TestClock.adjust(450)
    expect(said).toEqual([`due ${60_000 + 450}`])
  })
)

it.effect("does not wake a machine for a deadline that it no longer has", () =>
  Effect.gen(function* () {
    const { actor, said } = yield* alarm()
    actor.offer({ _tag: "Set", after: 250 })
    actor.offer({ _tag: "Set", after: Infinity })
    yield* TestClock.adjust(60_000)
    expect(said).toEqual([])
    expect(actor.state().steps).toBe(2)
  })
)

it.effect("wakes a machine whose deadline stays in the past once a millisecond", () =>
  Effect.gen(function* () {
    let ticks = 0
    yield* Actor.spawn<number, Input, never>({
      machine: { step: (state) => [state, (ticks++, [])], deadline: () => 0 },
      initial: 0,
      tick,
      perform: () => {}
    })
    yield* TestClock.adjust(100)
    expect(ticks).toBe(100)
  })
)

it.effect("lets an embedder compose the schedule of wakes", () =>
  Effect.gen(function* () {
    const { actor, said } = yield* alarm(Schedule.addDelay(() => Effect.succeed(500)))
    actor.offer({ _tag: "Set", after: 250 })
    yield* TestClock.adjust(749)
    expect(said).toEqual([])
    yield* TestClock.adjust(1)
    expect(said).toEqual(["due 750"])
  })
)

it.effect("steps on inputs alone once a composed schedule has ended", () =>
  Effect.gen(function* () {
    const { actor, said } = yield* alarm(Schedule.upTo({ times: 1 }))
    actor.offer({ _tag: "Set", after: 10 })
    yield* TestClock.adjust(10)
    actor.offer({ _tag: "Set", after: 10 })
    yield* TestClock.adjust(1000)
    actor.offer({ _tag: "Say", text: "still here" })
    expect(said).toEqual(["due 10", "still here"])
  })
)

it.effect("ends with its scope", () =>
  Effect.gen(function* () {
    const scope = yield* Scope.make()
    const { actor, said } = yield* alarm().pipe(Scope.provide(scope))
    actor.offer({ _tag: "Set", after: 250 })
    yield* Scope.close(scope, Exit.void)
    actor.offer({ _tag: "Say", text: "late" })
    yield* TestClock.adjust(1000)
    expect(said).toEqual([])
    expect(actor.state().steps).toBe(1)
  })
)
