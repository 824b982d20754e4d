/**
 * Draws successive frames on one terminal: it knows what the terminal shows, and says what to write for the next frame.
 *
 * A service with a default, so nobody needs to provide it; whoever provides another draws in another way.
 */
import * as Context from "effect/Context"
import type { Capabilities } from "../../domain/display/Capabilities.ts"
import * as FrameDiff from "../../domain/display/FrameDiff.ts"
import type { Frame } from "../../domain/terminal/Frame.ts"

export interface FrameDiffer {
  /** What to write so that the terminal shows `frame`; the whole picture when what it shows is unknown. */
  readonly next: (frame: Frame) => string
  /** From now on it is unknown what the terminal shows. */
  readonly invalidate: () => void
}

/** For a terminal of which nothing is known but what it can do. */
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

export const FrameDiffer: Context.Reference<{ readonly make: typeof make }> = Context.Reference(
  "effect-mosh/services/FrameDiffer",
  { defaultValue: () => ({ make }) }
)
