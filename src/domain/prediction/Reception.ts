/**
 * What the server's next frame says about the keys that were typed.
 */
import type { Millis } from "../Machine.ts"
import * as Frame from "../terminal/Frame.ts"
import * as Row from "../terminal/Row.ts"
import * as Beliefs from "./Beliefs.ts"
import * as Caret from "./Caret.ts"
import * as Chain from "./Chain.ts"
import * as Display from "./Display.ts"
import * as Draft from "./Draft.ts"
import * as Effect from "./Effect.ts"
import * as Line from "./Line.ts"
import * as Scene from "./Scene.ts"
import type { Prediction, TypedKey } from "./State.ts"
import * as State from "./State.ts"
import * as Step from "./Step.ts"

/** How long a program may take to show a key's effect after it was acknowledged, before it is taken to have none, ms. */
export const PATIENCE: Millis = 500
/** The longest `lag`, ms. */
const MOST_LAG: Millis = 400

/** Takes in the server's newest frame; `echoed` is the newest local state whose effect should be in it. */
export const receive = (earlier: Prediction, frame: Frame.Frame, echoed: bigint, now: Millis): Prediction => {
  const before = { ...earlier, echoed }
  const acknowledged = State.acknowledged(before)
  if (!Frame.sizeEquals(before.frame.size, frame.size)) return resized(before, frame, acknowledged)
  const state = Scene.isAnother(before.frame, frame) ? { ...before, beliefs: anew(before), lag: 0 } : before
  const caret = Caret.of(frame, caretRow(state))

  const [start] = state.steps
  if (start === undefined) return state
  const find = (from: number, shown: (step: Step.Step) => Step.Shown | undefined) => {
    for (let count = from; count < state.steps.length; count++) {
      const found = shown(state.steps[count] as Step.Step)
      if (found !== undefined) return { count, credit: found.credit }
    }
    return undefined
  }
  const shows = (step: Step.Step) => Step.shows(frame, caret, step, start)
  const found = find(acknowledged, shows)
  if (found !== undefined) return advance(state, frame, caret, found.count, found.credit, now)

  const strayed = state.displacedSince !== undefined && now >= state.displacedSince + Chain.STRAYING
  const still = strayed ? undefined : find(acknowledged, (step) => Step.stillShows(frame, step, start))
  if (still !== undefined) return displaced(state, frame, still.count, now)

  if (acknowledged === 0)
    return state.keys.length === 0 ? Chain.startOver(state, frame, 0, false) : { ...state, frame, astray: true }
  if ((state.steps[acknowledged] as Step.Step).draft === undefined) return revealed(state, frame, caret, acknowledged)
  const late = find(0, shows)
  return late !== undefined && (state.lateSince === undefined || now < state.lateSince + PATIENCE)
    ? { ...rebase(state, frame, caret, late.count), lateSince: state.lateSince ?? now }
    : contradicted(state, frame, caret, acknowledged)
}

const caretRow = ({ steps }: Prediction): number => steps[0]?.draft?.caret.row ?? 0

const anew = ({ overwrite }: Prediction): Beliefs.Beliefs => Beliefs.initial(overwrite)

const resized = (state: Prediction, frame: Frame.Frame, acknowledged: number): Prediction =>
  Chain.startOver({ ...state, frame, beliefs: anew(state) }, frame, acknowledged, false)

/** The first `count` keys show in the frame, and the caret is where they put it. */
const advance = (
  before: Prediction,
  frame: Frame.Frame,
  caret: Caret.Caret | undefined,
  count: number,
  credit: boolean,
  now: Millis
): Prediction => {
  const state = count === 0 ? before : learn(before, frame, caret, count, credit, now)
  const late = before.lateSince
  const lag = late === undefined || count === 0 ? state.lag : Math.min(MOST_LAG, Math.max(state.lag, 1.5 * (now - late)))
  return { ...rebase(state, frame, caret, count), lag, lateSince: undefined }
}

/** The chain from the frame on, without the first `count` keys, which it shows. */
const rebase = (
  state: Prediction,
  frame: Frame.Frame,
  caret: Caret.Caret | undefined,
  count: number
): Prediction => {
  const shown = state.steps[count] as Step.Step
  const start = Step.base(frame, caret, { suggestion: suggested(shown, frame, caret), home: shown.home })
  const settled = { ...state, frame, displacedSince: undefined, astray: false }
  return Chain.replay(settled, start, state.keys.slice(count))
}

