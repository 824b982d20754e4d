/**
 * The terminal modes that a program sets and the client's terminal must follow.
 *
 * Modes that only affect how a program's output is interpreted (insert, origin, margins, tabs, autowrap) stay in the
 * emulator. Application cursor keys are translated on the server.
 */
import * as KeyboardModes from "../keyboard/KeyboardModes.ts"
import * as MouseRequests from "./MouseRequests.ts"

export interface Modes {
  /** DECSCNM, `CSI ?5h`. */
  readonly reverseVideo: boolean
  /** `CSI ?2004h`. */
  readonly bracketedPaste: boolean
  /** `CSI ?1004h`. */
  readonly focus: boolean
  /** `CSI ?1007h`: the wheel sends cursor keys on the alternate screen. */
  readonly alternateScroll: boolean
  /** Which events the mouse reports: the modes 9 and 1000 to 1003, as they were requested. */
  readonly mouse: MouseRequests.MouseRequests
  /** The requested encodings of mouse reports: the modes 1005, 1006, 1015 and 1016. */
  readonly mouseEncoding: MouseRequests.MouseRequests
  /** How keys are encoded. */
  readonly keyboard: KeyboardModes.KeyboardModes
}

export const DEFAULT: Modes = {
  reverseVideo: false,
  bracketedPaste: false,
  focus: false,
  alternateScroll: false,
  mouse: MouseRequests.NONE,
  mouseEncoding: MouseRequests.NONE,
  keyboard: KeyboardModes.DEFAULT
}

/** The modes after DECSET (`on`) or DECRST of mode `mode`; unchanged for modes that are not kept here. */
export const set = (modes: Modes, mode: number, on: boolean): Modes => {
  const next = changed(modes, mode, on)
  return equals(next, modes) ? modes : next
}

const changed = (modes: Modes, mode: number, on: boolean): Modes => {
  switch (mode) {
    case 5:
      return { ...modes, reverseVideo: on }
    case 9:
    case 1000:
    case 1001:
    case 1002:
    case 1003:
      return { ...modes, mouse: MouseRequests.add(modes.mouse, mode, on) }
    case 1004:
      return { ...modes, focus: on }
    case 1005:
    case 1006:
    case 1015:
    case 1016:
      return { ...modes, mouseEncoding: MouseRequests.add(modes.mouseEncoding, mode, on) }
    case 1007:
      return { ...modes, alternateScroll: on }
    case 2004:
      return { ...modes, bracketedPaste: on }
    default:
      return modes
  }
}

/** The modes with another encoding of keys. */
export const withKeyboard = (modes: Modes, keyboard: KeyboardModes.KeyboardModes): Modes =>
  KeyboardModes.equals(modes.keyboard, keyboard) ? modes : { ...modes, keyboard }

export const equals = (a: Modes, b: Modes): boolean =>
  a === b ||
  (a.reverseVideo === b.reverseVideo &&
    a.bracketedPaste === b.bracketedPaste &&
    a.focus === b.focus &&
    a.alternateScroll === b.alternateScroll &&
    KeyboardModes.equals(a.keyboard, b.keyboard) &&
    MouseRequests.equals(a.mouse, b.mouse) &&
    MouseRequests.equals(a.mouseEncoding, b.mouseEncoding))
