/**
 * A timer that can be armed repeatedly, for waking a protocol machine.
 *
 * The default sleeps by `Clock`, so it follows virtual time, and costs a fiber each time it is armed. `NodeTimer` is
 * what the layers on Node use: a timer of Node's, which costs none.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FiberHandle from "effect/FiberHandle"
import type * as Scope from "effect/Scope"
import type { Millis } from "../../domain/Machine.ts"

/** A timer that is due at most once for each time it is armed. */
export interface Timer {
  /**
   * Makes the timer due in `delay` ms, at least 1, and forgets when it was due before. Synchronous; callable from any
   * callback, also from `onDue`; ignored once the scope is closed.
   */
  readonly arm: (delay: Millis) => void
}

/** A timer on a fiber that sleeps by `sleep`. When `sleep` fails, the timer is not due until it is armed again. */
export const bySleeping = Effect.fnUntraced(function* <E>(
  sleep: (delay: Millis) => Effect.Effect<unknown, E>,
  onDue: () => void
): Effect.fn.Return<Timer, never, Scope.Scope> {
  const start = yield* FiberHandle.runtime(yield* FiberHandle.make<void, E>())()
  let next: Millis | undefined
  let isDue = false

  const loop = Effect.gen(function* () {
    while (next !== undefined) {
      const delay = next
      next = undefined
      yield* sleep(delay)
      isDue = true
      try {
        onDue()
      } finally {
        isDue = false
      }
    }
  })

  return {
    arm: (delay) => {
      next = delay
      // The running fiber goes on with it.
      if (!isDue) start(loop)
    }
  }
})

/** Makes the timers of every session in its scope. */
export const Timers: Context.Reference<{
  /** A timer that lives as long as the scope. `onDue` must not throw; it may be called too early. */
  readonly make: (onDue: () => void) => Effect.Effect<Timer, never, Scope.Scope>
}> = Context.Reference("effect-mosh/services/Timers", {
  defaultValue: () => ({ make: (onDue: () => void) => bySleeping(Effect.sleep, onDue) })
})
