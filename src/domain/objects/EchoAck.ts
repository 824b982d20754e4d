/**
 * Decides when the server acknowledges that typed keys have taken effect.
 *
 * A client predicts the effect of its keys, and must learn from which screen on the effect is real. The server cannot
 * observe that, so it assumes that input has taken effect `DELAY` after it was written to the program (spec 7.3).
 *
 * Where the screen already shows the keys as they were typed, the acknowledgement has no news for a client of ours, and a datagram
 * of its own for it would be every other one while a user types. So it waits for the next screen, up to `ECHOED_DELAY`, if the keys
 * follow each other so closely that a screen is likely to come. After a single key it does not wait: the client acknowledges it and
 * the screen before it in one datagram, which it would not do later. Nor does it wait where datagrams are lost: the
 * acknowledgements show how many, and sooner. Towards a stock client, nothing waits.
 */
import type { Machine, Millis } from "../Machine.ts"
import { Features } from "../ssp/SyncObject.ts"
import type { StateNumber } from "../wire/Numbers.ts"

/** The time that a program gets to show the effect of its input, ms. */
export const DELAY = 50
/** The latest time to acknowledge input that the screen shows as it was typed, ms after it was written to the program. */
export const ECHOED_DELAY = 250

export interface State {
  /** The number of the newest client state whose effect should be visible; 0 at first. Never decreases. */
  readonly acknowledged: StateNumber
  /** Client states whose input was delivered and is not acknowledged, oldest first; at most one for each millisecond. */
  readonly delivered: ReadonlyArray<{ readonly number: StateNumber; readonly at: Millis }>
  /** The newest client state whose input need not be acknowledged soon, because the screen has shown it; 0 at first. */
  readonly echoed: StateNumber
  /** When the newest input was delivered, and how long after the input before it. */
  readonly newest: { readonly at: Millis; readonly pause: Millis }
}

export type Input =
  /** All input up to this client state was written to the program. Numbers increase. */
  | { readonly _tag: "Delivered"; readonly number: StateNumber }
  /** A screen that has changed is about to be sent, with `acknowledged`. */
  | {
      readonly _tag: "Screen"
      /** Whether it shows the newest input as it was typed. */
      readonly isEchoed: boolean
      /** What the client supports. */
      readonly peer: Features
      /** Whether the path is known to lose datagrams. */
      readonly isLossy: boolean
    }
  | { readonly _tag: "Tick" }

/** The new `acknowledged`, to be sent to the client. */
export type Output = StateNumber

export const initial: State = {
  acknowledged: 0n,
  delivered: [],
  echoed: 0n,
  newest: { at: -Infinity, pause: Infinity }
}

const step = (state: State, input: Input, now: Millis): readonly [State, ReadonlyArray<Output>] => {
  if (input._tag === "Screen" && (input.peer === Features.stock || input.isLossy)) return [state, []]
  const due = input._tag === "Screen" || now >= deadline(state) ? acknowledge(state, now) : state
  switch (input._tag) {
    case "Delivered":
      return [deliver(due, input.number, now), news(state, due)]
    case "Screen": {
      const last = due.delivered.at(-1)
      const waits = input.isEchoed && due.newest.pause <= ECHOED_DELAY
      return [waits && last !== undefined ? { ...due, echoed: last.number } : due, []]
    }
    case "Tick":
      return [due, news(state, due)]
  }
}

const news = (before: State, { acknowledged }: State): ReadonlyArray<Output> =>
  acknowledged === before.acknowledged ? [] : [acknowledged]

const acknowledge = (state: State, now: Millis): State => {
  let { acknowledged } = state
  let seen = 0
  for (const entry of state.delivered) {
    if (entry.at + DELAY > now) break
    acknowledged = entry.number
    seen += 1
  }
  return seen === 0 ? state : { ...state, acknowledged, delivered: state.delivered.slice(seen) }
}

/** In whole milliseconds, so that a flood of client states adds one entry per millisecond. */
const deliver = (state: State, number: StateNumber, now: Millis): State => {
  const at = Math.ceil(now)
  const { delivered } = state
  const earlier = delivered.at(-1)?.at === at ? delivered.slice(0, -1) : delivered
  return { ...state, delivered: [...earlier, { number, at }], newest: { at, pause: at - state.newest.at } }
}

const deadline = ({ delivered, echoed }: State): Millis => {
  const [oldest] = delivered
  if (oldest === undefined) return Infinity
  if (oldest.number > echoed) return oldest.at + DELAY
  const next = delivered.find(({ number }) => number > echoed)
  return Math.min(oldest.at + ECHOED_DELAY, next === undefined ? Infinity : next.at + DELAY)
}

export const machine: Machine<State, Input, Output> = { step, deadline }
