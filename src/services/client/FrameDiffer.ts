/**
 * Computes what to write to a terminal so that it shows the next frame, given what it shows now.
 *
 * A service with a default implementation, `FrameDiff`, so no program has to provide it. Provide another one to draw
 * differently.
 */
import * as Context from "effect/Context"
import type { Capabilities } from "../../domain/display/Capabilities.ts"
import * as FrameDiff from "../../domain/display/FrameDiff.ts"
import { type Frame, withEventsOf } from "../../domain/terminal/Frame.ts"

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

/**
 * Creates the output for a terminal with these capabilities, whose content is unknown. The events of the first frame are not
 * shown: they are older than the terminal.
 */
const make = (capabilities: Capabilities): FrameDiffer => {
  let shown: Frame | undefined
  let isKnown = false
  const repaint = (frame: Frame): string => {
    const events = shown === undefined ? "" : FrameDiff.diff(withEventsOf(frame, shown), frame, capabilities)
    return FrameDiff.repaint(frame, capabilities) + events
  }
  return {
    next: (frame) => {
      const text = shown !== undefined && isKnown ? FrameDiff.diff(shown, frame, capabilities) : repaint(frame)
      shown = frame
      isKnown = true
      return text
    },
    invalidate: () => {
      isKnown = false
    }
  }
}

/** The service, with its default. */
export const FrameDiffer: Context.Reference<{ readonly make: typeof make }> = Context.Reference(
  "effect-mosh/services/FrameDiffer",
  { defaultValue: () => ({ make }) }
)
