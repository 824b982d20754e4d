/**
 * Brings the prediction in line with a frame of the server: applies the verdict that `FrameVerdict` reached.
 */
import type { Millis } from "../Machine.ts"
import type { Frame } from "../terminal/Frame.ts"
import * as CommandInference from "./program/CommandInference.ts"
import * as EchoInference from "./program/EchoInference.ts"
import * as EnterInference from "./program/EnterInference.ts"
import * as Epoch from "./trust/Epoch.ts"
import * as FrameVerdict from "./FrameVerdict.ts"
import * as Learning from "./trust/Learning.ts"
import * as Key from "./Key.ts"
import * as Line from "./program/Line.ts"
import * as Observation from "./Observation.ts"
import * as Picture from "./Picture.ts"
import * as ProgramModel from "./program/ProgramModel.ts"
import { type Prediction, UNTRUSTED } from "./State.ts"
import * as Timeline from "./Timeline.ts"
import { MAX_ANSWER_DELAY } from "./Tuning.ts"

/** Takes in the server's newest frame; `echoed` is the newest local state whose effect should be in it. */
export const receive = (before: Prediction, frame: Frame, echoed: bigint, now: Millis): Prediction => {
  const state = { ...before, echoed }
  const seen = Observation.of(state, frame, now)
  return apply(state, seen, FrameVerdict.classify(state, seen))
}

const apply = (state: Prediction, seen: Observation.Observation, verdict: FrameVerdict.FrameVerdict): Prediction => {
  switch (verdict._tag) {
    case "Resized":
      return Epoch.begin(
        { ...state, frame: seen.frame, program: ProgramModel.unknown(state.overwrite) },
        seen,
        seen.acknowledged,
        "nothing"
      )
    case "Shows":
      return confirm({ ...state, timeline: verdict.timeline, program: verdict.program }, seen, verdict)
    default:
      return recover(verdict.screenReplaced ? forgetProgram(state) : state, seen, verdict)
  }
}

const forgetProgram = (state: Prediction): Prediction => ({
  ...state,
  program: ProgramModel.unknown(state.overwrite),
  answerDelay: 0
})

/** The frame shows keys as predicted: learns from it, and goes on from there. */
const confirm = (
  before: Prediction,
  seen: Observation.Observation,
  { count, echo }: { readonly count: number; readonly echo: boolean }
): Prediction => {
  const state = count === 0 ? before : Learning.learn(before, seen, count, echo)
  const { overdueSince } = before
  const answerDelay =
    overdueSince === undefined || count === 0
      ? state.answerDelay
      : Math.min(MAX_ANSWER_DELAY, Math.max(state.answerDelay, Math.ceil(1.5 * (seen.now - overdueSince))))
  const rebased = state.program === before.program ? rebase(state, seen, count) : predictAnew(state, seen, count)
  return { ...rebased, answerDelay, overdueSince: undefined }
}

const recover = (state: Prediction, seen: Observation.Observation, verdict: FrameVerdict.Surprise): Prediction => {
  switch (verdict._tag) {
    case "CursorAway":
      return cursorAway(state, seen, verdict.count)
    case "Overdue":
      return {
        ...rebase(withinEpoch(state, verdict.count), seen, verdict.count),
        overdueSince: state.overdueSince ?? seen.now
      }
    case "Ambiguous":
      return Epoch.begin(state, seen, verdict.count, "nothing", state.timeline.start)
    case "Revealed":
      return exactly(CommandInference.revealed(state, seen, verdict.count), seen)
    case "Entered":
      return exactly(EnterInference.entered(state, seen, verdict.count), seen)
    case "EchoedBelow":
      return EchoInference.echoedElsewhere(state, seen, verdict.count)
    case "Contradicted":
      return contradicted(state, seen, verdict.count)
    case "Unrelated":
      return exactly(Epoch.begin(state, seen, 0, "nothing"), seen)
    case "Desynced":
      return { ...state, frame: seen.frame, desynced: true }
  }
}

