/**
 * What is written to a person's terminal when it is taken over, and before it is given back (spec 10.2).
 */
import type { AlternateScreen } from "../environment/Terminfo.ts"
import * as Modes from "../terminal/Modes.ts"
import type { Frame } from "../terminal/Frame.ts"
import * as Rendition from "../terminal/Rendition.ts"
import * as Row from "../terminal/Row.ts"

const CSI = "\x1b["

/** Takes the alternate screen, where there is one, and asks for application cursor keys, which a server expects. */
export const opening = (screen: AlternateScreen | undefined): string => `${screen?.enter ?? ""}${CSI}?1h`

/** Undoes that, and whatever mosh's frames may have set, even if what the terminal shows is unknown. */
export const closing = (screen: AlternateScreen | undefined): string =>
  `${CSI}?1l${CSI}0m${CSI}?25h` +
  `${CSI}?1003l${CSI}?1002l${CSI}?1001l${CSI}?1000l${CSI}?1015l${CSI}?1006l${CSI}?1005l` +
  `${CSI}?2004l${CSI}?1004l${screen?.leave ?? ""}`

/** Goes below a last picture that stays, where there is no alternate screen to leave: what comes next is not to mix with it. */
export const below = ({ cursor, rows }: Frame): string => {
  const last = Math.max(cursor.row, rows.findLastIndex(isWritten))
  const free = last > rows.findLastIndex(isWritten) && cursor.column === 0
  return `${CSI}${last + 1};1H${free ? "" : "\r\n"}`
}

const isWritten = (row: Row.Row): boolean => {
  for (let column = 0; column < Row.columns(row); column++) if (!Row.isBlank(row, column)) return true
  return false
}

/** How mosh draws what is its own: in colours, in reverse video where there are none, or as it stands. */
export type Style = "colored" | "reverse" | "plain"

/** `colors`: how many the terminal has. `NO_COLOR` set, and not empty, asks for none. */
export const styleOf = (facts: {
  readonly full: boolean
  readonly colors: number
  readonly noColor: string | undefined
}): Style => (!facts.full ? "plain" : facts.colors < 8 || (facts.noColor ?? "") !== "" ? "reverse" : "colored")

/** What a person sees while the session is suspended. */
export const suspended = (style: Style): string => {
  const words = "[mosh is suspended.]"
  if (style === "plain") return `${words}\r\n`
  return `${style === "colored" ? `${CSI}37;44m` : `${CSI}7m`}${words}${CSI}0m\r\n`
}

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
