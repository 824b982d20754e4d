import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/testing/TestClock"
import { describe } from "vitest"
import { Timers } from "../../../src/services/runtime/Timer.ts"
import * as ScreenWatchers from "../../../src/services/server/ScreenWatchers.ts"

const { MIN_WATCH_INTERVAL } = ScreenWatchers

/** A watcher, the delays for which its timer was armed, and the number of its calls. */
const start = Effect.gen(function* () {
  const watchers = ScreenWatchers.make()
  const delays: Array<number> = []
  const { make } = yield* Timers
  const counting = {
    make: (onDue: () => void) =>
      Effect.map(make(onDue), ({ arm }) => ({
        arm: (delay: number) => {
          delays.push(delay)
          arm(delay)
        }
      }))
  }
  let calls = 0
  yield* Effect.provideService(
    watchers.watch(() => {
      calls += 1
    }),
    Timers,
    counting
  )
  return { changed: watchers.changed, delays, calls: () => calls }
})

describe("ScreenWatchers", () => {
  it.effect("arms no timer for changes that are further apart than the interval", () =>
    Effect.gen(function* () {
      const { calls, changed, delays } = yield* start
      for (let key = 1; key <= 3; key++) {
        changed()
        changed()
        yield* TestClock.adjust(0)
        expect(calls()).toBe(key)
        yield* TestClock.adjust(MIN_WATCH_INTERVAL)
      }
      expect(delays).toEqual([])
    })
  )

  it.effect("calls for a change within the interval at its end", () =>
    Effect.gen(function* () {
      const { calls, changed, delays } = yield* start
      changed()
      yield* TestClock.adjust(1)
      changed()
      changed()
      expect(delays).toEqual([MIN_WATCH_INTERVAL - 1])
      yield* TestClock.adjust(MIN_WATCH_INTERVAL - 2)
      expect(calls()).toBe(1)
      yield* TestClock.adjust(1)
      expect(calls()).toBe(2)
    })
  )
})
