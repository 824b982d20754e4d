/**
 * What follows from a frame that shows typed characters elsewhere than predicted, or not at all.
 */
import * as Caret from "../Caret.ts"
import * as EchoedText from "./EchoedText.ts"
import * as Epoch from "../trust/Epoch.ts"
import * as KnownPrompts from "../trust/KnownPrompts.ts"
import * as LineEndModel from "./LineEndModel.ts"
import * as Observation from "../Observation.ts"
import type { Prediction } from "../State.ts"
import * as Timeline from "../Timeline.ts"

/** How many of the oldest keys stand in the row below the line, where editors take a word; 0 if keys are acknowledged. */
export const belowLine = (state: Prediction, seen: Observation.Observation): number => {
  if (seen.acknowledged > 0 || !Observation.hasCaret(seen)) return 0
  if (state.trust.maybePassword || !state.trust.echo || !EchoedText.isNew(state.frame, seen)) return 0
  return isBelow(state, seen) ? EchoedText.arrived(seen, state.timeline.entries).count : 0
}

/** Whether the caret went to the row below the line, and to the left. */
const isBelow = ({ timeline }: Prediction, { caret }: Observation.WithCaret): boolean => {
  const from = timeline.start.screen?.caret
  return from !== undefined && caret.row === from.row + 1 && caret.column < from.column
}

/** The last of the first `count` keys is a character that is not where it was predicted; it may be elsewhere. */
export const echoedElsewhere = (state: Prediction, seen: Observation.Observation, count: number): Prediction => {
  const isEcho = Observation.hasCaret(seen) && isEchoOf(state, seen, count)
  const program = { ...state.program, lineEnds: learnLineEnd(state, seen, count, isEcho) }
  return Epoch.begin({ ...unechoed(state), program }, seen, count, isEcho ? "echo" : "nothing")
}

/** Whether the last of the first `count` keys has just appeared at a frame's caret, before the keys after it. */
const isEchoOf = ({ frame, timeline, trust }: Prediction, seen: Observation.WithCaret, count: number): boolean => {
  const { key } = Timeline.lastOf(timeline, count)
  if (key._tag !== "Character" || trust.maybePassword) return false
  const { column } = EchoedText.arrived(seen, timeline.entries.slice(count))
  return Caret.leftCodePoint(seen.frame, { ...seen.caret, column }) === key.codePoint && EchoedText.isNew(frame, seen)
}

/** Where the line wrapped to, learns its margin; a wrap rule that predicted otherwise is given up. */
const learnLineEnd = (
  state: Prediction,
  seen: Observation.Observation,
  count: number,
  isEcho: boolean
): LineEndModel.LineEndModel => {
  const { program, timeline } = state
  const from = timeline.start.screen?.caret
  const to = Timeline.pictureAfter(timeline, count).screen?.caret
  if (from === undefined) return program.lineEnds
  const isText = timeline.entries.slice(0, count).every(({ key }) => key._tag === "Character")
  const wrapped = isEcho && isText && Observation.hasCaret(seen) && isBelow(state, seen)
  const lineEnds = wrapped ? LineEndModel.wordWrapped(program.lineEnds, from.column) : program.lineEnds
  const wrapExpected = to !== undefined && (to.row > from.row || to.column < from.column)
  return wrapExpected ? { ...lineEnds, rule: undefined } : lineEnds
}

/** Notes that a key was not echoed. If its prompt was trusted as a known one, no prompt is any longer. */
export const unechoed = (state: Prediction): Prediction => ({
  ...state,
  trust: { ...state.trust, unechoed: true },
  prompts: state.trust.reported ? KnownPrompts.NONE : state.prompts
})
