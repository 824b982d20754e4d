/**
 * What the server's next frame says about the keys that were typed.
 */
import type { Millis } from "../Machine.ts"
import * as Frame from "../terminal/Frame.ts"
import * as Row from "../terminal/Row.ts"
import * as Beliefs from "./Beliefs.ts"
import * as Caret from "./Caret.ts"
import * as Chain from "./Chain.ts"
import * as Draft from "./Draft.ts"
import * as Edges from "./Edges.ts"
import * as Effect from "./Effect.ts"
import * as Entering from "./Entering.ts"
import * as Key from "./Key.ts"
import * as Learning from "./Learning.ts"
import * as Line from "./Line.ts"
import * as Matching from "./Matching.ts"
import * as Scene from "./Scene.ts"
import type { Prediction, TypedKey } from "./State.ts"
import * as State from "./State.ts"
import * as Step from "./Step.ts"
import * as Wrapping from "./Wrapping.ts"

/** How long a program may take to show a key's effect after it was acknowledged, before it is taken to have none, ms. */
export const PATIENCE: Millis = 500
/** The longest `lag`, ms. */
const MOST_LAG: Millis = 400

/** Takes in the server's newest frame; `echoed` is the newest local state whose effect should be in it. */
export const receive = (earlier: Prediction, frame: Frame.Frame, echoed: bigint, now: Millis): Prediction => {
  const before = { ...earlier, echoed }
  const acknowledged = State.acknowledged(before)
  if (!Frame.sizeEquals(before.frame.size, frame.size)) return resized(before, frame, acknowledged)
  const caret = Caret.of(frame, caretRow(before))

  const found = Matching.find(before.steps, acknowledged, frame, caret)
  if (found !== undefined)
    return found.count === 0 && Entering.hasEntered(before, caret)
      ? contradicted(before, frame, caret, 1)
      : advance(before, frame, caret, found.count, found.credit, now)

  const passed = passOver(before, frame, caret, acknowledged, now)
  if (passed !== undefined) return passed

  const wrapped = wrap(before, frame, caret, acknowledged, now)
  if (wrapped !== undefined) return wrapped

  const strayed = before.displacedSince !== undefined && now >= before.displacedSince + Chain.STRAYING
  const [still] = strayed
    ? []
    : Matching.all(before.steps, acknowledged, (step, start) => Matching.stillShows(frame, step, start))
  const another = still === undefined && caret !== undefined && Scene.isAnother(before.frame, frame, caret)
  const state = another ? { ...before, beliefs: anew(before), lag: 0 } : before

  // Something happened, and the next key may have done anything: it was that.
  const isKnown = state.steps[0]?.draft !== undefined
  if (acknowledged === 0 && isKnown && state.keys.length > 0 && state.steps[1]?.draft === undefined)
    return { ...revealed(state, frame, caret, 1), unsure: 0 }

  const taken = acknowledged === 0 && caret !== undefined ? takenToNextRow(state, frame, caret) : 0
  if (taken > 0) return echoedOtherwise(state, frame, caret, taken)

  if (still?.count === 0 && caret !== undefined && Entering.hasGoneOn(state, frame, caret))
    return unexplained(state, frame, caret)
  if (still !== undefined) return displaced(state, frame, still.count, now)

  if (acknowledged === 0) return unexplained(state, frame, caret)
  if ((state.steps[acknowledged] as Step.Step).draft === undefined) return revealed(state, frame, caret, acknowledged)
  // Enter is never late: after it, a prompt may well look as it did before.
  const isEntered = state.keys.slice(0, acknowledged).some(({ key }) => Key.isEnter(key))
  const late = isEntered ? undefined : Matching.find(state.steps, 0, frame, caret)
  return late !== undefined && (state.lateSince === undefined || now < state.lateSince + PATIENCE)
    ? { ...rebase(state, frame, caret, late.count), lateSince: state.lateSince ?? now }
    : contradicted(state, frame, caret, acknowledged)
}

