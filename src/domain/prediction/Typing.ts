/**
 * Takes in what the user types: decodes it into keys and adds them to the timeline. Pastes are not predicted.
 */
import type { Millis } from "../Machine.ts"
import type { Row } from "../terminal/Row.ts"
import * as Epoch from "./trust/Epoch.ts"
import * as Key from "./Key.ts"
import * as Observation from "./Observation.ts"
import * as PredictedScreen from "./PredictedScreen.ts"
import type { Prediction } from "./State.ts"
import * as Timeline from "./Timeline.ts"
import { CURSOR_AWAY, MAX_KEYS, MAX_READ_BYTES } from "./Tuning.ts"

/** Takes in the bytes of one read, which the local state after number `sent` will carry. */
export const type = (before: Prediction, bytes: Uint8Array, sent: bigint, now: Millis): Prediction => {
  const stateNumber = sent + 1n
  if (bytes.length > MAX_READ_BYTES) return { ...Epoch.beginUnknown(before, stateNumber, now), unfinished: undefined }
  const [keys, unfinished] = Key.decode(before.unfinished, bytes)
  if (keys.length === 0) return { ...before, unfinished }
  if (before.timeline.entries.length + keys.length > MAX_KEYS)
    return { ...Epoch.beginUnknown(before, stateNumber, now), unfinished }
  const state = atCursor(before, now)
  const typed = keys.map((key) => ({ key, stateNumber, typedAt: now, shown: false }))
  const entered = keys.some(Key.isEnter)
  const inSecret = state.inSecret && !entered
  const isAhead = entered || state.timeline.entries.some(({ key }) => Key.isEnter(key))
  return {
    ...state,
    timeline: Timeline.append(state.timeline, typed, state.program),
    unfinished,
    inSecret,
    aheadUpTo: isAhead ? stateNumber : state.aheadUpTo,
    enteredLine: entered ? promptLine(state) : state.enteredLine
  }
}

/** The row that is edited, if it is that of the shell's prompt. In editors, a row that is blank follows often. */
const promptLine = ({ report, timeline }: Prediction): Row | undefined => {
  const { screen } = Timeline.pictureAfter(timeline, timeline.entries.length)
  return report?.echo !== "LineEditor" || screen === undefined ? undefined : PredictedScreen.row(screen)
}

/** Where no key is outstanding and the cursor has been away from the line for long: begins at the cursor. */
const atCursor = (state: Prediction, now: Millis): Prediction => {
  const { cursorAwaySince, timeline } = state
  const isAway = cursorAwaySince !== undefined && now >= cursorAwaySince + CURSOR_AWAY
  if (!isAway || timeline.entries.length > 0) return state
  return Epoch.begin(state, Observation.of(state, state.frame, now), 0, "nothing")
}
