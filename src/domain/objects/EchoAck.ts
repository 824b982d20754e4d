/**
 * Decides when the server acknowledges that typed keys have taken effect.
 *
 * A client predicts the effect of its keys, and must learn from which screen on the effect is real. The server cannot
 * observe that in general, so it assumes that input has taken effect `DELAY` after it was written to the program (spec 7.3).
 *
 * Where a screen shows all outstanding keys as they were typed, a datagram of its own for the acknowledgement, and one that
 * acknowledges that, would double what a key costs. So after a pause, the acknowledgement travels with this screen. While a user
 * types, it travels with the next one, `ECHOED_DELAY` after its key at the latest: a client learns more from an echo that it sees
 * before it is acknowledged, and shows more of what is typed next. Where datagrams are lost it comes after `DELAY` all the same,
 * because its datagram repeats what the screen's contained. So it does towards a stock client.
 */
import type { Machine, Millis } from "../Machine.ts"
import { Features } from "../ssp/SyncObject.ts"
import type { Cursor, Frame } from "../terminal/Frame.ts"
import type { StateNumber } from "../wire/Numbers.ts"
import * as ExpectedEcho from "./ExpectedEcho.ts"

/** The time that a program gets to show the effect of its input, ms. */
export const DELAY = 50
/** The latest time to acknowledge input that the screen shows as it was typed, ms after it was written to the program. */
export const ECHOED_DELAY = 250

export interface State {
  /** The number of the newest client state whose effect should be visible; 0 at first. Never decreases. */
  readonly acknowledged: StateNumber
  /** Client states whose input was delivered and is not acknowledged, oldest first; at most one for each millisecond. */
  readonly delivered: ReadonlyArray<{ readonly number: StateNumber; readonly at: Millis }>
  /** What a screen adds to an earlier one if it shows all of `delivered` as it was typed; `undefined` if that cannot be known. */
  readonly expected: ExpectedEcho.ExpectedEcho | undefined
  /** The newest client state whose input need not be acknowledged soon, because the screen has shown it; 0 at first. */
  readonly echoed: StateNumber
  /** When the newest input was delivered, and how long after the input before it. */
  readonly newest: { readonly at: Millis; readonly pause: Millis }
}

export type Input =
  /** All input up to this client state was written to the program. Numbers increase. */
  | {
      readonly _tag: "Delivered"
      readonly number: StateNumber
      /** What was typed since the client state before; empty if anything else happened, too. */
      readonly typed: Uint8Array
      /** The cursor of the newest screen. */
      readonly cursor: Cursor
    }
  /** A screen that has changed is about to be sent, with `acknowledged`. */
  | {
      readonly _tag: "Screen"
      readonly frame: Frame
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
  expected: undefined,
  echoed: 0n,
  newest: { at: -Infinity, pause: Infinity }
}

const step = (state: State, input: Input, now: Millis): readonly [State, ReadonlyArray<Output>] => {
  if (input._tag === "Screen" && (input.peer === Features.stock || input.isLossy)) return [state, []]
  const due = input._tag === "Screen" || now >= deadline(state) ? acknowledge(state, now) : state
  switch (input._tag) {
    case "Delivered":
      return [deliver(due, input, now), news(state, due)]
    case "Screen":
      return [show(due, input.frame), []]
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

const show = (state: State, frame: Frame): State => {
  const { delivered, expected, newest } = state
  const last = delivered.at(-1)
  if (last === undefined || expected === undefined || !ExpectedEcho.isShown(expected, frame)) return state
  return newest.pause > ECHOED_DELAY
    ? { ...state, acknowledged: last.number, delivered: [] }
    : { ...state, echoed: last.number }
}

/** In whole milliseconds, so that a flood of client states adds one entry per millisecond. */
const deliver = (
  state: State,
  { cursor, number, typed }: Extract<Input, { _tag: "Delivered" }>,
  now: Millis
): State => {
  const at = Math.ceil(now)
  const { delivered, expected } = state
  const earlier = delivered.at(-1)?.at === at ? delivered.slice(0, -1) : delivered
  return {
    ...state,
    delivered: [...earlier, { number, at }],
    newest: { at, pause: at - state.newest.at },
    expected:
      delivered.length === 0 ? ExpectedEcho.at(cursor, typed) : expected && ExpectedEcho.followedBy(expected, typed)
  }
}

const deadline = ({ delivered, echoed }: State): Millis => {
  const [oldest] = delivered
  if (oldest === undefined) return Infinity
  if (oldest.number > echoed) return oldest.at + DELAY
  const next = delivered.find(({ number }) => number > echoed)
  return Math.min(oldest.at + ECHOED_DELAY, next === undefined ? Infinity : next.at + DELAY)
}

export const machine: Machine<State, Input, Output> = { step, deadline }
