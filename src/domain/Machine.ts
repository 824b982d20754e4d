/**
 * A protocol machine: a value that answers inputs, and says when it next wants to be woken.
 *
 * Every protocol decision of effect-mosh is such a machine. It has no clock, no randomness and no IO: time comes in as
 * `now`, and whatever should happen in the world goes out as data. `services/runtime/Actor` gives a machine a life.
 *
 * Both functions are total: they never throw, whatever the input.
 */
export interface Machine<State, Input, Output> {
  /** Answers one input. `now` is monotonic and never decreases between calls. */
  readonly step: (state: State, input: Input, now: Millis) => readonly [State, ReadonlyArray<Output>]
  /**
   * The time at which the machine wants a `Tick`; `Infinity` when nothing is due. May lie in the past: then it is due now.
   * `-Infinity`: as soon as the outputs of this step are performed, with what the program offered in answer to them.
   */
  readonly deadline: (state: State) => Millis
}

/** A time of `monotonicMillis`, or a duration, in milliseconds. Only differences of times are meaningful. */
export type Millis = number
