/**
 * `Timers` by `setTimeout`.
 *
 * Not on `Effect.sleep`: a session arms its timers with almost every datagram, and each sleep is a fiber of its own. Virtual
 * time (`TestClock`) does not move these timers.
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Timers } from "../runtime/Timer.ts"

/** The longest delay that Node has. A timer with a longer one is due too early, and armed again. */
const LONGEST = 2 ** 31 - 1

/** Node's own timers. */
export const layer: Layer.Layer<never> = Layer.succeed(Timers, {
  make: (onDue) =>
    Effect.map(
      Effect.acquireRelease(
        Effect.sync(() => open(onDue)),
        ({ close }) => Effect.sync(close)
      ),
      ({ arm }) => ({ arm })
    )
})

const open = (onDue: () => void) => {
  let timeout: NodeJS.Timeout | undefined
  let length = 0
  let isClosed = false
  return {
    arm: (delay: number): void => {
      if (isClosed) return
      const next = Math.min(Math.max(1, Math.ceil(delay)), LONGEST)
      if (timeout !== undefined && next === length) {
        timeout.refresh()
        return
      }
      clearTimeout(timeout)
      length = next
      timeout = setTimeout(onDue, next)
    },
    close: (): void => {
      isClosed = true
      clearTimeout(timeout)
    }
  }
}
