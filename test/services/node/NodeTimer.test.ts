import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Queue from "effect/Queue"
import * as Scope from "effect/Scope"
import * as TestClock from "effect/testing/TestClock"
import * as NodeTimer from "../../../src/services/node/NodeTimer.ts"
import { Timers } from "../../../src/services/runtime/Timer.ts"

/** A timer that reports when it is due. */
const alarm = Effect.gen(function* () {
  const due = yield* Queue.unbounded<string>()
  let name = ""
  const timer = yield* (yield* Timers).make(() => Queue.offerUnsafe(due, name))
  return {
    due,
    arm: (as: string, delay: number) => {
      name = as
      timer.arm(delay)
    }
  }
})

const kinds = [
  { kind: "Node's", layer: NodeTimer.layer },
  { kind: "the default", layer: undefined }
]

for (const { kind, layer } of kinds) {
  const live = <A>(effect: Effect.Effect<A, never, Scope.Scope>): Effect.Effect<A, never, Scope.Scope> =>
    TestClock.withLive(layer === undefined ? effect : Effect.provide(effect, layer))

  it.effect(`${kind} fires once for each time it is armed, after the last delay`, () =>
    live(
      Effect.gen(function* () {
        const { arm, due } = yield* alarm
        arm("never", 3_600_000)
        arm("late", 2)
        arm("first", 1)
        expect(yield* Queue.take(due)).toBe("first")
        arm("second", 1)
        expect(yield* Queue.take(due)).toBe("second")
        arm("refreshed", 1)
        arm("refreshed", 1)
        expect(yield* Queue.take(due)).toBe("refreshed")
        arm("last", 2)
        expect(yield* Queue.take(due)).toBe("last")
        expect(yield* Queue.size(due)).toBe(0)
      })
    )
  )

  it.effect(`${kind} can be armed while it fires`, () =>
    live(
      Effect.gen(function* () {
        const due = yield* Queue.unbounded<number>()
        let count = 0
        const timer = yield* (yield* Timers).make(() => {
          Queue.offerUnsafe(due, ++count)
          if (count < 3) timer.arm(1)
        })
        timer.arm(1)
        expect(yield* Queue.takeN(due, 3)).toEqual([1, 2, 3])
      })
    )
  )

  it.effect(`${kind} is cleared with its scope, and cannot be armed afterwards`, () =>
    live(
      Effect.gen(function* () {
        const scope = yield* Scope.make()
        const other = yield* alarm
        const { arm, due } = yield* alarm.pipe(Scope.provide(scope))
        arm("before", 1)
        yield* Scope.close(scope, Exit.void)
        arm("after", 1)
        // Armed later, so it fires after them.
        other.arm("other", 2)
        expect(yield* Queue.take(other.due)).toBe("other")
        expect(yield* Queue.size(due)).toBe(0)
      })
    )
  )
}

it.effect("Node's accepts a longer delay than Node's own timers", () =>
  Effect.gen(function* () {
    const { arm, due } = yield* alarm
    const other = yield* alarm
    arm("in a month", 31 * 86_400_000)
    other.arm("soon", 1)
    expect(yield* Queue.take(other.due)).toBe("soon")
    expect(yield* Queue.size(due)).toBe(0)
  }).pipe(Effect.provide(NodeTimer.layer))
)