/** The next key, a command to a line editor, had no effect where it was pressed: the keys after it explain the frame. */
const passOver = (
  state: Prediction,
  frame: Frame.Frame,
  caret: Caret.Caret | undefined,
  acknowledged: number,
  now: Millis
): Prediction | undefined => {
  const [start, next] = state.steps
  const key = state.keys[0]?.key
  if (start === undefined || key === undefined || !staysInLine(key) || next?.draft !== undefined) return undefined
  const rest = Chain.replay(state, start, state.keys.slice(1))
  const found = Matching.find(rest.steps, Math.max(0, acknowledged - 1), frame, caret)
  if (found === undefined || (found.count === 0 && acknowledged === 0)) return undefined
  return advance(rest, frame, caret, found.count, found.credit, now)
}

/** The line went on in the next row in a way that was not known. */
const wrap = (
  before: Prediction,
  frame: Frame.Frame,
  caret: Caret.Caret | undefined,
  acknowledged: number,
  now: Millis
): Prediction | undefined => {
  const state = caret === undefined ? undefined : Wrapping.recognise(before, frame, caret, acknowledged)
  const found = state === undefined ? undefined : Matching.find(state.steps, Math.max(1, acknowledged), frame, caret)
  return state === undefined || found === undefined
    ? undefined
    : advance(state, frame, caret, found.count, found.credit, now)
}

/** A frame that no key explains, while none is acknowledged. */
const unexplained = (state: Prediction, frame: Frame.Frame, caret: Caret.Caret | undefined): Prediction => {
  const { keys, steps, trust } = state
  const [next] = keys
  const draft = steps[0]?.draft
  if (next === undefined) return Chain.startOver(state, frame, 0, "nothing")
  if (next.key._tag === "Command" && Key.isEnter(next.key) && draft !== undefined && caret !== undefined)
    return { ...Entering.entered(state, frame, caret, 1), unsure: 0 }
  // Where nothing is trusted there is nothing to wait for.
  if (!trust.echo && !trust.motion) return { ...Chain.startOver(state, frame, 0, "nothing"), unsure: 0 }
  return { ...state, frame, astray: true }
}

const caretRow = ({ steps }: Prediction): number => steps[0]?.draft?.caret.row ?? 0

const anew = ({ overwrite }: Prediction): Beliefs.Beliefs => Beliefs.initial(overwrite)

const resized = (state: Prediction, frame: Frame.Frame, acknowledged: number): Prediction =>
  Chain.startOver({ ...state, frame, beliefs: anew(state) }, frame, acknowledged, "nothing")

/** The first `count` keys show in the frame, and the caret is where they put it. */
const advance = (
  before: Prediction,
  frame: Frame.Frame,
  caret: Caret.Caret | undefined,
  count: number,
  credit: boolean,
  now: Millis
): Prediction => {
  const state = count === 0 ? before : Learning.learn(before, frame, caret, count, credit, now)
  const late = before.lateSince
  const lag =
    late === undefined || count === 0 ? state.lag : Math.min(MOST_LAG, Math.max(state.lag, 1.5 * (now - late)))
  const learned = state.beliefs !== before.beliefs
  return { ...rebase(state, frame, caret, count, learned), lag, lateSince: undefined }
}

/** The chain from the frame on, without the first `count` keys, which it shows; made anew if something was `learned`. */
const rebase = (
  state: Prediction,
  frame: Frame.Frame,
  caret: Caret.Caret | undefined,
  count: number,
  learned = false
): Prediction => {
  const shown = state.steps[count] as Step.Step
  const start = Step.base(frame, caret, { suggestion: suggested(shown, frame, caret), home: shown.home })
  const unsure = Math.max(0, state.unsure - count)
  const settled = { ...state, frame, unsure, displacedSince: undefined, astray: false }
  return learned ? Chain.replay(settled, start, state.keys.slice(count)) : Chain.goOn(settled, start, count)
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
  const line = Step.lineOf(draft, Step.BLANK)
  const cells = frame.rows[caret.row] as Row.Row
  return !Line.hasTail(line) && Line.hasTail({ ...line, cells }) ? caret.column : undefined
}

