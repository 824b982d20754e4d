/**
 * The chain of steps from the server's newest frame to the picture after all that was typed.
 */
import type { Millis } from "../Machine.ts"
import type { Frame } from "../terminal/Frame.ts"
import * as Row from "../terminal/Row.ts"
import * as Caret from "./Caret.ts"
import * as Draft from "./Draft.ts"
import * as Key from "./Key.ts"
import type * as Line from "./Line.ts"
import type { Prediction, Trust, TypedKey } from "./State.ts"
import * as Step from "./Step.ts"

/** More than this typed at once is a paste, which is not predicted; nor are more keys than this outstanding. */
const MOST_KEYS = 128
const MOST_BYTES = 1024
/** How long a cursor that strayed, drawing elsewhere on the screen, is waited for, ms. */
export const STRAYING: Millis = 150

/** Adds what was typed at once; the local state after number `sent` will carry it. */
export const type = (before: Prediction, bytes: Uint8Array, sent: bigint, now: Millis): Prediction => {
  const number = sent + 1n
  if (bytes.length > MOST_BYTES) return { ...forget(before, number, now), unfinished: undefined }
  const [keys, unfinished] = Key.decode(before.unfinished, bytes)
  if (keys.length === 0) return { ...before, unfinished }
  if (before.keys.length + keys.length > MOST_KEYS) return { ...forget(before, number, now), unfinished }
  const strayed = before.displacedSince !== undefined && now >= before.displacedSince + STRAYING
  const state = strayed && before.keys.length === 0 ? startOver(before, before.frame, 0, "nothing") : before
  const typed = [...state.keys]
  const steps = [...state.steps]
  for (const key of keys) {
    typed.push({ key, number, at: now, shown: false })
    steps.push(Step.next(steps[steps.length - 1] as Step.Step, key, state.beliefs))
  }
  return { ...state, keys: typed, steps, unfinished }
}

/** Applies the keys that are left to what the server shows now. */
export const replay = (state: Prediction, start: Step.Step, keys: ReadonlyArray<TypedKey>): Prediction => {
  const steps = [start]
  for (const { key } of keys) steps.push(Step.next(steps[steps.length - 1] as Step.Step, key, state.beliefs))
  return { ...state, keys, steps }
}

/**
 * As `replay`, without the first `count` keys, which `start` shows. Where it shows them just as they were predicted, the
 * steps that follow stand as they are, but for the other rows of the screen.
 */
export const goOn = (state: Prediction, start: Step.Step, count: number): Prediction => {
  const keys = state.keys.slice(count)
  const steps = reused(state, start, count)
  return steps === undefined ? replay(state, start, keys) : { ...state, keys, steps }
}

const reused = ({ steps }: Prediction, start: Step.Step, count: number): ReadonlyArray<Step.Step> | undefined => {
  const shown = steps[count]
  if (shown?.draft === undefined || start.draft === undefined) return undefined
  const { caret, rows } = start.draft
  if (!isSamePlace(caret, shown.draft.caret) || shown.home !== start.home || shown.suggestion !== start.suggestion)
    return undefined
  if (!Row.equals(Draft.row(start.draft), Draft.row(shown.draft))) return undefined
  const next = [start]
  for (let i = count + 1; i < steps.length; i++) {
    const step = steps[i] as Step.Step
    // What spans rows depends on more than one of them.
    if (step.draft?.caret.row !== caret.row) return undefined
    const draft = { rows: rows.with(caret.row, Draft.row(step.draft)), caret: step.draft.caret }
    next.push({ ...step, draft, epoch: step.epoch - shown.follows, follows: step.follows - shown.follows })
  }
  return next
}

const isSamePlace = (a: Caret.Caret, b: Caret.Caret): boolean =>
  a.row === b.row && a.column === b.column && a.painted === b.painted

/**
 * Begins another epoch at a frame's caret, without the first `dropped` keys. `seen` is what was seen to be in force there;
 * `ends` what is known of the line.
 */
