/**
 * Whether rows that scroll off the session's screen get into the terminal's own history: `--scrollback`, `MOSH_SCROLLBACK`.
 */
import * as Result from "effect/Result"

/** `auto`: where the server keeps a history and the terminal has one. */
export const PREFERENCES = ["auto", "off"] as const

export type ScrollbackPreference = (typeof PREFERENCES)[number]

/** Reads the setting; unset and empty mean `auto`. A failure is a line for the user. */
export const parse = (setting: string | undefined): Result.Result<ScrollbackPreference, string> => {
  const preference = setting === undefined || setting === "" ? "auto" : PREFERENCES.find((known) => known === setting)
  return preference === undefined
    ? Result.fail(`Unknown scrollback setting ${setting}: use one of ${PREFERENCES.join(", ")}.`)
    : Result.succeed(preference)
}
