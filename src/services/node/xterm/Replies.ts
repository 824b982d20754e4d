/**
 * The answers to what programs ask. Those of stock mosh are given as stock gives them (spec 9.1); beyond them, xterm's
 * own reports of modes and settings, and the size in cells. What the person's terminal alone could answer (colours,
 * its name, its capabilities) gets none: programs that ask ask for the device attributes next, and stop waiting at those.
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

  // xterm reports a column beyond the last while a wrap is pending.
  const positioned = (prefix: string, otherwise: (params: Params) => boolean) => (params: Params) => {
    if (params.params[0] !== CURSOR_POSITION) return otherwise(params)
    const { x, y } = handler._activeBuffer
    return reply(`\x1b[${prefix}${y + 1};${Math.min(x + 1, core.cols)}R`)
  }
  handler.deviceStatus = positioned("", handler.deviceStatus.bind(handler))
  handler.deviceStatusPrivate = positioned("?", handler.deviceStatusPrivate.bind(handler))
}
