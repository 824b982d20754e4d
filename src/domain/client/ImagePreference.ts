/**
 * Whether images of a session are shown on the user's terminal: `MOSH_IMAGES`.
 */
import * as Result from "effect/Result"
import type { Environment } from "../environment/Locale.ts"
import type { TerminalReport } from "../terminal/TerminalReport.ts"

/** `auto`: where the terminal shows images. */
export const PREFERENCES = ["auto", "off"] as const

export type ImagePreference = (typeof PREFERENCES)[number]

/** Reads the setting; unset and empty mean `auto`. A failure is a line for the user. */
export const parse = (setting: string | undefined): Result.Result<ImagePreference, string> => {
  const preference = setting === undefined || setting === "" ? "auto" : PREFERENCES.find((known) => known === setting)
  return preference === undefined
    ? Result.fail(`Unknown value ${setting} of MOSH_IMAGES: use one of ${PREFERENCES.join(", ")}.`)
    : Result.succeed(preference)
}

/** Values of `TERM` that users of tmux set, instead of its own. */
const GENERIC = /^xterm(-\d+color)?$/

/**
 * Whether to ask the terminal how it shows images. tmux is not asked: it takes the query of the kitty graphics protocol as a title.
 * Terminals that were started from a shell in tmux inherit its variables, so these count only where `TERM` leaves it open.
 */
export const asks = (preference: ImagePreference, environment: Environment): boolean => {
  const { TERM = "", TERM_PROGRAM, TMUX = "" } = environment
  const isInTmux = TMUX !== "" || TERM_PROGRAM === "tmux"
  return preference === "auto" && !TERM.startsWith("tmux") && !(isInTmux && GENERIC.test(TERM))
}

/** The report of a terminal that shall show images only if the user wants them. Without images, the server sends none. */
export const restrict = (report: TerminalReport, preference: ImagePreference): TerminalReport =>
  preference === "off" ? { ...report, images: undefined } : report
