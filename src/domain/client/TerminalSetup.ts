/**
 * What is written to a person's terminal when it is taken over, and before it is given back (spec 10.2).
 */
import * as Modes from "../terminal/Modes.ts"
import type { Frame } from "../terminal/Frame.ts"
import * as Rendition from "../terminal/Rendition.ts"

const CSI = "\x1b["

/** Takes the alternate screen, where it is wanted, and asks for application cursor keys, which a server expects. */
export const opening = (alternateScreen: boolean): string => `${alternateScreen ? `${CSI}?1049h` : ""}${CSI}?1h`

/** Undoes that, and whatever mosh's frames may have set, even if what the terminal shows is unknown. */
export const closing = (alternateScreen: boolean): string =>
  `${CSI}?1l${CSI}0m${CSI}?25h` +
  `${CSI}?1003l${CSI}?1002l${CSI}?1001l${CSI}?1000l${CSI}?1015l${CSI}?1006l${CSI}?1005l` +
  `${CSI}?2004l${CSI}?1004l${alternateScreen ? `${CSI}?1049l` : ""}`

/**
 * The last picture to draw: the frame with nothing set that would outlive the session. Drawing it resets exactly what
 * was set, so a terminal hears of nothing it may not know.
 */
export const neutral = (frame: Frame): Frame => ({
  ...frame,
  modes: Modes.DEFAULT,
  pen: Rendition.DEFAULT,
  cursor: { ...frame.cursor, visible: true, shape: 0 }
})
