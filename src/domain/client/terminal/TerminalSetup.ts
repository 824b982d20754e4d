/**
 * The text to write to the user's terminal when it is opened, and before it is restored (spec 10.2).
 */
import type { AlternateScreen } from "../../environment/Terminfo.ts"
import * as Modes from "../../terminal/Modes.ts"
import type { Frame } from "../../terminal/Frame.ts"
import * as Properties from "../../events/Properties.ts"
import * as Rendition from "../../terminal/Rendition.ts"
import * as Row from "../../terminal/Row.ts"

const CSI = "\x1b["

/**
 * Switches to the alternate screen, if the terminal has one, and enables application cursor keys, which a server
 * expects.
 */
export const opening = (screen: AlternateScreen | undefined): string => `${screen?.enter ?? ""}${CSI}?1h`

/** Undoes `opening` and every mode that a frame may have set, even if the terminal's content is unknown. */
export const closing = (screen: AlternateScreen | undefined): string =>
  `${CSI}?1l${CSI}0m${CSI}?25h` +
  `${CSI}?1003l${CSI}?1002l${CSI}?1001l${CSI}?1000l${CSI}?1015l${CSI}?1006l${CSI}?1005l` +
  `${CSI}?2004l${CSI}?1004l${screen?.leave ?? ""}`

/**
 * Moves the cursor below the last picture on a terminal without an alternate screen, so that later output does not
 * overwrite the picture.
 */
export const below = ({ cursor, rows }: Frame): string => {
  const last = Math.max(cursor.row, rows.findLastIndex(isWritten))
  const free = last > rows.findLastIndex(isWritten) && cursor.column === 0
  return `${CSI}${last + 1};1H${free ? "" : "\r\n"}`
}

const isWritten = (row: Row.Row): boolean => {
  for (let column = 0; column < Row.columns(row); column++) if (!Row.isBlank(row, column)) return true
  return false
}

/** How mosh draws its own texts: in colour, in reverse video, or without attributes. */
export type Style = "colored" | "reverse" | "plain"

/**
 * The style for a terminal. `full`: whether the terminal can draw frames; `colors`: its number of colours. A non-empty
 * `NO_COLOR` disables colours.
 */
export const styleOf = (facts: {
  readonly full: boolean
  readonly colors: number
  readonly noColor: string | undefined
}): Style => (!facts.full ? "plain" : facts.colors < 8 || (facts.noColor ?? "") !== "" ? "reverse" : "colored")

/** The text that the terminal shows while the session is suspended. */
export const suspended = (style: Style): string => {
  const words = "[mosh is suspended.]"
  if (style === "plain") return `${words}\r\n`
  return `${style === "colored" ? `${CSI}37;44m` : `${CSI}7m`}${words}${CSI}0m\r\n`
}

/**
 * The last frame to draw: the frame without any mode or attribute that would outlast the session. The difference to it
 * resets exactly what was set, so the terminal receives no sequence that it may not know.
 */
export const neutral = (frame: Frame): Frame => ({
  ...frame,
  modes: Modes.DEFAULT,
  properties: Properties.NONE,
  pen: Rendition.DEFAULT,
  cursor: { ...frame.cursor, visible: true, shape: 0 }
})
