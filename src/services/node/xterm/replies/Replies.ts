/**
 * Replies to programs' queries. Queries that stock mosh answers get stock's replies (spec 9.1). xterm's own reports of
 * modes, settings and the size in cells are added, and those of the modes that it does not keep. `TerminalQueries` replies to
 * queries that only the client's terminal could answer.
 */
import * as Sgr from "../../../../domain/display/Sgr.ts"
import type { Modes } from "../../../../domain/terminal/Modes.ts"
import type { Rendition } from "../../../../domain/terminal/Rendition.ts"
import type { ScreenArea } from "../../../../domain/terminal/ScreenArea.ts"
import type { Core, Params } from "../Internals.ts"

const PRIMARY_ATTRIBUTES = "\x1b[?62c"
/** Those of a terminal that shows sixel graphics. */
const PRIMARY_ATTRIBUTES_WITH_SIXEL = "\x1b[?62;4c"
const SECONDARY_ATTRIBUTES = "\x1b[>1;10;0c"
const TERTIARY_ATTRIBUTES = "\x1bP!|00000000\x1b\\"

const CURSOR_POSITION = 6

/** The values of a mode in DECRPM. */
const SET = 1
const RESET = 2
const PERMANENTLY_RESET = 4

/** ANSI modes of terminals that edit locally, send blocks or transfer areas. xterm names them as known and never set. */
const NEVER_SET: ReadonlySet<number> = new Set([1, 5, 7, 10, 11, 13, 14, 15, 16, 17, 18, 19])

/** The current settings that xterm does not report, or not as they are. */
export interface Settings {
  readonly modes: () => Modes
  /** Whether a mode that only the emulator knows is set; `undefined` for others. */
  readonly isSet: (mode: number) => boolean | undefined
  readonly cursorShape: () => number
  readonly pen: () => Rendition
  /** The cells that sequences can name. */
  readonly addressable: () => ScreenArea
  /** Whether the client's terminal, as far as it is known now, shows images. */
  readonly showsImages: () => boolean
}

export const install = (core: Core, settings: Settings): void => {
  const handler = core._inputHandler
  const reply = (text: string) => {
    core.coreService.triggerDataEvent(text)
    return true
  }
  const primaryAttributes = () => reply(settings.showsImages() ? PRIMARY_ATTRIBUTES_WITH_SIXEL : PRIMARY_ATTRIBUTES)
  handler.sendDeviceAttributesPrimary = primaryAttributes
  // DECID, the oldest form of the same query.
  handler._parser.registerEscHandler({ final: "Z" }, primaryAttributes)
  handler.sendDeviceAttributesSecondary = () => reply(SECONDARY_ATTRIBUTES)
  handler._parser.registerCsiHandler({ prefix: "=", final: "c" }, (params) =>
    params.params[0] === 0 ? reply(TERTIARY_ATTRIBUTES) : true
  )

  // While a wrap is pending, xterm would report a column beyond the last, and with origin mode another row.
  const positioned = (prefix: string, otherwise: (params: Params) => boolean) => (params: Params) => {
    if (params.params[0] !== CURSOR_POSITION) return otherwise(params)
    const { x, y } = handler._activeBuffer
    const { left, top } = settings.addressable()
    return reply(`\x1b[${prefix}${y - top + 1};${Math.min(x, core.cols - 1) - left + 1}R`)
  }
  handler.deviceStatus = positioned("", handler.deviceStatus.bind(handler))
  handler.deviceStatusPrivate = positioned("?", handler.deviceStatusPrivate.bind(handler))

  const requestMode = handler.requestMode.bind(handler)
  handler.requestMode = (params, ansi) => {
    const mode = params.params[0] as number
    if (ansi && NEVER_SET.has(mode)) return reply(`\x1b[${mode};${PERMANENTLY_RESET}$y`)
    const isOn = ansi ? undefined : (isTracked(settings.modes(), mode) ?? settings.isSet(mode))
    return isOn === undefined ? requestMode(params, ansi) : reply(`\x1b[?${mode};${isOn ? SET : RESET}$y`)
  }

  const requestStatusString = handler.requestStatusString.bind(handler)
  handler.requestStatusString = (request, params) => {
    if (request === " q") return reply(`\x1bP1$r${settings.cursorShape()} q\x1b\\`)
    if (request === "m") return reply(`\x1bP1$r${rendition(settings.pen())}m\x1b\\`)
    return requestStatusString(request, params)
  }
}

/** Whether a mode of the client's terminal that xterm does not keep is set; `undefined` for others. */
const isTracked = (
  { alternateScroll, mouse, mouseEncoding, reverseVideo }: Modes,
  mode: number
): boolean | undefined => {
  switch (mode) {
    case 5:
      return reverseVideo
    case 1001:
      return mouse.includes(mode) && !mouse.includes(-mode)
    case 1005:
    case 1015:
      return mouseEncoding.includes(mode) && !mouseEncoding.includes(-mode)
    case 1007:
      return alternateScroll
    default:
      return undefined
  }
}

/** The parameters of SGR that give a pen from any other. */
const rendition = ({ background, foreground, underline }: Rendition): string => {
  const sequence = Sgr.encode(0, 0, 0, foreground, background, underline, 16)
  return sequence === ""
    ? "0"
    : `0;${sequence.slice("\x1b[".length, -1)}`.replace(/^0;0(;|$)/, "0$1").replace(/;+$/, "")
}
