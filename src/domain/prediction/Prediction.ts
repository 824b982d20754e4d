/**
 * Predicted echo: a machine that shows the effect of typing before the server does.
 *
 * It keeps a timeline of the keys whose effect the server has not shown yet, each with the picture after it, which starts
 * at the server's newest frame. When a frame arrives, it is looked up in the timeline: the picture that it shows tells how
 * many keys have arrived, and the other keys are applied to the new frame. So predictions move with their line, and the
 * rest of the screen may change as it likes.
 *
 * Trust decides what the user sees. Keys belong to an *epoch*, and an epoch is *confirmed* when a character typed in it
 * appears where it was predicted. Whatever may change what keys do (Enter, escape, a command of unknown effect, a wrong
 * prediction) begins another epoch, whose predictions stay hidden until it is confirmed. That keeps passwords off the
 * screen, and letters that a program takes as commands. Where a server reports who echoes input, that confirms an epoch too,
 * or forbids to show it (`EchoTrust`).
 *
 * Laws:
 * - The server's frames are never changed.
 * - Nothing of an unconfirmed epoch is shown, except in the mode `experimental`, until a key is not echoed.
 * - While the server reports that input is not echoed, nothing is shown in any mode, and no key that was outstanding or typed
 *   meanwhile is ever shown before the server shows it.
 * - A wrong prediction is removed with the frame that acknowledges its key; if the program was seen to answer later than
 *   the acknowledgement, up to 0.4 s later.
 * - When every key is acknowledged and answered, the picture is the server's frame.
 *
 * Source: spec 11 for stock mosh's modes, epochs, triggers and underlines. The timeline is ours.
 */
import type { Machine, Millis } from "../Machine.ts"
import type { Frame } from "../terminal/Frame.ts"
import type { EchoReport } from "../wire/EchoReport.ts"
import * as DisplayPolicy from "./trust/DisplayPolicy.ts"
import * as EchoTrust from "./trust/EchoTrust.ts"
import * as Epoch from "./trust/Epoch.ts"
import * as Key from "./Key.ts"
import * as Overlay from "./Overlay.ts"
import * as Reconciliation from "./Reconciliation.ts"
import type { Drawn, Prediction } from "./State.ts"
import * as Timeline from "./Timeline.ts"
import { HITCH, LONG_HITCH, MAX_OVERDUE } from "./Tuning.ts"
import * as Typing from "./Typing.ts"

export type { Counters, Options, Prediction } from "./State.ts"
export { initial } from "./State.ts"

/** What happened. */
export type Input =
  /** The user typed bytes, as one read; the next local state, number `sent` + 1, will carry them. */
  | { readonly _tag: "Typed"; readonly bytes: Uint8Array; readonly sent: bigint }
  /** The server's newest frame, and the newest local state whose effect should be in it. */
  | {
      readonly _tag: "Received"
      readonly frame: Frame
      readonly echoed: bigint
      /** Who echoes input, as the server reports it with the frame. */
      readonly report?: EchoReport | undefined
    }
  /** The smoothed round trip, ms. */
  | { readonly _tag: "RoundTrip"; readonly srtt: Millis }
  /** The size changes: the effect of what was typed is unknown until local state number `sent` + 1 is acknowledged. */
  | { readonly _tag: "Reset"; readonly sent: bigint }
  | { readonly _tag: "Tick" }

/** `picture` changed. */
export type Output = { readonly _tag: "Redraw" }

const REDRAW: ReadonlyArray<Output> = [{ _tag: "Redraw" }]
const NOTHING: ReadonlyArray<Output> = []

const step = (before: Prediction, input: Input, now: Millis): readonly [Prediction, ReadonlyArray<Output>] => {
  const taken = before.display.preference === "never" ? follow(before, input) : take(before, input, now)
  if (taken === before) return [before, NOTHING]
  const after = draw({ ...EchoTrust.judge(before, taken), now })
  return [after, after.picture === before.picture ? NOTHING : REDRAW]
}