/** The frame shows what a command of unknown effect did. */
const revealed = (
  state: Prediction,
  frame: Frame.Frame,
  caret: Caret.Caret | undefined,
  acknowledged: number
): Prediction => {
  const before = state.steps[acknowledged - 1] as Step.Step
  const { key } = state.keys[acknowledged - 1] as TypedKey
  if (key._tag !== "Command" || before.draft === undefined || caret === undefined)
    return Chain.startOver(state, frame, acknowledged, "nothing")
  const same = staysInLine(key) && isSameLine(frame, caret, before) && !hasLeft(frame, caret, before.draft, key.name)
  const beliefs = recognised(state, key.name, before, before.draft, frame, caret)
  return startAfter({ ...state, beliefs }, frame, acknowledged, before, same ? caret : undefined)
}

/** What is believed of a command now that a frame shows what it did after a step whose picture was `draft`. */
const recognised = (
  { beliefs }: Prediction,
  name: string,
  from: Step.Step,
  draft: Draft.Draft,
  frame: Frame.Frame,
  caret: Caret.Caret
): Beliefs.Beliefs =>
  Beliefs.recognise(beliefs, name, draft, Step.lineOf(draft, from), (after) => Matching.isWhole(frame, caret, after))

/** Begins anew after a command; with what was trusted before it if the `caret` is still in the same line. */
const startAfter = (
  state: Prediction,
  frame: Frame.Frame,
  count: number,
  from: Step.Step,
  caret: Caret.Caret | undefined
): Prediction =>
  caret === undefined
    ? Chain.startOver(state, frame, count, "nothing")
    : Chain.startOver(state, frame, count, trusted(state, from), endsAt(from, caret))

/** What is trusted after a step. */
const trusted = ({ trust }: Prediction, { follows }: Step.Step): "echo" | "motion" | "nothing" =>
  follows > 0 ? "nothing" : trust.echo ? "echo" : trust.motion ? "motion" : "nothing"

/** Whether a command is one of those with which line editors change the line and go on editing it. */
const staysInLine = (key: Key.Key): boolean =>
  key._tag === "Command" &&
  !Key.isEnter(key) &&
  (Effect.meanings(key.name).length > 0 || key.name === "\t" || key.name === "\x19" || key.name === "\x1b.")

/** Whether the caret is still in the same line, and the line has the same beginning. */
const isSameLine = (frame: Frame.Frame, caret: Caret.Caret, { draft, home }: Step.Step): boolean => {
  if (draft === undefined) return false
  const from = draft.caret
  if (caret.row !== from.row || caret.painted !== from.painted) return false
  if (home === undefined && caret.column <= from.column) return false
  if (home !== undefined && caret.column < home) return false
  const cells = frame.rows[caret.row] as Row.Row
  const before = Draft.row(draft)
  for (let x = 0; x < (home ?? from.column); x++) if (!Row.textEquals(cells, x, before, x)) return false
  return true
}

/** Whether Tab went on to what may be another field of a form, instead of completing the text. */
const hasLeft = (frame: Frame.Frame, caret: Caret.Caret, draft: Draft.Draft, name: string): boolean => {
  const { column } = draft.caret
  if (name !== "\t" || caret.column === column) return false
  return Row.textEquals(frame.rows[caret.row] as Row.Row, column, Draft.row(draft), column)
}

/** What is known of a line after the caret moved in it: it may have taken over some of what was suggested. */
const endsAt = ({ home, suggestion }: Step.Step, { column }: Caret.Caret): Line.Ends => ({
  home,
  suggestion: suggestion !== undefined && column >= suggestion ? column : undefined
})

