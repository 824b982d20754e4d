/**
 * What is learned when the server shows keys as they were predicted: whom to trust, and how the program does things.
 */
import type { Millis } from "../Machine.ts"
import type { Frame } from "../terminal/Frame.ts"
import * as Beliefs from "./Beliefs.ts"
import type * as Caret from "./Caret.ts"
import * as Display from "./Display.ts"
import * as Draft from "./Draft.ts"
import * as Edges from "./Edges.ts"
import * as Effect from "./Effect.ts"
import * as Key from "./Key.ts"
import * as Line from "./Line.ts"
import * as Matching from "./Matching.ts"
import type { Prediction, TypedKey } from "./State.ts"
import * as Step from "./Step.ts"

const SPACE = 0x20

/** What the first `count` keys teach, now that the frame shows their effect as predicted. */
export const learn = (
  state: Prediction,
  frame: Frame,
  caret: Caret.Caret | undefined,
  count: number,
  credit: boolean,
  now: Millis
): Prediction => {
  let { beliefs, display, steps, trust } = state
  const credited = credit || (state.unsure === 0 && hasMovedOn(state, count))
  const stirred = hasStirred(state, count)
  // The epochs up to which echo and motion are trusted.
  let echo = trust.echo ? 0 : -1
  let motion = trust.motion ? 0 : -1
  for (let i = 0; i < count; i++) {
    const { at, key } = state.keys[i] as TypedKey
    const from = state.steps[i] as Step.Step
    const to = state.steps[i + 1] as Step.Step
    if (key._tag === "Character") {
      // A blank may hang over where a word would not.
      if (key.codePoint !== SPACE) beliefs = learnEdges(beliefs, from, to, key.width)
      if (credited) echo = to.epoch
    } else if (stirred && to.draft !== from.draft) {
      if (from.draft !== undefined)
        beliefs = Beliefs.confirm(beliefs, Effect.named(key.name, from.draft, Step.lineOf(from.draft, from)))
      motion = to.epoch
      // A line editor that was trusted before is so after it did what was expected of it.
      if (echo === to.epoch - 1 && !trust.secret) echo = to.epoch
    }
    display = Display.echoed(display, now - at, now)
  }
  const { follows } = state.steps[count] as Step.Step
  if (credited && trust.secret) steps = withHome(steps)
  const entered = state.keys.slice(0, count).some(({ key }) => Key.isEnter(key))
  trust = {
    echo: echo === follows,
    motion: motion === follows,
    secret: (entered || trust.secret) && echo !== follows,
    silent: trust.silent && !credited
  }
  const last = state.keys[count - 1] as TypedKey
  if (last.key._tag === "Character" && caret !== undefined && !state.overwrite)
    beliefs = learnTail(state, beliefs, frame, caret, count)
  return { ...state, beliefs, display, steps, trust, unsure: credit ? 0 : state.unsure }
}

/** Whether anything is to be seen of so many keys: a character that was taken back leaves no trace, nor does silence. */
const hasStirred = ({ steps }: Prediction, count: number): boolean => {
  const from = steps[0]?.draft
  const to = steps[count]?.draft
  if (from === undefined || to === undefined) return false
  const { column, row } = to.caret
  return row !== from.caret.row || column !== from.caret.column || !Matching.isSameText(Draft.row(from), Draft.row(to))
}

/**
 * Whether blanks alone took the caret where they should at the end of a line. A space leaves no other trace; but what is
 * not echoed moves no caret, unless a command after it did.
 */
const hasMovedOn = ({ keys, steps }: Prediction, count: number): boolean => {
  const from = steps[0]?.draft
  const to = steps[count]?.draft
  if (from === undefined || to === undefined || from.caret.row !== to.caret.row) return false
  return (
    to.caret.column === from.caret.column + count &&
    keys.every(({ key }, i) => key._tag === "Character" && (i >= count || key.codePoint === SPACE)) &&
    !Line.hasTail(Step.lineOf(from, Step.BLANK))
  )
}

/** The first echo after Enter tells where the line's text begins, in the row of the first step. */
const withHome = (steps: ReadonlyArray<Step.Step>): ReadonlyArray<Step.Step> => {
  const caret = steps[0]?.draft?.caret
  return steps.map((step) => (step.draft?.caret.row === caret?.row ? { ...step, home: caret?.column } : step))
}

const learnEdges = (beliefs: Beliefs.Beliefs, from: Step.Step, to: Step.Step, width: number): Beliefs.Beliefs => {
  if (from.draft === undefined || to.draft === undefined) return beliefs
  const line = Step.lineOf(from.draft, from)
  const wrapped = to.draft.caret.row !== from.draft.caret.row || to.draft.caret.column < line.column
  const edges = Edges.passed(beliefs.edges, line, width, wrapped)
  return edges === beliefs.edges ? beliefs : { ...beliefs, edges }
}

/** Whether text typed before other text pushed it, or replaced it. */
const learnTail = (
  state: Prediction,
  beliefs: Beliefs.Beliefs,
  frame: Frame,
  caret: Caret.Caret,
  count: number
): Beliefs.Beliefs => {
  const from = state.steps[count - 1] as Step.Step
  const to = state.steps[count] as Step.Step
  if (from.draft === undefined || to.draft === undefined || from.suggestion === from.draft.caret.column) return beliefs
  if (!Line.hasTail(Step.lineOf(from.draft, from))) return beliefs
  if (Matching.showsTail(frame, caret, to.draft)) return beliefs
  const other = { ...beliefs, overwrites: !beliefs.overwrites }
  const { key } = state.keys[count - 1] as TypedKey
  const otherwise = Step.next(from, key, other)
  return otherwise.draft !== undefined && Matching.showsTail(frame, caret, otherwise.draft) ? other : beliefs
}
