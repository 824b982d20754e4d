/**
 * Predicted echo: a machine that shows what typing will look like before the server says so.
 *
 * It keeps the keys whose effect the server has not shown yet, and the picture after each of them: a chain of steps that
 * begins at the server's newest frame. When a frame comes, it is looked up in the chain: the step that it shows tells how
 * many keys have arrived, and the rest is applied to the new frame. So predictions move with the line they belong to, and
 * the rest of the screen may change as it likes.
 *
 * What a person sees of it is decided by trust. Keys belong to an *epoch*, and an epoch is *confirmed* when a character
 * typed in it was seen to appear where it was predicted. Whatever may change what keys do (Enter, escape, a command of
 * unknown effect, a wrong guess) begins another epoch, whose predictions stay hidden until it is confirmed. That is what
 * keeps passwords off the screen, and the letters of programs that take letters as commands.
 *
 * Laws: the server's frame is never changed; nothing of an unconfirmed epoch is shown (but in the mode `experimental`,
 * where nothing is shown after a key that was not echoed); a wrong guess is gone with the frame that acknowledges its
 * key, or, where the program was seen to answer later than that, so much later, at most 0.4 s; when everything typed is
 * acknowledged, the picture is the server's frame.
 *
 * Source: spec 11 for what stock mosh does: its modes, epochs, triggers and underlines. The chain is ours.
 */
import type { Machine, Millis } from "../Machine.ts"
import type { Frame } from "../terminal/Frame.ts"
import * as Chain from "./Chain.ts"
import * as Display from "./Display.ts"
import * as Key from "./Key.ts"
import * as Overlay from "./Overlay.ts"
import * as Reception from "./Reception.ts"
import type { Drawn, Prediction, TypedKey } from "./State.ts"
import type { Step } from "./Step.ts"

export type { Counters, Options, Prediction } from "./State.ts"
export { initial } from "./State.ts"

/** What a prediction is told. */
export type Input =
  /** Bytes were typed, as one read; the next local state, number `sent` + 1, will carry them. */
  | { readonly _tag: "Typed"; readonly bytes: Uint8Array; readonly sent: bigint }
  /** The server's newest frame, and the newest local state whose effect should be in it. */
  | { readonly _tag: "Received"; readonly frame: Frame; readonly echoed: bigint }
  /** The smoothed round trip, ms. */
  | { readonly _tag: "RoundTrip"; readonly srtt: Millis }
  /** The size changes: nothing is known of what was typed, as far as local state number `sent` + 1. */
  | { readonly _tag: "Reset"; readonly sent: bigint }
  | { readonly _tag: "Tick" }

/** `picture` changed. */
export type Output = { readonly _tag: "Redraw" }

const REDRAW: ReadonlyArray<Output> = [{ _tag: "Redraw" }]

const step = (before: Prediction, input: Input, now: Millis): readonly [Prediction, ReadonlyArray<Output>] => {
  const taken = before.display.preference === "never" ? watch(before, input) : take(before, input, now)
  const after = present({ ...taken, now })
  return [after, after.picture === before.picture ? [] : REDRAW]
}

const watch = (state: Prediction, input: Input): Prediction =>
  input._tag === "Received" ? { ...state, frame: input.frame } : state

const take = (state: Prediction, input: Input, now: Millis): Prediction => {
  switch (input._tag) {
    case "Typed":
      return Chain.type(state, input.bytes, input.sent, now)
    case "Received":
      return Reception.receive(state, input.frame, input.echoed, now)
    case "RoundTrip":
      return { ...state, display: Display.measured(state.display, input.srtt, state.keys.length > 0) }
    case "Reset":
      return Chain.forget(state, input.sent + 1n, now)
    case "Tick":
      return tick(state, now)
  }
}

const tick = (state: Prediction, now: Millis): Prediction => {
  const { keys, lateSince } = state
  const waited = keys[0] === undefined ? state.display : Display.waited(state.display, now - keys[0].at)
  const display = { ...state, display: waited }
  return lateSince !== undefined && now >= lateSince + Reception.PATIENCE ? Reception.giveUp(display) : display
}

const deadline = ({ display, keys, lag, lateSince, now }: Prediction): Millis => {
  const oldest = keys[0]
  if (oldest === undefined || display.preference === "never") return Infinity
  const late = lateSince === undefined ? [] : [lateSince + lag, lateSince + Reception.PATIENCE]
  const times = [oldest.at + Display.HITCH, oldest.at + Display.LONG_HITCH, ...late]
  return Math.min(...times.filter((at) => at > now))
}

export const machine: Machine<Prediction, Input, Output> = { step, deadline }

/** The state with its picture. */
const present = (state: Prediction): Prediction => {
  const count = visible(state)
  const draft = count === 0 ? undefined : state.steps[count]?.draft
  if (draft === undefined)
    return state.picture === state.frame ? state : { ...state, picture: state.frame, drawn: undefined }
  const drawn: Drawn = { frame: state.frame, draft, underlined: Display.isUnderlined(state.display) }
  const shown = countShown(state, count)
  return isSame(state.drawn, drawn)
    ? shown
    : { ...shown, drawn, picture: Overlay.draw(state.frame, draft, drawn.underlined) }
}

const isSame = (a: Drawn | undefined, b: Drawn): boolean =>
  a !== undefined && a.frame === b.frame && a.draft === b.draft && a.underlined === b.underlined

/** How many of the keys a person should see the effect of. */
const visible = ({ astray, display, keys, lag, lateSince, now, steps, trust, unsure }: Prediction): number => {
  if (astray || unsure > 0 || keys.length === 0 || !Display.isShown(display)) return 0
  if (lateSince !== undefined && now >= lateSince + lag) return 0
  const boldly = display.preference === "experimental" && !trust.silent
  let count = 0
  while (count < keys.length) {
    const { draft, epoch } = steps[count + 1] as Step
    const { key } = keys[count] as TypedKey
    const trusted = epoch === 0 && (trust.echo || (trust.motion && key._tag === "Command" && !Key.isEnter(key)))
    if (draft === undefined || !(trusted || boldly)) break
    count++
  }
  return count
}

const countShown = (state: Prediction, count: number): Prediction => {
  let news = 0
  for (let i = 0; i < count; i++) if (state.keys[i]?.shown === false) news++
  if (news === 0) return state
  const keys = state.keys.map((typed, i) => (i < count && !typed.shown ? { ...typed, shown: true } : typed))
  return { ...state, keys, counters: { ...state.counters, shown: state.counters.shown + news } }
}
