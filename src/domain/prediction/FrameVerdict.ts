/**
 * What a frame of the server says about the typed keys: the first of two steps in which frames are processed.
 *
 * `classify` changes nothing; `Reconciliation` applies the verdict.
 */
import * as Frame from "../terminal/Frame.ts"
import * as CommandInference from "./program/CommandInference.ts"
import * as EchoInference from "./program/EchoInference.ts"
import * as EnterInference from "./program/EnterInference.ts"
import * as FrameMatch from "./FrameMatch.ts"
import * as Key from "./Key.ts"
import * as Observation from "./Observation.ts"
import type { ProgramModel } from "./program/ProgramModel.ts"
import * as ScreenChange from "./ScreenChange.ts"
import type { Prediction } from "./State.ts"
import * as Timeline from "./Timeline.ts"
import { CURSOR_AWAY, MAX_OVERDUE } from "./Tuning.ts"
import * as WrapInference from "./program/WrapInference.ts"

/** `count` is always the number of the oldest keys that the verdict is about. */
export type FrameVerdict =
  /** The frame has another size. */
  | { readonly _tag: "Resized" }
  /** It shows the picture after `count` keys of a timeline: the present one, or one corrected by what the frame teaches. */
  | (FrameMatch.Match & {
      readonly _tag: "Shows"
      readonly timeline: Timeline.Timeline
      readonly program: ProgramModel
    })
  | Surprise

/** A frame that shows no picture as it should be. */
export type Surprise = (
  | { readonly _tag: "CursorAway"; readonly count: number }
  /** It shows an older picture than it acknowledges: the program has not answered yet. */
  | { readonly _tag: "Overdue"; readonly count: number }
  /** It shows the keys in two ways: a command that goes left may have gone into what is the prompt, or not. */
  | { readonly _tag: "Ambiguous"; readonly count: number }
  /** It shows what the last of the keys, a command of unknown effect, did. */
  | { readonly _tag: "Revealed"; readonly count: number }
  /** It shows that the last of the keys, Enter, was pressed. */
  | { readonly _tag: "Entered"; readonly count: number }
  /** It shows the keys, all characters, in the row below the line. */
  | { readonly _tag: "EchoedBelow"; readonly count: number }
  /** It shows that the acknowledged keys did something else than predicted. */
  | { readonly _tag: "Contradicted"; readonly count: number }
  /** It acknowledges no key, shows none, and the timeline is not trusted. */
  | { readonly _tag: "Unrelated" }
  /** It acknowledges no key and shows none. The trusted timeline is kept, and hidden. */
  | { readonly _tag: "Desynced" }
) & {
  /** Whether another program may have taken over the screen. */
  readonly screenReplaced: boolean
}

export const classify = (state: Prediction, seen: Observation.Observation): FrameVerdict => {
  if (!Frame.sizeEquals(state.frame.size, seen.frame.size)) return { _tag: "Resized" }
  return shows(state, seen) ?? surprise(state, seen)
}

const shows = (state: Prediction, seen: Observation.Observation): FrameVerdict | undefined => {
  const { acknowledged } = seen
  const { program, timeline } = state
  // Its caret is where it was before the character: the search below would take the frame for an older one.
  const late = Observation.hasCaret(seen) ? WrapInference.inferLateWrap(state, seen) : undefined
  if (late !== undefined) return { _tag: "Shows", ...late }

  const found = FrameMatch.find(timeline, acknowledged, seen)
  const atHome = showsAtHome(state, seen)
  if (found !== undefined && atHome !== undefined && found.count >= atHome.from)
    return { _tag: "Ambiguous", count: acknowledged, screenReplaced: false }
  if (found?.count === 0 && EnterInference.movedDown(state, seen))
    return { _tag: "Entered", count: 1, screenReplaced: false }
  if (found !== undefined) return { _tag: "Shows", ...found, timeline, program }

  if (atHome !== undefined) return atHome.verdict

  const skipped = CommandInference.withoutNext(state)
  const skip = skipped && FrameMatch.find(skipped, Math.max(0, acknowledged - 1), seen)
  if (skipped !== undefined && skip !== undefined && (skip.count > 0 || acknowledged > 0))
    return { _tag: "Shows", ...skip, timeline: skipped, program }

  const wrapped = Observation.hasCaret(seen) ? WrapInference.infer(state, seen) : undefined
  const wrap = wrapped && FrameMatch.find(wrapped.timeline, Math.max(1, acknowledged), seen)
  return wrapped && wrap && { _tag: "Shows", ...wrap, ...wrapped }
}

