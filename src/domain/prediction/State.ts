/**
 * The state of prediction: the timeline of unconfirmed keys, how far it is trusted, and what was learned of the program.
 */
import type { Millis } from "../Machine.ts"
import type { Frame } from "../terminal/Frame.ts"
import type { Row } from "../terminal/Row.ts"
import type { EchoReport } from "../wire/EchoReport.ts"
import * as Caret from "./Caret.ts"
import * as DisplayPolicy from "./trust/DisplayPolicy.ts"
import type { DisplayPreference } from "./trust/DisplayPreference.ts"
import type * as Key from "./Key.ts"
import * as Picture from "./Picture.ts"
import * as KnownPrompts from "./trust/KnownPrompts.ts"
import type { PredictedScreen } from "./PredictedScreen.ts"
import * as ProgramModel from "./program/ProgramModel.ts"
import * as Timeline from "./Timeline.ts"

export interface Prediction {
  readonly display: DisplayPolicy.DisplayPolicy
  /** What the user should see, and what it was drawn from. */
  readonly picture: Frame
  readonly drawn: Drawn | undefined
  /** The server's newest frame. */
  readonly frame: Frame
  /** The newest local state whose effect should be in `frame`. */
  readonly echoed: bigint
  /** Who echoes input, as the server reported it with `frame`; `undefined` if it does not. */
  readonly report: EchoReport | undefined
  /** The newest local state of which a key has left the timeline: the server has shown, or refuted, its effect. */
  readonly judged: bigint
  /** Keys of local states up to this one were typed before the client knew that a secret was over: never shown. */
  readonly secretUpTo: bigint
  /** Whether the user typed no Enter since the newest report of a secret: what is typed next may still be that. */
  readonly inSecret: boolean
  /** The newest local state with a key that was typed before the server had shown the effect of an Enter. */
  readonly aheadUpTo: bigint
  /** The row in which the newest Enter was typed, if it was the shell's prompt: a blank row below it may be that of a program which starts. */
  readonly enteredLine: Row | undefined
  /** Whether the line that echoes began in such a blank row. */
  readonly isOnBlank: boolean
  readonly prompts: KnownPrompts.KnownPrompts
  /** The known prompt of the line that was edited last. */
  readonly lastPrompt: KnownPrompts.LastPrompt | undefined
  readonly timeline: Timeline.Timeline
  readonly trust: Trust
  /** How many of the oldest keys the timeline's start may show already, because it began while they were on their way. */
  readonly unconfirmedKeys: number
  /** The option: text always replaces what it is typed over. */
  readonly overwrite: boolean
  readonly program: ProgramModel.ProgramModel
  /** Since when the cursor has been away from the line, which is as expected; `undefined` while it is in its place. */
  readonly cursorAwaySince: Millis | undefined
  /** Whether the newest frame shows no picture of the timeline. */
  readonly desynced: boolean
  /** Since when an acknowledged key has had no effect; `undefined` if there is none. */
  readonly overdueSince: Millis | undefined
  /** Longest observed delay between an echo acknowledgement and the visible effect. */
  readonly answerDelay: Millis
  readonly unfinished: Key.Unfinished | undefined
  /** When the machine was last stepped. */
  readonly now: Millis
  readonly counters: Counters
}

/** What `picture` was drawn from. */
export interface Drawn {
  readonly frame: Frame
  readonly screen: PredictedScreen
  readonly underlined: boolean
}

/** What keys have been seen to do in the epoch of the timeline's start. Nothing is known of later epochs. */
export interface Trust {
  /** A character appeared where it was predicted: the epoch is confirmed. */
  readonly echo: boolean
  /** `echo` is only reported by the server: no character has appeared yet. */
  readonly reported: boolean
  /** A command did what was predicted. In an editor that takes letters as commands this is all that can be known. */
  readonly motion: boolean
  /** Enter was pressed and nothing was echoed since: the user may be typing a password. */
  readonly maybePassword: boolean
  /** A key was not echoed, and none has been since. */
  readonly unechoed: boolean
}

/** Since the session's start. */
export interface Counters {
  /** Keys whose effect the user saw before the server showed it. */
  readonly shown: number
  /** Those of them that did something else at the server. */
  readonly wrong: number
}

/** Nothing is known of the epoch, except whether keys were echoed before. */
export const UNTRUSTED = { echo: false, reported: false, motion: false, maybePassword: true } as const

export interface Options {
  readonly preference: DisplayPreference
  /** Whether text always replaces what it is typed over (`MOSH_PREDICTION_OVERWRITE`); otherwise that is learned. */
  readonly overwrite: boolean
}

export const initial = ({ preference, overwrite }: Options, frame: Frame): Prediction => ({
  display: DisplayPolicy.initial(preference),
  picture: frame,
  drawn: undefined,
  frame,
  echoed: 0n,
  report: undefined,
  judged: 0n,
  secretUpTo: 0n,
  inSecret: false,
  aheadUpTo: 0n,
  enteredLine: undefined,
  isOnBlank: false,
  prompts: KnownPrompts.NONE,
  lastPrompt: undefined,
  timeline: Timeline.empty(Picture.ofFrame(frame, Caret.of(frame, 0), Picture.UNKNOWN_BOUNDS)),
  trust: { ...UNTRUSTED, unechoed: false },
  unconfirmedKeys: 0,
  overwrite,
  program: ProgramModel.unknown(overwrite),
  cursorAwaySince: undefined,
  desynced: false,
  overdueSince: undefined,
  answerDelay: 0,
  unfinished: undefined,
  now: -Infinity,
  counters: { shown: 0, wrong: 0 }
})