/** The cursor is elsewhere, as while a program draws there, but the line stands as it should after the first `count` keys. */
const displaced = (state: Prediction, frame: Frame.Frame, count: number, now: Millis): Prediction => {
  const { draft } = state.steps[count] as Step.Step
  return { ...rebase(state, frame, draft?.caret, count), displacedSince: state.displacedSince ?? now }
}

/**
 * Where a suggestion begins in a frame that shows a step: a shell shows it behind what was typed at the end of the line,
 * and it moves with the text.
 */
const suggested = (
  { draft, suggestion }: Step.Step,
  frame: Frame.Frame,
  caret: Caret.Caret | undefined
): number | undefined => {
  if (suggestion !== undefined || draft === undefined || caret === undefined) return suggestion
  const line = Step.lineOf(draft, Step.UNKNOWN)
  const cells = frame.rows[caret.row] as Row.Row
  return !Line.hasTail(line) && Line.hasTail({ ...line, cells }) ? caret.column : undefined
}

/** What the first `count` keys teach, now that the frame shows their effect as predicted. */
const learn = (
  state: Prediction,
  frame: Frame.Frame,
  caret: Caret.Caret | undefined,
  count: number,
  credit: boolean,
  now: Millis
): Prediction => {
  let { beliefs, display, steps, trust } = state
  for (let i = 0; i < count; i++) {
    const { at, epoch, key } = state.keys[i] as TypedKey
    const from = state.steps[i] as Step.Step
    const to = state.steps[i + 1] as Step.Step
    if (key._tag === "Character") {
      if (credit && !State.isConfirmed(trust, epoch)) {
        if (State.isSecret(trust)) steps = withHome(steps)
        trust = { ...trust, confirmed: epoch, silent: false }
      }
      if (to.draft?.caret.column === 0) beliefs = { ...beliefs, wraps: true }
    } else if (to.draft !== undefined && to.draft !== from.draft) {
      beliefs = Beliefs.confirm(beliefs, key.name)
      // A line editor that was trusted before is so after it did what was expected of it.
      if (to.doubtful && !State.isSecret(trust) && epoch === trust.confirmed + 1) trust = { ...trust, confirmed: epoch }
    }
    display = Display.echoed(display, now - at, now)
  }
  const last = state.keys[count - 1] as TypedKey
  if (last.key._tag === "Character" && caret !== undefined && !state.overwrite) beliefs = learnTail(state, beliefs, frame, caret, count)
  return { ...state, beliefs, display, steps, trust }
}

/** The first echo after Enter tells where the line's text begins, in the row of the first step. */
const withHome = (steps: ReadonlyArray<Step.Step>): ReadonlyArray<Step.Step> => {
  const caret = steps[0]?.draft?.caret
  return steps.map((step) => (step.draft?.caret.row === caret?.row ? { ...step, home: caret?.column } : step))
}

/** Whether text typed before other text pushed it, or replaced it. */
const learnTail = (
  state: Prediction,
  beliefs: Beliefs.Beliefs,
  frame: Frame.Frame,
  caret: Caret.Caret,
  count: number
): Beliefs.Beliefs => {
  const from = state.steps[count - 1] as Step.Step
  const to = state.steps[count] as Step.Step
  if (from.draft === undefined || to.draft === undefined || from.suggestion === from.draft.caret.column) return beliefs
  if (!Line.hasTail(Step.lineOf(from.draft, from))) return beliefs
  if (Step.showsTail(frame, caret, to.draft)) return beliefs
  const other = { ...beliefs, overwrites: !beliefs.overwrites }
  const { key } = state.keys[count - 1] as TypedKey
  const otherwise = Step.next(from, key, other)
  return otherwise.draft !== undefined && Step.showsTail(frame, caret, otherwise.draft) ? other : beliefs
}

/** The frame shows what a command of unknown effect did. */
const revealed = (
  state: Prediction,
  frame: Frame.Frame,
  caret: Caret.Caret | undefined,
  acknowledged: number
): Prediction => {
  const before = state.steps[acknowledged - 1] as Step.Step
  const { epoch, key } = state.keys[acknowledged - 1] as TypedKey
  if (key._tag !== "Command" || before.draft === undefined || caret === undefined)
    return Chain.startOver(state, frame, acknowledged, false)
  const line = Step.lineOf(before.draft, before)
  const fits = (draft: Draft.Draft) => isAt(frame, caret, draft)
  const beliefs = Beliefs.recognise(state.beliefs, key.name, before.draft, line, fits)
  const same = staysInLine(key.name) && isConfirmedLine(state, epoch) && isSameLine(frame, caret, before.draft, before.home)
  return Chain.startOver({ ...state, beliefs }, frame, acknowledged, same, same ? sameLine(before, caret) : undefined)
}

