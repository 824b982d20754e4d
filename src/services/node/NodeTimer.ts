/**
 * `Timers` by `setTimeout`.
 *
 * Not on `Effect.sleep`: a session arms its timers with almost every datagram, and each sleep is a fiber of its own. Virtual
 * time (`TestClock`) does not move these timers.
 *
 * Node runs all timers that are due before it reads any datagram. After a pause of the process, retransmission timers would
 * fire although the acknowledgements are already in the socket's buffer, and the timers of a thousand sessions would delay
 * the datagrams of all. So timers that are late, and those that would make a turn of the event loop long, fire after the
 * datagrams of the next turn are read.
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Timers } from "../runtime/Timer.ts"

/** The longest delay that Node has. A timer with a longer one is due too early, and armed again. */
const LONGEST = 2 ** 31 - 1

/** @internal A timer that is later than this, ms, waits for the datagrams that arrived meanwhile. */
export const LATE = 10
/** @internal The host was suspended for this long, ms, or the process stopped: a machine that wakes detects that by its late timer. */
export const SUSPENDED = 1000
/** @internal How long the timers of all sessions run before datagrams are read, ms. */
export const SLICE = 4
/** If less time passed since the previous timer, ms, no datagram was read in between. */
const ADJACENT = 0.1

/** Node's own timers. */
export const layer: Layer.Layer<never> = Layer.sync(Timers, () => {
  const turns = makeTurns()
  return {
    make: (onDue) =>
      Effect.map(
        Effect.acquireRelease(
          Effect.sync(() => open(onDue, turns)),
          ({ close }) => Effect.sync(close)
        ),
        ({ arm }) => ({ arm })
      )
  }
})

interface Alarm {
  readonly onDue: () => void
  /** Whether it is due, but waits for a later turn. */
  isWaiting: boolean
}

/** Decides in which turn of the event loop timers fire. */
interface Turns {
  /** The timer is due, `lateness` ms ago. */
  readonly due: (alarm: Alarm, now: number, lateness: number) => void
}

const makeTurns = (): Turns => {
  let waiting: Array<Alarm> = []
  /** When the first of adjacent timers fired, and when the last one was done. */
  let beganAt = -Infinity
  let doneAt = -Infinity

  const wait = (alarm: Alarm): void => {
    alarm.isWaiting = true
    if (waiting.push(alarm) === 1) setImmediate(resume)
  }

  const resume = (): void => {
    beganAt = performance.now()
    const alarms = waiting
    waiting = []
    let fired = 0
    for (const alarm of alarms) {
      if (performance.now() - beganAt >= SLICE) break
      fired++
      if (!alarm.isWaiting) continue
      alarm.isWaiting = false
      alarm.onDue()
    }
    doneAt = performance.now()
    if (fired === alarms.length) return
    // Nothing was added meanwhile but behind these.
    const isIdle = waiting.length === 0
    waiting = [...alarms.slice(fired), ...waiting]
    if (isIdle) setImmediate(resume)
  }

  return {
    due: (alarm, now, lateness) => {
      if (now - doneAt > ADJACENT) beganAt = now
      if ((lateness > LATE && lateness < SUSPENDED) || now - beganAt >= SLICE) return wait(alarm)
      alarm.onDue()
      doneAt = performance.now()
    }
  }
}

const open = (onDue: () => void, turns: Turns) => {
  const alarm: Alarm = { onDue, isWaiting: false }
  let timeout: NodeJS.Timeout | undefined
  let length = 0
  let armedAt = 0
  let isClosed = false
  const fired = (): void => {
    const now = performance.now()
    turns.due(alarm, now, now - armedAt - length)
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
