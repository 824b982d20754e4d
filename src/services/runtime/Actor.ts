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
  const { tick, wake } = options
  const actor = new RunningActor(options, yield* millis)
  actor.timer = yield* wake === undefined
    ? (yield* Timer.Timers).make(() => actor.due())
    : composed(
        wake,
        () => actor.next(),
        () => actor.due()
      )
  yield* Effect.addFinalizer(() => Effect.sync(() => actor.close()))
  if (tick !== undefined) actor.arm()
  return actor
})

/** A class, because each session has ten of them, and these share their functions. */
class RunningActor<State, Input, Output> implements Actor<State, Input> {
  timer: Timer.Timer | undefined
  private current: State
  /** Outputs that wait until those before them are performed, oldest first. */
  private outbox: Array<Output> = []
  private isPerforming = false
  private isClosed = false
  /** The deadline that the timer sleeps for. */
  private armed: Millis = Infinity
  private readonly options: ActorOptions<State, Input, Output>
  private readonly now: () => Millis

  constructor(options: ActorOptions<State, Input, Output>, now: () => Millis) {
    this.options = options
    this.now = now
    this.current = options.initial
  }

  readonly state = (): State => this.current

  readonly offer = (input: Input): void => {
    if (this.isClosed) return
    const outputs = this.step(input)
    if (this.isPerforming) {
      this.outbox.push(...outputs)
      return
    }
    this.perform(outputs)
    const { machine, tick } = this.options
    if (tick === undefined) return
    if (machine.deadline(this.current) === -Infinity) this.perform(this.step(tick))
    this.arm()
  }

  private step(input: Input): ReadonlyArray<Output> {
    const [after, outputs] = this.options.machine.step(this.current, input, this.now())
    this.current = after
    return outputs
  }

  private perform(outputs: ReadonlyArray<Output>): void {
    this.isPerforming = true
    let queue = this.outbox.length === 0 ? outputs : [...this.outbox.splice(0), ...outputs]
    let done = 0
    try {
      while (done < queue.length) {
        this.options.perform(queue[done++] as Output, this.current)
        if (done < queue.length || this.outbox.length === 0) continue
        queue = this.outbox
        this.outbox = []
        done = 0
      }
    } finally {
      this.isPerforming = false
      // What `perform` throws loses no other output: those are performed with the next input's.
      if (done < queue.length) this.outbox = [...queue.slice(done), ...this.outbox]
    }
  }

  arm(): void {
    const deadline = this.options.machine.deadline(this.current)
    if (this.isClosed || (deadline >= this.armed && !this.isPostponed(deadline))) return
    this.armed = deadline
    this.timer?.arm(this.delayUntil(deadline))
  }

  /**
   * Whether a later deadline is worth a new timer. If not, the timer fires too early once, and the deadline is read again. An
   * embedder's schedule is asked once for each deadline that comes.
   */
  private isPostponed(deadline: Millis): boolean {
    return this.options.wake === undefined && deadline < Infinity && deadline - this.armed >= POSTPONED
  }

  /** At least 1 ms ahead: a machine whose deadline stays in the past must not keep the process busy. */
  private delayUntil(deadline: Millis): Millis {
    return Math.max(1, deadline - this.now())
  }

  /** The deadline, and the delay until it. */
  next(): readonly [deadline: Millis, delay: Millis] {
    const deadline = this.options.machine.deadline(this.current)
    return [deadline, this.delayUntil(deadline)]
  }

  /** The timer is due. */
  due(): void {
    this.armed = Infinity
    const { machine, tick, wake } = this.options
    // Postponed since the timer was armed: the machine has nothing to do yet.
    if (wake === undefined && machine.deadline(this.current) > this.now()) this.arm()
    else if (tick !== undefined) this.offer(tick)
  }

  close(): void {
    this.isClosed = true
  }
}

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
