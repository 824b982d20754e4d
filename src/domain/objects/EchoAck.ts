/**
 * Decides when the server acknowledges that typed keys have taken effect.
 *
 * A client predicts the effect of its keys, and must learn from which screen on the effect is real. The server cannot
 * observe that, so it assumes that input has taken effect `DELAY` after it was written to the program (spec 7.3).
 */
import type { Machine, Millis } from "../Machine.ts"
import type { StateNumber } from "../wire/Numbers.ts"

/** The time that a program gets to show the effect of its input, ms. */
export const DELAY = 50

export interface State {
  /** The number of the newest client state whose effect should be visible; 0 at first. Never decreases. */
  readonly acknowledged: StateNumber
  /** Client states whose input was delivered less than `DELAY` ago, oldest first; at most one for each millisecond. */
  readonly delivered: ReadonlyArray<{ readonly number: StateNumber; readonly at: Millis }>
}

export type Input =
  /** All input up to this client state was written to the program. Numbers increase. */
  { readonly _tag: "Delivered"; readonly number: StateNumber } | { readonly _tag: "Tick" }

/** The new `acknowledged`, to be sent to the client. */
export type Output = StateNumber

export const initial: State = { acknowledged: 0n, delivered: [] }

const step = (state: State, input: Input, now: Millis): readonly [State, ReadonlyArray<Output>] => {
  let { acknowledged } = state
  let seen = 0
  for (const entry of state.delivered) {
    if (entry.at + DELAY > now) break
    acknowledged = entry.number
    seen += 1
  }
  let delivered = seen === 0 ? state.delivered : state.delivered.slice(seen)
  if (input._tag === "Delivered") {
    // In whole milliseconds, so that a flood of client states adds one entry per millisecond.
    const at = Math.ceil(now)
    const last = delivered.at(-1)
    const earlier = last !== undefined && last.at === at ? delivered.slice(0, -1) : delivered
    delivered = [...earlier, { number: input.number, at }]
  }
  return [{ acknowledged, delivered }, acknowledged === state.acknowledged ? [] : [acknowledged]]
}

const deadline = (state: State): Millis => {
  const next = state.delivered[0]
  return next === undefined ? Infinity : next.at + DELAY
}

export const machine: Machine<State, Input, Output> = { step, deadline }
