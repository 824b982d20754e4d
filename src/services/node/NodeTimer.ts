/**
 * `Timers` by `setTimeout`.
 *
 * Not on `Effect.sleep`: a session arms its timers with almost every datagram, and each sleep is a fiber of its own. Virtual
 * time (`TestClock`) does not move these timers.
 *
 * Datagrams that have arrived are read before timers that are late, and between those of many sessions.
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Timers } from "../runtime/Timer.ts"
import * as LateTimers from "./LateTimers.ts"

/** The longest delay that Node has. A timer with a longer one is due too early, and armed again. */
const LONGEST = 2 ** 31 - 1

/** Node's own timers. */
export const layer: Layer.Layer<never> = Layer.sync(Timers, () => {
  const late = LateTimers.make()
  return {
    make: (onDue) =>
      Effect.map(
        Effect.acquireRelease(
          Effect.sync(() => open(onDue, late)),
          ({ close }) => Effect.sync(close)
        ),
        ({ arm }) => ({ arm })
      )
  }
})

const open = (onDue: () => void, late: LateTimers.LateTimers) => {
  const alarm: LateTimers.Alarm = { onDue, isWaiting: false }
  let timeout: NodeJS.Timeout | undefined
  let length = 0
  let armedAt = 0
  let isClosed = false
  const fired = (): void => {
    const now = performance.now()
    late.due(alarm, now, now - armedAt - length)
  }
  return {
    arm: (delay: number): void => {
      if (isClosed) return
      const next = Math.min(Math.max(1, Math.ceil(delay)), LONGEST)
      armedAt = performance.now()
      alarm.isWaiting = false
      if (timeout !== undefined && next === length) {
        timeout.refresh()
        return
      }
      clearTimeout(timeout)
      length = next
      timeout = setTimeout(fired, next)
    },
    close: (): void => {
      isClosed = true
      alarm.isWaiting = false
      clearTimeout(timeout)
    }
  }
}
