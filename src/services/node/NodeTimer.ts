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
import { type Timer, Timers } from "../runtime/Timer.ts"
import * as LateTimers from "./LateTimers.ts"

/** The longest delay that Node has. A timer with a longer one is due too early, and armed again. */
const LONGEST = 2 ** 31 - 1

/** Node's own timers. */
export const layer: Layer.Layer<never> = Layer.sync(Timers, () => {
  const late = LateTimers.make()
  return {
    make: (onDue) =>
      Effect.acquireRelease(
        Effect.sync(() => new NodeTimer(onDue, late)),
        closed
      )
  }
})

/** A class, because each session has fifteen of them, and these share their functions. */
class NodeTimer implements Timer, LateTimers.Alarm {
  readonly onDue: () => void
  isWaiting = false
  private readonly late: LateTimers.LateTimers
  private timeout: NodeJS.Timeout | undefined
  private length = 0
  private armedAt = 0
  private isClosed = false

  constructor(onDue: () => void, late: LateTimers.LateTimers) {
    this.onDue = onDue
    this.late = late
  }

  arm(delay: number): void {
    if (this.isClosed) return
    const next = Math.min(Math.max(1, Math.ceil(delay)), LONGEST)
    this.armedAt = performance.now()
    this.isWaiting = false
    if (this.timeout !== undefined && next === this.length) {
      this.timeout.refresh()
      return
    }
    clearTimeout(this.timeout)
    this.length = next
    this.timeout = setTimeout(NodeTimer.fired, next, this)
  }

  private static fired(this: void, timer: NodeTimer): void {
    const now = performance.now()
    timer.late.due(timer, now, now - timer.armedAt - timer.length)
  }

  close(): void {
    this.isClosed = true
    this.isWaiting = false
    clearTimeout(this.timeout)
  }
}

const closed = (timer: NodeTimer): Effect.Effect<void> => Effect.sync(() => timer.close())