/** Predicts nothing. */
const follow = (state: Prediction, input: Input): Prediction =>
  input._tag === "Received" ? { ...state, frame: input.frame } : state

const take = (state: Prediction, input: Input, now: Millis): Prediction => {
  switch (input._tag) {
    case "Typed":
      return Typing.type(state, input.bytes, input.sent, now)
    case "Received":
      return Reconciliation.receive({ ...state, report: input.report }, input.frame, input.echoed, now)
    case "RoundTrip": {
      const isOutstanding = state.timeline.entries.length > 0
      const display = DisplayPolicy.measured(state.display, input.srtt, isOutstanding)
      return display === state.display ? state : { ...state, display }
    }
    case "Reset":
      return Epoch.beginUnknown(state, input.sent + 1n, now)
    case "Tick":
      return tick(state, now)
  }
}

const tick = (before: Prediction, now: Millis): Prediction => {
  const [oldest] = before.timeline.entries
  const display = oldest === undefined ? before.display : DisplayPolicy.waited(before.display, now - oldest.typedAt)
  const state = { ...before, display }
  const { overdueSince } = state
  return overdueSince !== undefined && now >= overdueSince + MAX_OVERDUE ? Reconciliation.giveUp(state, now) : state
}

const deadline = ({ answerDelay, display, now, overdueSince, timeline }: Prediction): Millis => {
  const [oldest] = timeline.entries
  if (oldest === undefined || display.preference === "never") return Infinity
  const overdue = overdueSince === undefined ? [] : [overdueSince + answerDelay, overdueSince + MAX_OVERDUE]
  const times = [oldest.typedAt + HITCH, oldest.typedAt + LONG_HITCH, ...overdue]
  return Math.min(...times.filter((at) => at > now))
}

export const machine: Machine<Prediction, Input, Output> = { step, deadline }

/** The state with the picture that the user should see. */
const draw = (state: Prediction): Prediction => {
  const count = visible(state)
  const screen = count === 0 ? undefined : Timeline.pictureAfter(state.timeline, count).screen
  if (screen === undefined)
    return state.picture === state.frame ? state : { ...state, picture: state.frame, drawn: undefined }
  const drawn: Drawn = { frame: state.frame, screen, underlined: DisplayPolicy.isUnderlined(state.display) }
  const shown = markShown(state, count)
  return isSame(state.drawn, drawn)
    ? shown
    : { ...shown, drawn, picture: Overlay.draw(state.frame, screen, drawn.underlined) }
}

const isSame = (a: Drawn | undefined, b: Drawn): boolean =>
  a !== undefined && a.frame === b.frame && a.screen === b.screen && a.underlined === b.underlined

/** The effect of how many keys the user should see. */
const visible = (state: Prediction): number => {
  const { answerDelay, desynced, display, now, overdueSince, report, secretUpTo, timeline, trust, unconfirmedKeys } =
    state
  if (report?.echo === "Secret" || desynced || unconfirmedKeys > 0 || !DisplayPolicy.isShown(display)) return 0
  if (overdueSince !== undefined && now >= overdueSince + answerDelay) return 0
  const showsUnconfirmed = display.preference === "experimental" && !trust.unechoed
  const hidden = timeline.entries.findIndex(({ key, picture, stateNumber }) => {
    if (stateNumber <= secretUpTo) return true
    const isMotion = key._tag === "Command" && !Key.isEnter(key)
    const isTrusted = picture.epoch === 0 && (trust.echo || (trust.motion && isMotion))
    return picture.screen === undefined || !(isTrusted || showsUnconfirmed)
  })
  return hidden < 0 ? timeline.entries.length : hidden
}

/** Counts the oldest keys as shown. */
const markShown = (state: Prediction, count: number): Prediction => {
  const { counters, timeline } = state
  const news = timeline.entries.slice(0, count).filter(({ shown }) => !shown).length
  if (news === 0) return state
  const entries = timeline.entries.map((entry, i) => (i < count && !entry.shown ? { ...entry, shown: true } : entry))
  return { ...state, timeline: { ...timeline, entries }, counters: { ...counters, shown: counters.shown + news } }
}
