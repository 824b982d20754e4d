/**
 * The screen as it should look after a key: an element of the timeline.
 */
import type { Frame } from "../terminal/Frame.ts"
import type * as Caret from "./Caret.ts"
import type * as Line from "./program/Line.ts"
import * as PredictedScreen from "./PredictedScreen.ts"

export interface Picture extends Line.Bounds {
  /** `undefined` if the effect of the key, or of one before it, is unknown until the server shows it. */
  readonly screen: PredictedScreen.PredictedScreen | undefined
  /** The epoch of the key, counted from that of the timeline's start. A key of uncertain effect begins another one. */
  readonly epoch: number
  /** The epoch of the key that follows. */
  readonly nextEpoch: number
}

/** The bounds of a line of which nothing is known. */
export const UNKNOWN_BOUNDS: Line.Bounds = { suggestion: undefined, home: undefined }

/** A picture of unknown contents. */
export const unknown = (epoch: number): Picture => ({
  screen: undefined,
  ...UNKNOWN_BOUNDS,
  epoch,
  nextEpoch: epoch
})

/** A frame of the server as the start of a timeline; of unknown contents if the frame has no caret. */
export const ofFrame = (frame: Frame, caret: Caret.Caret | undefined, { home, suggestion }: Line.Bounds): Picture =>
  caret === undefined ? unknown(0) : { screen: { rows: frame.rows, caret }, suggestion, home, epoch: 0, nextEpoch: 0 }

/** The line that the caret of a screen is in. */
export const lineOf = (
  screen: PredictedScreen.PredictedScreen,
  { home, suggestion }: Line.Bounds = UNKNOWN_BOUNDS
): Line.Line => ({
  cells: PredictedScreen.row(screen),
  column: screen.caret.column,
  home,
  suggestion
})
