/**
 * The modes that the user's terminal is in besides those of `FrameDiff`: keyboard modes and synchronized output, as far as the
 * terminal reported that it supports them.
 *
 * The kitty keyboard protocol keeps flags for the primary and for the alternate screen. The screen that is hidden never has any:
 * they are reset before the screen is switched, and set again after that.
 *
 * Laws:
 *
 * - After `follow`, the terminal has the wanted modes that it supports; after the text of `close`, none, on either screen.
 * - A terminal that reported nothing receives no sequence of the kitty protocol and no synchronized output.
 */
import * as KeyboardModes from "../../keyboard/KeyboardModes.ts"
import * as TerminalReport from "../../terminal/TerminalReport.ts"

export interface LocalModes {
  /** Whether the terminal is known to ignore the newer sequences of xterm that it does not know. */
  readonly isModern: boolean
  readonly report: TerminalReport.TerminalReport
  /** The modes that it is in. */
  readonly shown: KeyboardModes.KeyboardModes
}

export const initial = (isModern: boolean): LocalModes => ({
  isModern,
  report: TerminalReport.UNKNOWN,
  shown: KeyboardModes.DEFAULT
})

/** Brings the terminal into keyboard modes. Returns the text to write. */
export const follow = (state: LocalModes, wanted: KeyboardModes.KeyboardModes): readonly [LocalModes, string] => {
  const { report, shown } = state
  if (!state.isModern || wanted === shown) return [state, ""]
  const next = report.kittyKeyboard ? wanted : KeyboardModes.setKitty(wanted, 0)
  if (KeyboardModes.equals(next, shown)) return [state, ""]
  return [{ ...state, shown: next }, KeyboardModes.sequences(shown, next)]
}

const BEGIN = "\x1b[?2026h"
const END = "\x1b[?2026l"
const SWITCH = /\x1b\[\?1049[hl]/g

/** Texts that are shorter than this draw at one place. */
const SHORT = 16

/** The text to write instead of one that draws. */
export const drawn = ({ report, shown }: LocalModes, text: string): string => {
  const switched = shown.kitty === 0 ? text : text.replaceAll(SWITCH, around(shown.kitty))
  const isOne = report.synchronizedOutput && text.length >= SHORT && !text.includes(BEGIN)
  return isOne ? BEGIN + switched + END : switched
}

const around = (flags: number): string => `${KeyboardModes.kittySequence(0)}$&${KeyboardModes.kittySequence(flags)}`

/** The text to write before the terminal is restored. */
export const close = (state: LocalModes): readonly [LocalModes, string] => [
  { ...state, shown: KeyboardModes.DEFAULT },
  KeyboardModes.sequences(state.shown, KeyboardModes.DEFAULT)
]
