/**
 * Computes what to write to a terminal so that it shows the next frame, given what it shows now.
 *
 * A service with a default implementation, `FrameDiff`, so no program has to provide it. Provide another one to draw
 * differently.
 */
import * as Context from "effect/Context"
import type { Capabilities } from "../../domain/display/Capabilities.ts"
import * as FrameDiff from "../../domain/display/FrameDiff.ts"
import type { Frame } from "../../domain/terminal/Frame.ts"

/** The output for one terminal. It remembers which frame the terminal shows. */
export interface FrameDiffer {
  /**
   * The text to write so that the terminal shows `frame`: the difference from the last frame, or the whole picture if
   * the terminal's content is unknown.
   */
  readonly next: (frame: Frame) => string
  /** Marks the terminal's content as unknown, so that the next frame is drawn completely. */
  readonly invalidate: () => void
}

/** Creates the output for a terminal with these capabilities, whose content is unknown. */
const make = (capabilities: Capabilities): FrameDiffer => {
  let shown: Frame | undefined
  return {
    next: (frame) => {
      const text =
        shown === undefined ? FrameDiff.repaint(frame, capabilities) : FrameDiff.diff(shown, frame, capabilities)
      shown = frame
      return text
    },
    invalidate: () => {
      shown = undefined
    }
  }
}

/** The service, with its default. */
export const FrameDiffer: Context.Reference<{ readonly make: typeof make }> = Context.Reference(
  "effect-mosh/services/FrameDiffer",
  { defaultValue: () => ({ make }) }
)
