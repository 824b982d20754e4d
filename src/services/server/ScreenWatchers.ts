/**
 * Calls the watchers of a session's screen when it may have changed: soon, but each at most once in an interval, however much
 * the program prints.
 */
import * as Effect from "effect/Effect"
import * as Scheduler from "effect/Scheduler"
import type * as Scope from "effect/Scope"
import type { Millis } from "../../domain/Machine.ts"
import * as Actor from "../runtime/Actor.ts"
import { Timers } from "../runtime/Timer.ts"

/**
 * Minimum time between two calls of one watcher, ms: less than the shortest interval between two frames on the wire.
 */
export const MIN_WATCH_INTERVAL = 4

/** See `Session.watch`. */
export type Watch = (onChange: () => Millis | void) => Effect.Effect<void, never, Scope.Scope>

export interface ScreenWatchers {
  /** The screen may have changed. */
  readonly changed: () => void
  readonly watch: Watch
}

export const make = (): ScreenWatchers => {
  const watchers = new Set<() => void>()
  return {
    changed: () => {
      for (const watcher of watchers) watcher()
    },
    watch: Effect.fnUntraced(function* (onChange): Effect.fn.Return<void, never, Scope.Scope> {
      const now = yield* Actor.millis
      const dispatcher = (yield* Scheduler.Scheduler).makeDispatcher()
      /** When the next call may be made. A timer is armed only if something changes before: none for single keystrokes. */
      let notBefore = -Infinity
      let isChanged = false
      /** Whether a call is scheduled. */
      let isScheduled = false
      let isClosed = false

      const watcher = (): void => {
        isChanged = true
        if (isScheduled) return
        isScheduled = true
        const wait = notBefore - now()
        if (wait > 0) pause.arm(wait)
        else callSoon()
      }
      // What else is readable now belongs to the same change.
      const callSoon = (): void => dispatcher.scheduleTask(call, 0)
      const call = (): void => {
        if (isClosed) return
        isChanged = false
        notBefore = now() + Math.max(MIN_WATCH_INTERVAL, onChange() || 0)
        isScheduled = false
        if (isChanged) watcher()
      }
      const pause = yield* (yield* Timers).make(callSoon)
      yield* Effect.acquireRelease(
        Effect.sync(() => watchers.add(watcher)),
        () =>
          Effect.sync(() => {
            isClosed = true
            watchers.delete(watcher)
          })
      )
    })
  }
}