const isConfirmedLine = ({ trust }: Prediction, epoch: number): boolean =>
  !State.isSecret(trust) && State.isConfirmed(trust, epoch)

/** Whether a command is one of those with which line editors change the line and go on editing it. */
const staysInLine = (name: string): boolean =>
  Effect.meanings(name).length > 0 || name === "\t" || name === "\x19" || name === "\x1b."

/** Whether the caret is still in the same line, and the line has the same beginning. */
const isSameLine = (
  frame: Frame.Frame,
  caret: Caret.Caret,
  draft: Draft.Draft,
  home: number | undefined
): boolean => {
  const from = draft.caret
  if (caret.row !== from.row || caret.painted !== from.painted) return false
  if (home === undefined && caret.column <= from.column) return false
  if (home !== undefined && caret.column < home) return false
  const cells = frame.rows[caret.row] as Row.Row
  const before = Draft.row(draft)
  for (let x = 0; x < (home ?? from.column); x++) if (!Row.textEquals(cells, x, before, x)) return false
  return true
}

/** What is known of a line after the caret moved in it: it may have taken over some of what was suggested. */
const sameLine = ({ home, suggestion }: Step.Step, { column }: Caret.Caret): Pick<Step.Step, "home" | "suggestion"> => ({
  home,
  suggestion: suggestion !== undefined && column >= suggestion ? column : undefined
})

/** Whether a frame is a draft's picture, as far as the caret's row goes. */
const isAt = (frame: Frame.Frame, caret: Caret.Caret, draft: Draft.Draft): boolean => {
  if (caret.row !== draft.caret.row || caret.column !== draft.caret.column) return false
  const cells = frame.rows[caret.row] as Row.Row
  const drawn = Draft.row(draft)
  for (let x = 0; x < Row.columns(cells); x++) if (!Row.textEquals(cells, x, drawn, x)) return false
  return true
}

/** The acknowledged keys did something else than predicted. */
const contradicted = (
  before: Prediction,
  frame: Frame.Frame,
  caret: Caret.Caret | undefined,
  acknowledged: number
): Prediction => {
  const state = countWrong(before, acknowledged)
  const { epoch, key } = state.keys[acknowledged - 1] as TypedKey
  const from = state.steps[acknowledged - 1] as Step.Step
  if (key._tag === "Character" || from.draft === undefined || caret === undefined) {
    const isEcho =
      key._tag === "Character" &&
      caret !== undefined &&
      !State.isSecret(state.trust) &&
      Step.leftCodePoint(frame, caret) === key.codePoint &&
      Chain.isNews(state.frame, frame, caret)
    return Chain.startOver(key._tag === "Character" ? silenced(state) : state, frame, acknowledged, isEcho)
  }
  const line = Step.lineOf(from.draft, from)
  const recognised = Beliefs.recognise(state.beliefs, key.name, from.draft, line, (draft) => isAt(frame, caret, draft))
  if (recognised !== state.beliefs) {
    const trusted = !State.isSecret(state.trust) && epoch <= state.trust.confirmed + 1
    return Chain.startOver({ ...state, beliefs: recognised }, frame, acknowledged, trusted, sameLine(from, caret))
  }
  const beliefs = Beliefs.doubt(state.beliefs, key.name)
  const same = isConfirmedLine(state, epoch - 1) && isSameLine(frame, caret, from.draft, from.home)
  return Chain.startOver({ ...state, beliefs }, frame, acknowledged, same, same ? sameLine(from, caret) : undefined)
}

/** Nothing has become of the acknowledged keys, and nothing will. */
export const giveUp = (state: Prediction): Prediction => {
  const late = State.acknowledged(state)
  return Chain.startOver(silenced(countWrong(state, late)), state.frame, late, false)
}

/** Typing is not echoed. */
const silenced = (state: Prediction): Prediction => ({ ...state, trust: { ...state.trust, silent: true } })

const countWrong = (state: Prediction, acknowledged: number): Prediction => {
  let wrong = 0
  for (let i = 0; i < acknowledged; i++) if (state.keys[i]?.shown === true) wrong++
  return wrong === 0 ? state : { ...state, counters: { ...state.counters, wrong: state.counters.wrong + wrong } }
}
