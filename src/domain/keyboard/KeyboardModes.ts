/**
 * The modes that determine how a terminal encodes keys, beyond application cursor keys.
 *
 * | mode                         | set                  | source                           |
 * | ---------------------------- | -------------------- | -------------------------------- |
 * | application keypad (DECKPAM) | `ESC =`, `ESC >`     | VT100                            |
 * | `modifyOtherKeys`            | `CSI > 4 ; value m`  | xterm's "ctlseqs", XTMODKEYS     |
 * | `formatOtherKeys`            | `CSI > 4 ; value f`  | xterm's "ctlseqs", XTFMTKEYS     |
 * | kitty keyboard protocol      | `CSI = flags ; 1 u`  | kitty's "keyboard protocol" page |
 *
 * Law: a receiver with the modes `a` has the modes `b` after `sequences(a, b)`.
 */
export interface KeyboardModes {
  /** Whether the keypad sends sequences of its own. */
  readonly applicationKeypad: boolean
  /** Which keys are sent as `CSI 27 ; modifiers ; code ~`: 0 to 3. */
  readonly modifyOtherKeys: number
  /** Whether (1) these are sent as `CSI code ; modifiers u` instead. */
  readonly formatOtherKeys: number
  /** The flags of the kitty keyboard protocol, 0 to 31. */
  readonly kitty: number
}

export const DEFAULT: KeyboardModes = { applicationKeypad: false, modifyOtherKeys: 0, formatOtherKeys: 0, kitty: 0 }

/** The number of `modifyOtherKeys` and `formatOtherKeys` in XTMODKEYS and XTFMTKEYS. */
export const OTHER_KEYS = 4
export const MOST_MODIFY = 3
export const MOST_FORMAT = 1
/** All flags of the kitty keyboard protocol. */
export const KITTY_FLAGS = 31

export const equals = (a: KeyboardModes, b: KeyboardModes): boolean =>
  a === b ||
  (a.applicationKeypad === b.applicationKeypad &&
    a.modifyOtherKeys === b.modifyOtherKeys &&
    a.formatOtherKeys === b.formatOtherKeys &&
    a.kitty === b.kitty)

/** The modes after XTMODKEYS, `CSI > key ; value m`; unchanged for values that do not exist. */
export const modify = (modes: KeyboardModes, key: number, value: number): KeyboardModes =>
  key === OTHER_KEYS && value >= 0 && value <= MOST_MODIFY && value !== modes.modifyOtherKeys
    ? { ...modes, modifyOtherKeys: value }
    : modes

/** The modes after XTFMTKEYS, `CSI > key ; value f`; unchanged for values that do not exist. */
export const format = (modes: KeyboardModes, key: number, value: number): KeyboardModes =>
  key === OTHER_KEYS && value >= 0 && value <= MOST_FORMAT && value !== modes.formatOtherKeys
    ? { ...modes, formatOtherKeys: value }
    : modes

/** The modes with the kitty flags `flags`, of which unknown bits are dropped. */
export const setKitty = (modes: KeyboardModes, flags: number): KeyboardModes => {
  const kitty = Math.max(0, flags) & KITTY_FLAGS
  return kitty === modes.kitty ? modes : { ...modes, kitty }
}

/** The modes after `ESC =` (`on`) or `ESC >`. */
export const setKeypad = (modes: KeyboardModes, on: boolean): KeyboardModes =>
  on === modes.applicationKeypad ? modes : { ...modes, applicationKeypad: on }

/** The sequence that sets kitty flags on the screen that is shown. */
export const kittySequence = (flags: number): string => `\x1b[=${flags};1u`

/** The sequences that bring a receiver from one state, or from an unknown one (`undefined`), to another. */
export const sequences = (from: KeyboardModes | undefined, to: KeyboardModes): string => {
  let out = ""
  if (from?.applicationKeypad !== to.applicationKeypad) out += to.applicationKeypad ? "\x1b=" : "\x1b>"
  if (from?.modifyOtherKeys !== to.modifyOtherKeys) out += `\x1b[>${OTHER_KEYS};${to.modifyOtherKeys}m`
  if (from?.formatOtherKeys !== to.formatOtherKeys) out += `\x1b[>${OTHER_KEYS};${to.formatOtherKeys}f`
  if (from?.kitty !== to.kitty) out += kittySequence(to.kitty)
  return out
}
