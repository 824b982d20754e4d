/**
 * What a terminal does with its history, judged by the environment: a terminal cannot be asked.
 */
import type { KeptErasures } from "../history/Erasure.ts"
import type { Millis } from "../Machine.ts"
import type { Environment } from "./Locale.ts"

/** Terminals without a history, or without the sequences that move rows into it. */
const NONE = /^(st(-|$)|linux|dumb|vt\d|ansi|cons25|sun|cygwin|eterm|emacs|$)/

/** Whether the terminal may have a history of the rows that scrolled off its screen. */
export const isKept = (environment: Environment): boolean => !NONE.test(environment["TERM"] ?? "")

/** Terminals that were seen to re-wrap their lines. */
const REFLOWING = /^(xterm-kitty|alacritty|rxvt-unicode|tmux|screen|vte|gnome|konsole)/

/**
 * Whether the terminal re-wraps its lines when its width changes. An unknown one is taken not to: then rows may appear twice
 * in its history, but none is lost.
 */
export const isReflowed = (environment: Environment): boolean => {
  if (REFLOWING.test(environment["TERM"] ?? "")) return true
  // An xterm may have been started by a shell in another terminal, whose variables it passes on.
  if (environment["XTERM_VERSION"] !== undefined) return false
  if (environment["TERM_PROGRAM"] === "vscode") return true
  return environment["VTE_VERSION"] !== undefined || environment["KONSOLE_VERSION"] !== undefined
}

/** Terminals that were seen to keep what `CSI 2 J` erases, and also what `CSI J` erases with the cursor in the first cell. */
const KEEPS_SCREEN = /^(vte|gnome|alacritty)/
const KEEPS_ANY = /^(tmux|screen)/

/** The rows erased by programs that the terminal keeps in its history. Of an unknown one, none. */
export const keptErasures = (environment: Environment): KeptErasures => {
  const term = environment["TERM"] ?? ""
  if (KEEPS_ANY.test(term)) return ["Screen", "Rest"]
  if (KEEPS_SCREEN.test(term)) return ["Screen"]
  return environment["VTE_VERSION"] !== undefined && environment["XTERM_VERSION"] === undefined ? ["Screen"] : []
}

/**
 * What a terminal does with its history and its screen on a full reset (RIS): it erases both, or keeps the history, or keeps the
 * history and moves the screen into it.
 */
export type ResetEffect = "Erased" | "Kept" | "ScreenKept"

/** What a terminal was seen to do on a full reset, by the name that it reports (XTVERSION). Of an unknown one, most do the first. */
export const resetEffect = (name: string): ResetEffect => {
  if (name.startsWith("tmux ")) return "ScreenKept"
  return name.startsWith("Konsole ") ? "Kept" : "Erased"
}

/**
 * How long the size must stay the same before the terminal is drawn again. tmux changes its own size at once, but reports that
 * to programs at most every 250 ms.
 */
export const resizeQuiet = (environment: Environment): Millis =>
  /^(tmux|screen)/.test(environment["TERM"] ?? "") ? 300 : 150
