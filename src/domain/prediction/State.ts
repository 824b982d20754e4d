/**
 * What prediction knows: the chain of keys that the server has not shown yet, whom it trusts, and what it has learned.
 */
import type { Millis } from "../Machine.ts"
import type * as Frame from "../terminal/Frame.ts"
import * as Beliefs from "./Beliefs.ts"
import * as Caret from "./Caret.ts"
import * as Display from "./Display.ts"
import type { DisplayPreference } from "./DisplayPreference.ts"
import type { Draft } from "./Draft.ts"
import type * as Key from "./Key.ts"
import * as Step from "./Step.ts"

export interface Prediction {
  readonly display: Display.Display
  /** What a person should see, and what it was drawn of. */
  readonly picture: Frame.Frame
  readonly drawn: Drawn | undefined
  /** The server's newest frame. */
  readonly frame: Frame.Frame
  /** The newest local state whose effect should be in `frame`. */
  readonly echoed: bigint
  /** The keys that the server has not shown, oldest first. */
  readonly keys: ReadonlyArray<TypedKey>
  /** `steps[0]` is where the first of `keys` acts; `steps[n]` the picture after the n-th. */
  readonly steps: ReadonlyArray<Step.Step>
  readonly trust: Trust
  /** How many of the oldest keys the chain's start may show already: it began anew while they were on their way. */
  readonly unsure: number
  /** Whether text replaces what it is typed over, whatever is learned. */
  readonly overwrite: boolean
  readonly beliefs: Beliefs.Beliefs
  /** Since when the cursor has been elsewhere though the line still stands; `undefined` when it is where it should be. */
  readonly displacedSince: Millis | undefined
  /** Whether the newest frame shows no step at all. */
  readonly astray: boolean
  /** Since when an acknowledged key has had no effect; `undefined` when there is none such. */
  readonly lateSince: Millis | undefined
  /** How much later than acknowledged the program was seen to answer. */
  readonly lag: Millis
  readonly unfinished: Key.Unfinished | undefined
  /** When the machine was last stepped. */
  readonly now: Millis
  readonly counters: Counters
}

export interface Drawn {
  readonly frame: Frame.Frame
  readonly draft: Draft
  readonly underlined: boolean
}

/**
 * What is known of the epoch in which the chain starts: what keys have been seen to do in it.
 *
 * Later epochs of the chain are not known at all.
 */
export interface Trust {
  /** A character appeared where it was predicted: the epoch is confirmed. */
  readonly echo: boolean
  /** A command did what was predicted. In an editor that takes letters as commands this is all there is. */
  readonly motion: boolean
  /** Enter was pressed, and nothing was echoed since: what is typed may be a secret. */
  readonly secret: boolean
  /** A key was not echoed, and none has been since. */
  readonly silent: boolean
}

export interface TypedKey {
  readonly key: Key.Key
  /** The number of the local state that carries it. */
  readonly number: bigint
  readonly at: Millis
  /** Whether a person has seen its prediction. */
  readonly shown: boolean
}

/** Since the session's start. */
export interface Counters {
  /** Keys whose effect a person saw before the server showed it. */
  readonly shown: number
  /** Those of them to which the server then did something else. */
  readonly wrong: number
}

export interface Options {
  readonly preference: DisplayPreference
  /** Whether text is taken to replace what it is typed over; else that is learned (`MOSH_PREDICTION_OVERWRITE`). */
  readonly overwrite: boolean
}

export const initial = ({ preference, overwrite }: Options, frame: Frame.Frame): Prediction => ({
  display: Display.initial(preference),
  picture: frame,
  drawn: undefined,
  frame,
  echoed: 0n,
  keys: [],
  steps: [Step.base(frame, Caret.of(frame, 0), Step.BLANK)],
  trust: { echo: false, motion: false, secret: true, silent: false },
  unsure: 0,
  overwrite,
  beliefs: Beliefs.initial(overwrite),
  displacedSince: undefined,
  astray: false,
  lateSince: undefined,
  lag: 0,
  unfinished: undefined,
  now: -Infinity,
  counters: { shown: 0, wrong: 0 }
})

/** How many of the oldest keys the program is known to have had for a while. */
export const acknowledged = ({ echoed, keys }: Prediction): number => {
  let count = 0
  while (count < keys.length && (keys[count] as TypedKey).number <= echoed) count++
  return count
}
