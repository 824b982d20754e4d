/**
 * Finds the rule by which a program continues lines in the next row, from the first frame that shows it.
 */
import * as Row from "../../terminal/Row.ts"
import * as Caret from "../Caret.ts"
import * as FrameMatch from "../FrameMatch.ts"
import * as Key from "../Key.ts"
import * as Line from "./Line.ts"
import * as Observation from "../Observation.ts"
import * as Picture from "../Picture.ts"
import * as PredictedScreen from "../PredictedScreen.ts"
import type { ProgramModel } from "./ProgramModel.ts"
import type { Prediction } from "../State.ts"
import * as Timeline from "../Timeline.ts"
import { WRAP_KEYS } from "../Tuning.ts"
import * as WrapRule from "./WrapRule.ts"

/** The program as it is now known, and what the keys do then. */
export interface Inferred {
  readonly program: ProgramModel
  readonly timeline: Timeline.Timeline
}

const SPACE = 0x20

/**
 * The keys if the terminal wraps, which it does when a program leaves the caret on a full row's last column. `undefined`
 * if the frame shows no such caret.
 */
export const inferLateWrap = (
  state: Prediction,
  seen: Observation.WithCaret
): (Inferred & FrameMatch.Match) | undefined => {
  const { lineEnds } = state.program
  if ((lineEnds.wrapsLate && lineEnds.rule === undefined) || !hasFilledRow(state, seen)) return undefined
  const program = { ...state.program, lineEnds: { ...lineEnds, wrapsLate: true, rule: undefined } }
  const timeline = Timeline.predict(state.timeline.start, state.timeline.entries, program)
  const found = FrameMatch.find(timeline, Math.max(1, seen.acknowledged), seen)
  const screen = found && Timeline.pictureAfter(timeline, found.count).screen
  return found && screen && FrameMatch.showsRow(seen, screen) ? { ...found, program, timeline } : undefined
}

/** Whether the caret is on the last column, which was blank and has a character now, in a line that is trusted. */
const hasFilledRow = ({ timeline, trust, unconfirmedKeys }: Prediction, seen: Observation.WithCaret): boolean => {
  const { caret } = seen
  const cells = Observation.row(seen)
  const before = timeline.start.screen?.rows[caret.row]
  if (trust.maybePassword || !trust.echo || unconfirmedKeys > 0 || before === undefined) return false
  if (caret.softwareCursor || caret.column + 1 !== Row.columns(cells)) return false
  return Row.isBlank(before, caret.column) && !Row.isBlank(cells, caret.column)
}

/** Tries every kind of rule, at every key that may have been the first in the next row. `undefined` if none fits. */
export const infer = (state: Prediction, seen: Observation.WithCaret): Inferred | undefined => {
  if (!mayHaveWrapped(state, seen)) return undefined
  const { entries, start } = state.timeline
  const unwrapped = Timeline.predict(start, entries, withRule(state, undefined))
  const longest = widthsOf(entries).length
  for (let count = Math.max(1, seen.acknowledged); count <= longest; count++) {
    for (const kind of WrapRule.KINDS) {
      for (let due = count - 1; due >= 0; due--) {
        const rule = ruleOf(unwrapped, seen, { kind, count, due })
        if (rule === undefined) continue
        const program = withRule(state, WrapRule.refined(state.program.lineEnds.rule, rule))
        const wrapped = Timeline.predict(start, entries.slice(0, count), program)
        const { screen } = Timeline.pictureAfter(wrapped, count)
        if (isShown(seen, screen, rule.column)) return { program, timeline: Timeline.predict(start, entries, program) }
      }
    }
  }
  return undefined
}

/** Whether the caret went left, to the next row at most, in a line that is trusted and where Enter was not pressed. */
const mayHaveWrapped = (
  { timeline, trust, unconfirmedKeys }: Prediction,
  { caret }: Observation.WithCaret
): boolean => {
  const from = timeline.start.screen?.caret
  if (from === undefined || trust.maybePassword || !trust.echo || unconfirmedKeys > 0) return false
  if (caret.softwareCursor !== from.softwareCursor || caret.row < from.row || caret.row > from.row + 1) return false
  return caret.column < from.column && !timeline.entries.some(({ key }) => Key.isEnter(key))
}