/** As `shows`, if commands that go left have no effect where the text after the prompt begins. */
const showsAtHome = (
  state: Prediction,
  seen: Observation.Observation
): { readonly verdict: FrameVerdict; readonly from: number } | undefined => {
  const staying = CommandInference.stayingAtHome(state)
  if (staying === undefined) return undefined
  const { from, program, timeline } = staying
  const found = FrameMatch.find(timeline, Math.max(from, seen.acknowledged), seen)
  return found && { verdict: { _tag: "Shows", ...found, program, timeline }, from }
}

const surprise = (state: Prediction, seen: Observation.Observation): Surprise => {
  const { acknowledged } = seen
  const { timeline } = state
  const still = lineInPlace(state, seen)
  const screenReplaced = still === undefined && Observation.hasCaret(seen) && ScreenChange.isReplaced(state.frame, seen)

  // The screen changed and the next key's effect is unknown, so attribute the change to it.
  const isNextUnknown = timeline.start.screen !== undefined && timeline.entries[0]?.picture.screen === undefined
  if (acknowledged === 0 && timeline.entries.length > 0 && isNextUnknown)
    return { _tag: "Revealed", count: 1, screenReplaced }

  const below = EchoInference.belowLine(state, seen)
  if (below > 0) return { _tag: "EchoedBelow", count: below, screenReplaced }

  if (still?.count === 0 && EnterInference.leftLine(state, seen)) return { _tag: "Entered", count: 1, screenReplaced }
  if (still !== undefined) return { _tag: "CursorAway", count: still.count, screenReplaced }
  if (acknowledged === 0) return unacknowledged(state, seen, screenReplaced)
  if (Timeline.pictureAfter(timeline, acknowledged).screen === undefined)
    return { _tag: "Revealed", count: acknowledged, screenReplaced }

  const overdue = overdueMatch(state, seen)
  if (overdue !== undefined) return { _tag: "Overdue", count: overdue.count, screenReplaced }
  const isEntered = Observation.hasCaret(seen) && Key.isEnter(Timeline.lastOf(timeline, acknowledged).key)
  return { _tag: isEntered ? "Entered" : "Contradicted", count: acknowledged, screenReplaced }
}

/** The picture whose line is in place while the cursor is elsewhere; `undefined` once that has lasted too long. */
const lineInPlace = (
  { cursorAwaySince, timeline, unconfirmedKeys }: Prediction,
  seen: Observation.Observation
): FrameMatch.Match | undefined => {
  if (cursorAwaySince !== undefined && seen.now >= cursorAwaySince + CURSOR_AWAY) return undefined
  // Keys that may have been in the frame before have moved the cursor in its row: it is not away.
  if (unconfirmedKeys > 0 && Observation.hasCaret(seen) && seen.caret.row === timeline.start.screen?.caret.row)
    return undefined
  const [first] = FrameMatch.all(timeline, seen.acknowledged, (picture, start) =>
    FrameMatch.stillShows(seen, picture, start)
  )
  return first
}

/** A frame that no key explains and that acknowledges none. */
const unacknowledged = (
  { timeline, trust }: Prediction,
  seen: Observation.Observation,
  screenReplaced: boolean
): Surprise => {
  const [next] = timeline.entries
  if (next === undefined) return { _tag: "Unrelated", screenReplaced }
  if (Key.isEnter(next.key) && timeline.start.screen !== undefined && Observation.hasCaret(seen))
    return { _tag: "Entered", count: 1, screenReplaced }
  return { _tag: trust.echo || trust.motion ? "Desynced" : "Unrelated", screenReplaced }
}

/** The picture, older than acknowledged, that a frame shows; `undefined` once the program had long enough to answer. */
const overdueMatch = (
  { overdueSince, timeline }: Prediction,
  seen: Observation.Observation
): FrameMatch.Match | undefined => {
  // After Enter the screen may well look as before: a prompt on an empty line.
  const isEntered = timeline.entries.slice(0, seen.acknowledged).some(({ key }) => Key.isEnter(key))
  if (isEntered || (overdueSince !== undefined && seen.now >= overdueSince + MAX_OVERDUE)) return undefined
  return FrameMatch.find(timeline, 0, seen)
}
