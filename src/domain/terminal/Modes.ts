/**
 * The terminal modes that a program sets and the person's own terminal must follow.
 *
 * Modes that only change how a program's output is interpreted (insert, origin, margins, tabs, autowrap) stay in the
 * emulator and are not here; application cursor keys are translated on the server.
 */
export interface Modes {
  /** DECSCNM, `CSI ?5h`. */
  readonly reverseVideo: boolean
  /** `CSI ?2004h`. */
  readonly bracketedPaste: boolean
  /** `CSI ?1004h`. */
  readonly focus: boolean
  /** `CSI ?1007h`: the wheel sends cursor keys on the alternate screen. */
  readonly alternateScroll: boolean
  /** The mouse reporting mode's own number; 0 is off. */
  readonly mouse: MouseReporting
  /** The mouse encoding's own number; 0 is the original one. */
  readonly mouseEncoding: MouseEncoding
}

export type MouseReporting = 0 | 9 | 1000 | 1001 | 1002 | 1003
export type MouseEncoding = 0 | 1005 | 1006 | 1015 | 1016

export const DEFAULT: Modes = {
  reverseVideo: false,
  bracketedPaste: false,
  focus: false,
  alternateScroll: false,
  mouse: 0,
  mouseEncoding: 0
}

export const equals = (a: Modes, b: Modes): boolean =>
  a === b ||
  (a.reverseVideo === b.reverseVideo &&
    a.bracketedPaste === b.bracketedPaste &&
    a.focus === b.focus &&
    a.alternateScroll === b.alternateScroll &&
    a.mouse === b.mouse &&
    a.mouseEncoding === b.mouseEncoding)
