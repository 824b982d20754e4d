/**
 * Replies to programs' queries. Queries that stock mosh answers get stock's replies (spec 9.1). xterm's own reports of
 * modes, settings and the size in cells are added. Queries that only the client's terminal could answer (colours, name,
 * capabilities) get no reply: programs query the device attributes next, and stop waiting when that reply arrives.
 */
import type { Core, Params } from "./Internals.ts"

const PRIMARY_ATTRIBUTES = "\x1b[?62c"
const SECONDARY_ATTRIBUTES = "\x1b[>1;10;0c"

const CURSOR_POSITION = 6

export const install = (core: Core): void => {
  const handler = core._inputHandler
  const reply = (text: string) => {
    core.coreService.triggerDataEvent(text)
    return true
  }
  handler.sendDeviceAttributesPrimary = () => reply(PRIMARY_ATTRIBUTES)
  handler.sendDeviceAttributesSecondary = () => reply(SECONDARY_ATTRIBUTES)

  // While a wrap is pending, xterm would report a column beyond the last.
  const positioned = (prefix: string, otherwise: (params: Params) => boolean) => (params: Params) => {
    if (params.params[0] !== CURSOR_POSITION) return otherwise(params)
    const { x, y } = handler._activeBuffer
    return reply(`\x1b[${prefix}${y + 1};${Math.min(x + 1, core.cols)}R`)
  }
  handler.deviceStatus = positioned("", handler.deviceStatus.bind(handler))
  handler.deviceStatusPrivate = positioned("?", handler.deviceStatusPrivate.bind(handler))
}
