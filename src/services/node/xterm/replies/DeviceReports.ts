/**
 * Reports about devices and settings that our terminal has always in the same state, or that only we know. They are those of xterm as
 * a VT220, which our device attributes name:
 *
 * | query                      | reply                                                               |
 * | -------------------------- | ------------------------------------------------------------------- |
 * | `CSI ? 5 n`                | the terminal is ready                                               |
 * | `CSI ? 15 n`               | there is no printer                                                 |
 * | `CSI ? 25 n`               | keys cannot be defined                                              |
 * | `CSI ? 26 n`               | the keyboard is North American                                      |
 * | `CSI ? 53 n`, `CSI ? 55 n` | there is no locator                                                 |
 * | `CSI ? 56 n`               | so it has no type                                                   |
 * | `CSI ? 62 n`               | there is no room for macros                                         |
 * | `CSI ? 63 ; id n`          | so their checksum is 0                                              |
 * | `CSI ? 75 n`               | all data is intact                                                  |
 * | `CSI ? 85 n`               | there are no sessions                                               |
 * | `CSI 2 $ w`                | the columns of the tab stops (DECTABSR)                             |
 * | DECRQSS `t`, `$\|`, `*\|` | the lines and columns of the screen                                 |
 */
import type { Core } from "../Internals.ts"

const REPORTS: ReadonlyMap<number, string> = new Map([
  [5, "\x1b[?0n"],
  [15, "\x1b[?13n"],
  [25, "\x1b[?21n"],
  [26, "\x1b[?27;1n"],
  [53, "\x1b[?50n"],
  [55, "\x1b[?50n"],
  [56, "\x1b[?57;0n"],
  [62, "\x1b[0*{"],
  [75, "\x1b[?70n"],
  [85, "\x1b[?83n"]
])

const MACROS = 63
const TAB_STOPS = 2

export const install = (core: Core): void => {
  const handler = core._inputHandler
  const reply = (text: string) => {
    core.coreService.triggerDataEvent(text)
    return true
  }

  const deviceStatusPrivate = handler.deviceStatusPrivate.bind(handler)
  handler.deviceStatusPrivate = (params) => {
    const [what = 0, id = 0] = params.params
    if (what === MACROS) return reply(`\x1bP${params.length > 1 ? id : 0}!~0000\x1b\\`)
    const report = REPORTS.get(what)
    return report === undefined ? deviceStatusPrivate(params) : reply(report)
  }

  handler._parser.registerCsiHandler({ intermediates: "$", final: "w" }, (params) => {
    if (params.params[0] !== TAB_STOPS) return true
    const stops: Array<number> = []
    for (let column = 0; column < core.cols; column++)
      if (handler._activeBuffer.tabs[column] === true) stops.push(column + 1)
    return reply(`\x1bP2$u${stops.join("/")}\x1b\\`)
  })

  const requestStatusString = handler.requestStatusString.bind(handler)
  handler.requestStatusString = (request, params) => {
    if (request === "t") return reply(`\x1bP1$r${core.rows}t\x1b\\`)
    if (request === "$|") return reply(`\x1bP1$r${core.cols}$|\x1b\\`)
    if (request === "*|") return reply(`\x1bP1$r${core.rows}*|\x1b\\`)
    return requestStatusString(request, params)
  }
}
