/**
 * Runs a protocol machine with an outbox, a clock and a timer. All concurrency is in this file.
 *
 * An actor steps its machine on each input, performs the outputs, and wakes the machine at its deadline. An input is
 * stepped where it is offered, synchronously, so a datagram costs no scheduling, and `state` reflects it when `offer`
 * returns. Outputs are performed in the order of their steps: those of an input that is offered while an output is
 * performed wait in the outbox until the earlier ones are done.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import type { Machine, Millis } from "../../domain/Machine.ts"
import * as Timer from "./Timer.ts"

export interface Actor<State, Input> {
  /** Steps the machine with one input. Callable from any callback; never throws by itself. Ignored once the scope is closed. */
  readonly offer: (input: Input) => void
  /** The machine's current state. */
  readonly state: () => State
}

/**
 * Composes the schedule by which a machine is woken. Its argument outputs each deadline after the delay until it. The
 * returned schedule decides when the machine is woken. If that ends, only inputs step the machine.
 */
export type WakeSchedule = (deadlines: Schedule.Schedule<Millis>) => Schedule.Schedule<unknown>

export interface ActorOptions<State, Input, Output> {
  readonly machine: Machine<State, Input, Output>
  readonly initial: State
  /** The input that wakes the machine at its deadline. Default: the machine has no deadlines. */
  readonly tick?: Input
  /** Performs one output, synchronously; `state` is the current one. Must not throw. */
  readonly perform: (output: Output, state: State) => void
  readonly wake?: WakeSchedule | undefined
}

/**
 * Reads Effect's monotonic clock (`Clock.monotonicTimeNanos`) in whole milliseconds: the clock of every time in the public
 * API. The function that it succeeds with is synchronous, for callbacks.
 */
export const millis: Effect.Effect<() => Millis> = Effect.map(
  Clock.clockWith(Effect.succeed),
  (clock) => () => Number(clock.monotonicTimeNanosUnsafe() / 1_000_000n)
)

/**
 * A deadline that becomes later by this much, ms, replaces the timer. A timer that fires too early costs a wake-up of the process,
 * and is armed again then: more than to arm it at once. But a transfer moves its deadline a little with each packet.
 */
const POSTPONED = 5

/** Starts an actor. It lives as long as the scope. */
export const spawn = Effect.fnUntraced(function* <State, Input, Output>(
  options: ActorOptions<State, Input, Output>
): Effect.fn.Return<Actor<State, Input>, never, Scope.Scope> {
  const { machine, perform, tick } = options
  const now = yield* millis
  /** Outputs that are not performed yet, oldest first. */
  const outbox: Array<Output> = []
  let state = options.initial
  let performing = false
  let closed = false
  /** The deadline that the timer sleeps for. */
  let armed: Millis = Infinity

  const offer = (input: Input): void => {
    if (closed) return
    step(input)
    if (performing) return
    performAll()
    if (tick === undefined) return
    let deadline = machine.deadline(state)
    if (deadline === -Infinity) {
      step(tick)
      performAll()
      deadline = machine.deadline(state)
    }
    arm(deadline)
  }

  const step = (input: Input): void => {
    const [after, outputs] = machine.step(state, input, now())
    state = after
    if (outputs.length > 0) outbox.push(...outputs)
  }

  const performAll = (): void => {
    performing = true
    try {
      for (let output = outbox.shift(); output !== undefined; output = outbox.shift()) perform(output, state)
    } finally {
      performing = false
    }
  }

  const arm = (deadline: Millis): void => {
    if (closed || (deadline >= armed && !isPostponed(deadline))) return
    armed = deadline
    timer.arm(delayUntil(deadline))
  }

  /**
   * Whether a later deadline is worth a new timer. If not, the timer fires too early once, and the deadline is read again. An
   * embedder's schedule is asked once for each deadline that comes.
   */
  const isPostponed = (deadline: Millis): boolean =>
    options.wake === undefined && deadline < Infinity && deadline - armed >= POSTPONED

  // At least 1 ms ahead: a machine whose deadline stays in the past must not keep the process busy.
  const delayUntil = (deadline: Millis): Millis => Math.max(1, deadline - now())

  const onDue = (): void => {
    armed = Infinity
    const deadline = machine.deadline(state)
    // Postponed since the timer was armed: the machine has nothing to do yet.
    if (options.wake === undefined && deadline > now()) arm(deadline)
    else if (tick !== undefined) offer(tick)
  }

  const timer: Timer.Timer = yield* options.wake === undefined
    ? (yield* Timer.Timers).make(onDue)
    : composed(
        options.wake,
        () => {
          const deadline = machine.deadline(state)
          return [deadline, delayUntil(deadline)]
        },
        onDue
      )

  yield* Effect.addFinalizer(() =>
    Effect.sync(() => {
      closed = true
    })
  )
  if (tick !== undefined) arm(machine.deadline(state))
  return { offer, state: () => state }
})

/** A timer that sleeps by an embedder's schedule. */
const composed = Effect.fnUntraced(function* (
  wake: WakeSchedule,
  next: () => readonly [deadline: Millis, delay: Millis],
  onDue: () => void
): Effect.fn.Return<Timer.Timer, never, Scope.Scope> {
  const deadlines = Schedule.fromStep<unknown, Millis, never, never, never, never>(
    Effect.succeed(() =>
      Effect.sync(() => {
        const [deadline, delay] = next()
        return [deadline, Duration.millis(delay)]
      })
    )
  )
  const sleep = yield* Schedule.toStepWithSleep(wake(deadlines))
  return yield* Timer.bySleeping(() => sleep(undefined), onDue)
})
