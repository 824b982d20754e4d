/**
 * Rows, pictures and observations made from text, for tests of the parts of prediction.
 */
import * as FramePatch from "../../../src/domain/display/FramePatch.ts"
import * as Caret from "../../../src/domain/prediction/Caret.ts"
import type * as Line from "../../../src/domain/prediction/program/Line.ts"
import type * as Observation from "../../../src/domain/prediction/Observation.ts"
import * as Picture from "../../../src/domain/prediction/Picture.ts"
import type * as PredictedScreen from "../../../src/domain/prediction/PredictedScreen.ts"
import * as Frame from "../../../src/domain/terminal/Frame.ts"

const SIZE: Frame.Size = { columns: 12, rows: 4 }

/** A frame of 12 × 4 cells that shows what is printed, with the cursor after it. */
export const frameOf = (text: string): Frame.Frame => FramePatch.patch(Frame.blank(SIZE), text)

export const observe = (text: string): Observation.WithCaret => {
  const frame = frameOf(text)
  const caret = Caret.of(frame, 0)
  if (caret === undefined) throw new Error("The frame has no caret.")
  return { frame, caret, acknowledged: 0, now: 0 }
}

export const screenOf = (text: string): PredictedScreen.PredictedScreen => {
  const { caret, frame } = observe(text)
  return { rows: frame.rows, caret }
}

export const pictureOf = (text: string): Picture.Picture => {
  const { caret, frame } = observe(text)
  return Picture.ofFrame(frame, caret, Picture.UNKNOWN_BOUNDS)
}

/** The line that the cursor is in. */
export const lineOf = (text: string, bounds: Partial<Line.Bounds> = {}): Line.Line =>
  Picture.lineOf(screenOf(text), { ...Picture.UNKNOWN_BOUNDS, ...bounds })