/** The acknowledged keys did something else than predicted. */
const contradicted = (
  before: Prediction,
  frame: Frame.Frame,
  caret: Caret.Caret | undefined,
  acknowledged: number
): Prediction => {
  const state = countWrong(before, acknowledged)
  const { key } = state.keys[acknowledged - 1] as TypedKey
  const from = state.steps[acknowledged - 1] as Step.Step
  if (key._tag === "Character") return echoedOtherwise(state, frame, caret, acknowledged)
  if (from.draft === undefined || caret === undefined) return Chain.startOver(state, frame, acknowledged, "nothing")
  if (Key.isEnter(key)) return Entering.entered(before, frame, caret, acknowledged)
  const beliefs = recognised(state, key.name, from, from.draft, frame, caret)
  if (beliefs !== state.beliefs) {
    const learned = { ...state, beliefs }
    const seen = trusted(state, from)
    return Chain.startOver(learned, frame, acknowledged, seen === "nothing" ? "motion" : seen, endsAt(from, caret))
  }
  const doubting = state.unsure > 0 ? state : { ...state, beliefs: Beliefs.doubt(state.beliefs, key.name) }
  return startAfter(doubting, frame, acknowledged, from, isSameLine(frame, caret, from) ? caret : undefined)
}

/** How many of the oldest keys, characters all, were taken to the row below the line, as editors do with a word at its end. */
const takenToNextRow = (state: Prediction, frame: Frame.Frame, caret: Caret.Caret): number => {
  const from = state.steps[0]?.draft?.caret
  if (from === undefined || state.trust.secret || !state.trust.echo || !Chain.isNews(state.frame, frame, caret))
    return 0
  return caret.row === from.row + 1 && caret.column < from.column
    ? Chain.alreadyShown(frame, caret, state.keys).count
    : 0
}

/** The last of the first `count` keys is a character, and it is not where it was predicted; perhaps it is elsewhere. */
const echoedOtherwise = (
  state: Prediction,
  frame: Frame.Frame,
  caret: Caret.Caret | undefined,
  count: number
): Prediction => {
  const { key } = state.keys[count - 1] as TypedKey
  const rest = state.keys.slice(count)
  const column = caret === undefined ? 0 : Chain.alreadyShown(frame, caret, rest).column
  const isEcho =
    key._tag === "Character" &&
    caret !== undefined &&
    !state.trust.secret &&
    Caret.leftCodePoint(frame, { ...caret, column }) === key.codePoint &&
    Chain.isNews(state.frame, frame, caret)
  const from = state.steps[0]?.draft?.caret
  const text = state.keys.slice(0, count).every(({ key }) => key._tag === "Character")
  const wrapped = isEcho && text && from !== undefined && caret.row === from.row + 1 && caret.column < from.column
  const to = state.steps[count]?.draft?.caret
  const expected = from !== undefined && to !== undefined && (to.row > from.row || to.column < from.column)
  const edges = wrapped ? Edges.turned(state.beliefs.edges, from.column) : state.beliefs.edges
  const beliefs = { ...state.beliefs, edges: expected ? { ...edges, wrap: undefined } : edges }
  return Chain.startOver({ ...silenced(state), beliefs }, frame, count, isEcho ? "echo" : "nothing")
}

/** Nothing has become of the acknowledged keys, and nothing will. */
export const giveUp = (state: Prediction): Prediction => {
  const late = State.acknowledged(state)
  return Chain.startOver(silenced(countWrong(state, late)), state.frame, late, "nothing")
}

/** Typing is not echoed. */
const silenced = (state: Prediction): Prediction => ({ ...state, trust: { ...state.trust, silent: true } })

const countWrong = (state: Prediction, acknowledged: number): Prediction => {
  let wrong = 0
  for (let i = 0; i < acknowledged; i++) if (state.keys[i]?.shown === true) wrong++
  return wrong === 0 ? state : { ...state, counters: { ...state.counters, wrong: state.counters.wrong + wrong } }
}
