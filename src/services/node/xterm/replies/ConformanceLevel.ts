/**
 * The conformance level (DECSCL, `CSI 61 " p` to `CSI 64 " p`). As in xterm, selecting one is a soft reset, and DECRQSS reports
 * it, also after a full reset. Unlike in xterm, no level withdraws what a higher one has, and replies have 7-bit controls in any.
 */
import type { Core } from "../Internals.ts"

const FIRST = 61
/** That of a VT420, whose margins and rectangles programs can use: the initial one. */
const LAST = 64

export const install = (core: Core): void => {
  const handler = core._inputHandler
  let level = LAST
  handler._parser.registerCsiHandler({ intermediates: '"', final: "p" }, (params) => {
    const selected = params.params[0] as number
    if (selected < FIRST || selected > LAST) return true
    level = selected
    return handler.softReset(params)
  })
  const requestStatusString = handler.requestStatusString.bind(handler)
  handler.requestStatusString = (request, params) => {
    if (request !== '"p') return requestStatusString(request, params)
    core.coreService.triggerDataEvent(`\x1bP1$r${level};1"p\x1b\\`)
    return true
  }
}