export const startOver = (
  state: Prediction,
  frame: Frame,
  dropped: number,
  seen: "echo" | "motion" | "nothing",
  ends: Line.Ends = Step.BLANK
): Prediction => {
  const caret = Caret.of(frame, state.frame.cursor.row)
  const rest = state.keys.slice(dropped)
  const news = isNews(state.frame, frame, caret)
  const arrived = news && caret !== undefined ? alreadyShown(frame, caret, rest).count : 0
  const secret = state.trust.secret || state.keys.slice(0, dropped).some(({ key }) => Key.isEnter(key))
  const echo = !secret && (seen === "echo" || arrived > 0)
  const trust: Trust = { echo, motion: seen === "motion", secret, silent: state.trust.silent && !echo }
  const left = rest.slice(arrived)
  const sure = arrived > 0 || (echo && caret !== undefined && hasNotBegun(frame, caret, left))
  const settled = {
    ...state,
    frame,
    trust,
    unsure: sure ? 0 : left.length,
    displacedSince: undefined,
    astray: false,
    lateSince: undefined
  }
  return replay(settled, Step.base(frame, caret, ends), left)
}

const SPACE = 0x20

/** Whether the oldest of the keys is a character, and surely not shown left of a caret: nor is it with those after it. */
const hasNotBegun = (frame: Frame, caret: Caret.Caret, keys: ReadonlyArray<TypedKey>): boolean =>
  keys[0]?.key._tag === "Character" && standing(frame, caret, keys, () => true).count === 0

/** Characters that stand left of a caret already: how many of the oldest keys, and the column where they begin. */
export interface Arrived {
  readonly count: number
  readonly column: number
}

/** How many of the keys, all characters but not blanks alone, stand left of the caret already. */
export const alreadyShown = (frame: Frame, caret: Caret.Caret, keys: ReadonlyArray<TypedKey>): Arrived =>
  standing(frame, caret, keys, ({ key }) => key._tag === "Character" && key.codePoint > SPACE)

/** As `alreadyShown`; of the keys, one must be `telling`. */
const standing = (
  frame: Frame,
  caret: Caret.Caret,
  keys: ReadonlyArray<TypedKey>,
  telling: (key: TypedKey) => boolean
): Arrived => {
  const cells = frame.rows[caret.row] as Row.Row
  const commands = keys.findIndex(({ key }) => key._tag === "Command")
  for (let count = commands < 0 ? keys.length : commands; count > 0; count--) {
    let { column } = caret
    let told = false
    let i = count
    while (i > 0) {
      const typed = keys[i - 1] as TypedKey
      const { key } = typed
      if (key._tag !== "Character") break
      if (key.width > 0) {
        if (column === 0 || (Caret.leftCodePoint(frame, { ...caret, column }) || SPACE) !== key.codePoint) break
        column = Draft.leftOf(cells, column)
        told ||= telling(typed)
      }
      i--
    }
    if (i === 0 && told) return { count, column }
  }
  return { count: 0, column: caret.column }
}

/** Whether the character left of a caret was not there in the frame before. */
export const isNews = (before: Frame, after: Frame, caret: Caret.Caret | undefined): boolean =>
  caret !== undefined &&
  caret.column > 0 &&
  Caret.leftCodePoint(before, caret) !== Caret.leftCodePoint(after, caret) &&
  Caret.leftCodePoint(after, caret) > SPACE

/** Nothing is known of what was typed until it is acknowledged, nor of what follows. */
export const forget = (state: Prediction, number: bigint, now: Millis): Prediction => {
  const unknown: TypedKey = { key: { _tag: "Command", name: "" }, number, at: now, shown: false }
  const nowhere = Step.base(state.frame, undefined, Step.BLANK)
  return {
    ...state,
    keys: [unknown],
    steps: [nowhere, nowhere],
    trust: { echo: false, motion: false, secret: true, silent: state.trust.silent },
    unsure: 0,
    displacedSince: undefined,
    lateSince: undefined
  }
}
