/**
 * A frame of the server, as the prediction looks at it: with its caret, and how many keys it acknowledges.
 */
import type { Millis } from "../Machine.ts"
import type { Frame } from "../terminal/Frame.ts"
import type * as Row from "../terminal/Row.ts"
import * as Caret from "./Caret.ts"
import type { Prediction } from "./State.ts"
import * as Timeline from "./Timeline.ts"

export interface Observation {
  readonly frame: Frame
  /** `undefined` if the frame has none, or several that may be it. */
  readonly caret: Caret.Caret | undefined
  /** How many of the oldest keys should have an effect in the frame. */
  readonly acknowledged: number
  readonly now: Millis
}

/** An observation of a frame that has a caret. */
export interface WithCaret extends Observation {
  readonly caret: Caret.Caret
}

/** Observes a frame. Of several carets, the one in the row that is edited is meant. */
export const of = ({ echoed, timeline }: Prediction, frame: Frame, now: Millis): Observation => ({
  frame,
  caret: Caret.of(frame, timeline.start.screen?.caret.row ?? 0),
  acknowledged: Timeline.acknowledged(timeline, echoed),
  now
})

/** The observation with the caret that is meant if the line that was edited is given up: of several, that in the cursor's row. */
export const anew = (seen: Observation, { cursor }: Frame): Observation => ({
  ...seen,
  caret: Caret.of(seen.frame, cursor.row)
})

export const hasCaret = (seen: Observation): seen is WithCaret => seen.caret !== undefined

/** The row that the caret is in. */
export const row = ({ caret, frame }: WithCaret): Row.Row => frame.rows[caret.row] as Row.Row
