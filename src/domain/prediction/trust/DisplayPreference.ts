/**
 * When predicted echo is shown: `MOSH_PREDICTION_DISPLAY` (spec 1.11).
 */
import * as Result from "effect/Result"

const preferences = ["adaptive", "always", "never", "experimental"] as const

export type DisplayPreference = (typeof preferences)[number]

/** Reads the variable; unset means `adaptive`. A failure is a line for a person. */
export const parse = (setting: string | undefined): Result.Result<DisplayPreference, string> => {
  const preference = setting === undefined ? "adaptive" : preferences.find((known) => known === setting)
  return preference === undefined
    ? Result.fail(`Unknown prediction mode ${setting}: use one of ${preferences.join(", ")}.`)
    : Result.succeed(preference)
}
