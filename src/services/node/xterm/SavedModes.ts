/**
 * Saves and restores private modes, as xterm does (XTSAVE, `CSI ? … s`, and XTRESTORE, `CSI ? … r`).
 *
 * Each mode has one saved value. The modes of the mouse share one, as do those of its encodings and those of the alternate
 * screen. A mode that was never saved is restored as reset.
 */
import type { Modes } from "../../../domain/terminal/Modes.ts"
import * as MouseRequests from "../../../domain/terminal/MouseRequests.ts"
import type { Core, Params } from "./Internals.ts"

/** What xterm's own functions do not know. */
export interface Facts {
  readonly modes: () => Modes
  /** Whether a mode that only the emulator knows is set; `undefined` for others. */
  readonly isSet: (mode: number) => boolean | undefined
  readonly isAlternate: () => boolean
}

const MOUSE: ReadonlyArray<number> = [9, 1000, 1001, 1002, 1003]
const MOUSE_ENCODING: ReadonlyArray<number> = [1005, 1006, 1015, 1016]
const ALTERNATE: ReadonlyArray<number> = [47, 1047, 1049]
const CURSOR = 1048
const ORIGIN = 6

export const install = (core: Core, { isAlternate, isSet, modes }: Facts): void => {
  const handler = core._inputHandler
  const saved = new Map<number, number>()

  const set = (mode: number, on: boolean) => {
    const one: Params = { length: 1, params: Int32Array.of(mode), hasSubParams: () => false, getSubParams: () => null }
    if (on) handler.setModePrivate(one)
    else handler.resetModePrivate(one)
  }

  /** The value of a mode: of a shared one, the number of the mode that is set. 0 if it is reset, `undefined` if it is not saved. */
  const valueOf = (mode: number): number | undefined => {
    const { alternateScroll, bracketedPaste, focus, mouse, mouseEncoding, reverseVideo } = modes()
    const { applicationCursorKeys, applicationKeypad, origin, reverseWraparound, wraparound } =
      core.coreService.decPrivateModes
    switch (keyOf(mode)) {
      case 1:
        return Number(applicationCursorKeys)
      case 5:
        return Number(reverseVideo)
      case ORIGIN:
        return Number(origin)
      case 7:
        return Number(wraparound)
      case 25:
        return Number(!core.coreService.isCursorHidden)
      case 45:
        return Number(reverseWraparound)
      case 66:
        return Number(applicationKeypad)
      case 1004:
        return Number(focus)
      case 1007:
        return Number(alternateScroll)
      case 2004:
        return Number(bracketedPaste)
      case MOUSE[0]:
        return MouseRequests.last(mouse)
      case MOUSE_ENCODING[0]:
        return MouseRequests.last(mouseEncoding)
      case ALTERNATE[0]:
        return Number(isAlternate())
      default: {
        const value = isSet(mode)
        return value === undefined ? undefined : Number(value)
      }
    }
  }

  const save = (mode: number) => {
    if (mode === CURSOR) handler.saveCursor()
    const value = valueOf(mode)
    if (value !== undefined) saved.set(keyOf(mode), value)
  }
  const restore = (mode: number) => {
    if (mode === CURSOR) handler.restoreCursor()
    const value = valueOf(mode)
    const before = saved.get(keyOf(mode)) ?? 0
    // Origin mode moves the cursor even where it does not change.
    if (value === undefined || (value === before && mode !== ORIGIN)) return
    const isShared = MOUSE.includes(mode) || MOUSE_ENCODING.includes(mode)
    set(isShared ? before || value : mode, before !== 0)
  }

  const each = (change: (mode: number) => void) => (params: Params) => {
    for (let i = 0; i < params.length; i++) change(params.params[i] as number)
    return true
  }
  handler._parser.registerCsiHandler({ prefix: "?", final: "s" }, each(save))
  handler._parser.registerCsiHandler({ prefix: "?", final: "r" }, each(restore))

  const fullReset = handler.fullReset.bind(handler)
  handler.fullReset = () => {
    saved.clear()
    return fullReset()
  }
}

/** The mode under which a value is saved: the first of those that share it. */
const keyOf = (mode: number): number => {
  const shared = [MOUSE, MOUSE_ENCODING, ALTERNATE].find((modes) => modes.includes(mode))
  return shared?.[0] ?? mode
}
