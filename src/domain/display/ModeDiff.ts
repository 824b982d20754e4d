/**
 * The bytes that bring a receiver's modes from one state to another, or from an unknown one (`undefined`).
 */
import type * as Modes from "../terminal/Modes.ts"
import type { Capabilities } from "./Capabilities.ts"

const ALL_MOUSE = "\x1b[?1003l\x1b[?1002l\x1b[?1001l\x1b[?1000l\x1b[?9l"
const ALL_ENCODINGS = "\x1b[?1015l\x1b[?1006l\x1b[?1005l"

const mode = (number: number, on: boolean): string => `\x1b[?${number}${on ? "h" : "l"}`

/** DECSCNM goes before anything is drawn, so that a person's screen flashes once. */
export const reverseVideo = (from: Modes.Modes | undefined, to: Modes.Modes): string =>
  from?.reverseVideo === to.reverseVideo ? "" : mode(5, to.reverseVideo)

/** All other modes. */
export const modes = (from: Modes.Modes | undefined, to: Modes.Modes, capabilities: Capabilities): string => {
  if (from === to) return ""
  let out = ""
  if (from?.bracketedPaste !== to.bracketedPaste) out += mode(2004, to.bracketedPaste)
  if (from?.mouse !== to.mouse) out += exclusive(from?.mouse, to.mouse, ALL_MOUSE)
  if (from?.focus !== to.focus) out += mode(1004, to.focus)
  const before = from === undefined ? undefined : encoding(from, capabilities)
  const after = encoding(to, capabilities)
  if (before !== after) out += exclusive(before, after, ALL_ENCODINGS)
  // A terminal's own default may be on: it is only changed when a program asks.
  if (capabilities.modernModes && (from?.alternateScroll ?? false) !== to.alternateScroll) {
    out += mode(1007, to.alternateScroll)
  }
  return out
}

const encoding = (modes: Modes.Modes, capabilities: Capabilities): Modes.MouseEncoding =>
  modes.mouseEncoding === 1016 && !capabilities.modernModes ? 1006 : modes.mouseEncoding

/** One of several modes, of which setting one ends another, and 0 is none. */
const exclusive = (from: number | undefined, to: number, reset: string): string => {
  const off = from === undefined ? reset : from === 0 ? "" : mode(from, false)
  return to === 0 ? off : off + mode(to, true)
}