/** A frame that acknowledges no key cannot show keys beyond those that the verdict named. */
const exactly = (state: Prediction, { acknowledged }: Observation.Observation): Prediction =>
  acknowledged === 0 ? { ...state, unconfirmedKeys: 0 } : state

/** The timeline from the frame on, without the first `count` keys, which the frame shows. */
const rebase = (state: Prediction, seen: Observation.Observation, count: number): Prediction => {
  const start = startAfter(state, seen, count)
  return { ...synced(state, seen, count), timeline: Timeline.advance(state.timeline, start, count, state.program) }
}

/** As `rebase`, after something was learned of the program: every key may do something else now. */
const predictAnew = (state: Prediction, seen: Observation.Observation, count: number): Prediction => {
  const start = startAfter(state, seen, count)
  const timeline = Timeline.predict(start, state.timeline.entries.slice(count), state.program)
  return { ...synced(state, seen, count), timeline }
}

const synced = (state: Prediction, { frame }: Observation.Observation, count: number): Prediction => ({
  ...state,
  frame,
  unconfirmedKeys: Math.max(0, state.unconfirmedKeys - count),
  cursorAwaySince: undefined,
  desynced: false
})

const startAfter = ({ timeline }: Prediction, seen: Observation.Observation, count: number): Picture.Picture => {
  const predicted = Timeline.pictureAfter(timeline, count)
  return Picture.ofFrame(seen.frame, seen.caret, { suggestion: suggestionIn(predicted, seen), home: predicted.home })
}

/**
 * Where a suggestion begins in a frame that shows a picture: a shell shows one after what was typed at the end of the
 * line, and it moves with the text.
 */
const suggestionIn = ({ screen, suggestion }: Picture.Picture, seen: Observation.Observation): number | undefined => {
  if (suggestion !== undefined || screen === undefined || !Observation.hasCaret(seen)) return suggestion
  const line = Picture.lineOf(screen)
  return !Line.hasTail(line) && Line.hasTail({ ...line, cells: Observation.row(seen) }) ? seen.caret.column : undefined
}

/** The program draws elsewhere: the caret is taken to be where it should be. */
const cursorAway = (state: Prediction, seen: Observation.Observation, count: number): Prediction => {
  const caret = Timeline.pictureAfter(state.timeline, count).screen?.caret
  return {
    ...rebase(withinEpoch(state, count), { ...seen, caret }, count),
    cursorAwaySince: state.cursorAwaySince ?? seen.now
  }
}

/** A frame that shows keys, but confirms nothing: what is trusted in this epoch is not in that after the first `count` keys. */
const withinEpoch = (state: Prediction, count: number): Prediction => {
  const { timeline, trust } = state
  if (Timeline.pictureAfter(timeline, count).nextEpoch === 0) return state
  const entered = timeline.entries.slice(0, count).some(({ key }) => Key.isEnter(key))
  const maybePassword = trust.maybePassword || entered
  return { ...state, trust: { ...UNTRUSTED, maybePassword, unechoed: trust.unechoed } }
}

const contradicted = (before: Prediction, seen: Observation.Observation, count: number): Prediction => {
  const state = countWrong(before, count)
  return Timeline.lastOf(state.timeline, count).key._tag === "Character"
    ? EchoInference.echoedElsewhere(state, seen, count)
    : CommandInference.contradicted(state, seen, count)
}

/** The acknowledged keys had no effect for so long that they are assumed to have none. */
export const giveUp = (before: Prediction, now: Millis): Prediction => {
  const seen = Observation.of(before, before.frame, now)
  const state = EchoInference.unechoed(countWrong(before, seen.acknowledged))
  return Epoch.begin(state, seen, seen.acknowledged, "nothing")
}

/** Counts the oldest keys as wrong, as far as the user saw their predictions. */
const countWrong = (state: Prediction, count: number): Prediction => {
  const wrong = state.timeline.entries.slice(0, count).filter(({ shown }) => shown).length
  return wrong === 0 ? state : { ...state, counters: { ...state.counters, wrong: state.counters.wrong + wrong } }
}
