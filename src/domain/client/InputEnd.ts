/**
 * What the end of piped input means: the same as at a terminal, where everyone who reads it finds its end.
 *
 * A terminal cannot be closed from its keyboard; Ctrl-D tells one reader, once, and only when it reads. So Ctrl-D is
 * typed when everything before it has arrived and the screen is still, and again, ever more rarely, while the session
 * lives on. A shell that has run all it was given leaves then; what still runs is left to run.
 */
import type { Machine, Millis } from "../Machine.ts"

export interface InputEnd {
  /** Whether the input has ended. */
  readonly ended: boolean
  /** Whether everything typed has arrived. */
  readonly delivered: boolean
  /** When anything was last seen to happen. */
  readonly stirred: Millis
  /** How long it must be still now. */
  readonly patience: Millis
}

export type Input =
  /** The input has ended. */
  | { readonly _tag: "Ended" }
  /** The screen changed. */
  | { readonly _tag: "Stirred" }
  /** The server has, or has not, all that was typed. */
  | { readonly _tag: "Delivered"; readonly all: boolean }
  | { readonly _tag: "Tick" }

/** Ctrl-D should be typed. */
export type Output = { readonly _tag: "TypeEnd" }

/** What is typed. */
export const END = Uint8Array.of(0x04)

const FIRST_PATIENCE: Millis = 500
const LAST_PATIENCE: Millis = 60_000

export const initial: InputEnd = { ended: false, delivered: false, stirred: -Infinity, patience: FIRST_PATIENCE }

const deadline = (state: InputEnd): Millis =>
  state.ended && state.delivered ? state.stirred + state.patience : Infinity

const step = (state: InputEnd, input: Input, now: Millis): readonly [InputEnd, ReadonlyArray<Output>] => {
  switch (input._tag) {
    case "Ended":
      return [{ ...state, ended: true, stirred: now }, []]
    case "Stirred":
      return [{ ...state, stirred: now }, []]
    case "Delivered":
      if (input.all === state.delivered) return [state, []]
      return [{ ...state, delivered: input.all, stirred: now }, []]
    case "Tick":
      if (now < deadline(state)) return [state, []]
      return [{ ...state, stirred: now, patience: Math.min(state.patience * 2, LAST_PATIENCE) }, [{ _tag: "TypeEnd" }]]
  }
}

export const machine: Machine<InputEnd, Input, Output> = { step, deadline }
