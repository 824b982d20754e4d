/**
 * Decides when to type Ctrl-D after piped input has ended.
 *
 * At a terminal, Ctrl-D reaches one reader, once, and only while it reads. But every reader of a closed pipe finds its
 * end. So Ctrl-D is typed when all input has been acknowledged and the screen has not changed for a while, and again at
 * increasing intervals while the session lives. A shell that has executed all its input then exits; programs that still
 * run keep running.
 */
import type { Machine, Millis } from "../Machine.ts"

export interface InputEnd {
  /** Whether the input has ended. */
  readonly ended: boolean
  /** Whether the server has acknowledged all input. */
  readonly delivered: boolean
  /** When the screen or the acknowledgement last changed. */
  readonly changedAt: Millis
  /** How long nothing may change before Ctrl-D is typed, ms. */
  readonly quiet: Millis
}

export type Input =
  /** The input has ended. */
  | { readonly _tag: "Ended" }
  /** The screen changed. */
  | { readonly _tag: "ScreenChanged" }
  /** Whether the server has acknowledged all input. */
  | { readonly _tag: "Delivered"; readonly all: boolean }
  | { readonly _tag: "Tick" }

/** Type Ctrl-D. */
export type Output = { readonly _tag: "TypeEnd" }

/** The bytes to type: Ctrl-D. */
export const END = Uint8Array.of(0x04)

const MIN_QUIET: Millis = 500
const MAX_QUIET: Millis = 60_000

export const initial: InputEnd = { ended: false, delivered: false, changedAt: -Infinity, quiet: MIN_QUIET }

const deadline = (state: InputEnd): Millis =>
  state.ended && state.delivered ? state.changedAt + state.quiet : Infinity

const step = (state: InputEnd, input: Input, now: Millis): readonly [InputEnd, ReadonlyArray<Output>] => {
  switch (input._tag) {
    case "Ended":
      return [{ ...state, ended: true, changedAt: now }, []]
    case "ScreenChanged":
      return [{ ...state, changedAt: now }, []]
    case "Delivered":
      if (input.all === state.delivered) return [state, []]
      return [{ ...state, delivered: input.all, changedAt: now }, []]
    case "Tick":
      if (now < deadline(state)) return [state, []]
      return [{ ...state, changedAt: now, quiet: Math.min(state.quiet * 2, MAX_QUIET) }, [{ _tag: "TypeEnd" }]]
  }
}

export const machine: Machine<InputEnd, Input, Output> = { step, deadline }