/** A guess: key number `due` (from 0) was the one that wrapped, and the frame shows `count` keys. */
interface Guess {
  readonly kind: WrapRule.Kind
  readonly count: number
  readonly due: number
}

/** The rule by which the guess puts the caret where the frame has it; `undefined` if none can. */
const ruleOf = (
  timeline: Timeline.Timeline,
  seen: Observation.WithCaret,
  { count, due, kind }: Guess
): WrapRule.WrapRule | undefined => {
  const { screen } = timeline.start
  if (screen === undefined) return undefined
  const line = Picture.lineOf(screen, timeline.start)
  const widths = widthsOf(timeline.entries)
  const column = screen.caret.column + sum(widths.slice(0, due))
  if (!WrapRule.isLikely(kind, column, line)) return undefined
  const isLast = due + 1 === count
  const leavesNothing = isLast && (kind === "fill" || kind === "lateWord")
  if (!leavesNothing && !isLeftOf(seen, timeline.entries[count - 1])) return undefined
  const nextColumn = nextColumnOf(timeline, seen.caret.column - sum(widths.slice(due, count)), { kind, count, due })
  const edges = [Line.leftEdge(line), Line.rightEdge(line)] as const
  if (nextColumn === undefined || nextColumn < edges[0]) return undefined
  const certainUntil = kind === "word" ? lastInk(screen) + 1 : column
  return { kind, column, certainUntil, nextColumn, edges }
}

/** Whether a key's character is left of the caret. */
const isLeftOf = ({ caret, frame }: Observation.WithCaret, typed: Timeline.TypedKey | undefined): boolean =>
  typed?.key._tag === "Character" && (Caret.leftCodePoint(frame, caret) || SPACE) === typed.key.codePoint

/** The column at which the next row begins if the keys from number `due` on end at the caret, `rest` columns after it. */
const nextColumnOf = (timeline: Timeline.Timeline, rest: number, { count, due, kind }: Guess): number | undefined => {
  const { key } = timeline.entries[due] as Timeline.Entry
  const takesWord = due + 1 < count && isInk(timeline.entries[due + 1])
  if (kind === "fill" || (kind === "lateWord" && !takesWord)) return rest + (key._tag === "Character" ? key.width : 0)
  const { screen } = Timeline.pictureAfter(timeline, due)
  if (kind === "character" || screen === undefined) return rest
  const line = Picture.lineOf(screen)
  const start = WrapRule.wordStart(line)
  return start === undefined ? undefined : rest - (line.column - start)
}

const isInk = (typed: Timeline.TypedKey | undefined): boolean =>
  typed?.key._tag === "Character" && typed.key.codePoint !== SPACE

/** The last column left of the caret that is not blank. */
const lastInk = (screen: PredictedScreen.PredictedScreen): number => {
  let at = screen.caret.column - 1
  while (at > 0 && Row.isBlank(PredictedScreen.row(screen), at)) at--
  return at
}

const withRule = ({ program }: Prediction, rule: WrapRule.WrapRule | undefined): ProgramModel => ({
  ...program,
  lineEnds: { ...program.lineEnds, rule }
})

/** How wide the oldest keys are, up to the first command. */
const widthsOf = (keys: ReadonlyArray<Timeline.TypedKey>): ReadonlyArray<number> => {
  const widths: Array<number> = []
  for (const { key } of keys) {
    if (key._tag === "Command" || widths.length === WRAP_KEYS) break
    widths.push(key.width)
  }
  return widths
}

const sum = (widths: ReadonlyArray<number>): number => widths.reduce((all, width) => all + width, 0)

/** Whether a frame shows the caret's row of a screen, and the row above it up to a column. */
const isShown = (
  seen: Observation.WithCaret,
  screen: PredictedScreen.PredictedScreen | undefined,
  column: number
): boolean => {
  const above = seen.frame.rows[seen.caret.row - 1]
  const predicted = screen?.rows[seen.caret.row - 1]
  if (screen === undefined || above === undefined || predicted === undefined) return false
  const isSameAt = (x: number): boolean => Row.textEquals(above, x, predicted, x)
  if (!FrameMatch.isSameText(above, predicted, 0, column)) return false
  return (isSameAt(column) || Row.isBlank(predicted, column)) && FrameMatch.showsRow(seen, screen)
}
