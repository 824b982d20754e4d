/**
 * Decides in which turn of the event loop timers fire.
 *
 * Node runs all timers that are due before it reads any datagram. After a pause of the process, retransmission timers would
 * fire although the acknowledgements are already in the socket's buffer, and the timers of a thousand sessions would delay
 * the datagrams of all. So timers that are late, and those that would make a turn of the event loop long, fire after the
 * datagrams of the next turn are read.
 */

/** A timer that is later than this, ms, waits for the datagrams that arrived meanwhile. */
export const LATE = 10
/** The host was suspended for this long, ms, or the process stopped: a machine that wakes detects that by its late timer. */
export const SUSPENDED = 1000
/** How long the timers of all sessions run before datagrams are read, ms. */
export const SLICE = 4
/** If less time passed since the previous timer, ms, no datagram was read in between. */
const ADJACENT = 0.1

/** A timer of a session. */
export interface Alarm {
  readonly onDue: () => void
  /** Whether it is due, but waits for a later turn. */
  isWaiting: boolean
}

/** The timers of all sessions that share it. */
export interface LateTimers {
  /** The timer is due, `lateness` ms ago. */
  readonly due: (alarm: Alarm, now: number, lateness: number) => void
}

export const make = (): LateTimers => {
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
    try {
      for (const alarm of alarms) {
        if (performance.now() - beganAt >= SLICE) break
        fired++
        if (!alarm.isWaiting) continue
        alarm.isWaiting = false
        alarm.onDue()
      }
    } finally {
      doneAt = performance.now()
      const isScheduled = waiting.length > 0
      waiting = [...alarms.slice(fired), ...waiting]
      if (waiting.length > 0 && !isScheduled) setImmediate(resume)
    }
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
