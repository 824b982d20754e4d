/**
 * The bytes that bring a receiver's modes from one state to another, or from an unknown one (`undefined`).
 */
import * as KeyboardModes from "../keyboard/KeyboardModes.ts"
import type * as Modes from "../terminal/Modes.ts"
import * as MouseRequests from "../terminal/MouseRequests.ts"
import type { Capabilities } from "./Capabilities.ts"

const ALL_MOUSE = "\x1b[?1003l\x1b[?1002l\x1b[?1001l\x1b[?1000l\x1b[?9l"
const ALL_ENCODINGS = "\x1b[?1015l\x1b[?1006l\x1b[?1005l"

const mode = (number: number, on: boolean): string => `\x1b[?${number}${on ? "h" : "l"}`

/** DECSCNM is sent before anything is drawn, so that the screen flashes only once. */
export const reverseVideo = (from: Modes.Modes | undefined, to: Modes.Modes): string =>
  from?.reverseVideo === to.reverseVideo ? "" : mode(5, to.reverseVideo)

/** All other modes. */
export const modes = (from: Modes.Modes | undefined, to: Modes.Modes, capabilities: Capabilities): string => {
  if (from === to) return ""
  let out = ""
  if (from?.bracketedPaste !== to.bracketedPaste) out += mode(2004, to.bracketedPaste)
  out += mouse(from?.mouse, to.mouse, ALL_MOUSE, capabilities)
  if (from?.focus !== to.focus) out += mode(1004, to.focus)
  out += mouse(
    from === undefined ? undefined : encoding(from, capabilities),
    encoding(to, capabilities),
    ALL_ENCODINGS,
    capabilities
  )
  // The terminal's own default may be on, so it is changed only if a program requested a change.
  if (capabilities.modernModes && (from?.alternateScroll ?? false) !== to.alternateScroll) {
    out += mode(1007, to.alternateScroll)
  }
  if (capabilities.keyboard && from?.keyboard !== to.keyboard)
    out += KeyboardModes.sequences(from?.keyboard, to.keyboard)
  return out
}

/**
 * The encoding requests for this receiver. If it does not know 1016, and nothing else was requested, 1006 is sent
 * instead, which has the same syntax.
 */
const encoding = (modes: Modes.Modes, capabilities: Capabilities): MouseRequests.MouseRequests => {
  const requests = modes.mouseEncoding
  if (capabilities.modernModes) return requests
  const known = MouseRequests.without(requests, 1016)
  return known.length === 0 && requests.length > 0 ? [1006] : known
}

/** Repeats a program's requests at the receiver. A stock client only keeps the last, so it is sent no other. */
const mouse = (
  from: MouseRequests.MouseRequests | undefined,
  to: MouseRequests.MouseRequests,
  reset: string,
  capabilities: Capabilities
): string => {
  if (!capabilities.mouseRequests) {
    return exclusive(from === undefined ? undefined : MouseRequests.last(from), MouseRequests.last(to), reset)
  }
  if (from !== undefined && MouseRequests.startsWith(to, from)) return requests(to.slice(from.length))
  const off = from === undefined ? reset : MouseRequests.on(from).map((number) => mode(number, false))
  return (typeof off === "string" ? off : off.join("")) + requests(to)
}

const requests = (list: MouseRequests.MouseRequests): string =>
  list.map((request) => mode(Math.abs(request), request > 0)).join("")

/** One of several modes that exclude each other; 0 is none of them. */
const exclusive = (from: number | undefined, to: number, reset: string): string => {
  if (from === to) return ""
  const off = from === undefined ? reset : from === 0 ? "" : mode(from, false)
  return to === 0 ? off : off + mode(to, true)
}
