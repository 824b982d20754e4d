/**
 * A protocol machine: a function from inputs to outputs and a new state, with a deadline at which it must be woken.
 *
 * Every protocol decision of effect-mosh is such a machine. It has no clock, no randomness and no IO: time is the argument
 * `now`, and effects on the world are outputs, which are data. `services/runtime/Actor` runs machines.
 *
 * Both functions are total: they never throw, whatever the input.
 */
export interface Machine<State, Input, Output> {
  /** Processes one input. `now` is monotonic and never decreases between calls. */
  readonly step: (state: State, input: Input, now: Millis) => readonly [State, ReadonlyArray<Output>]
  /**
   * When the machine must receive a `Tick`; `Infinity` if nothing is due. A time in the past means now. `-Infinity` means
   * as soon as the outputs of this step, and the inputs that the program offered in response, are processed.
   */
  readonly deadline: (state: State) => Millis
}

/** A time of `monotonicMillis`, or a duration, in milliseconds. Only differences of times are meaningful. */
export type Millis = number
