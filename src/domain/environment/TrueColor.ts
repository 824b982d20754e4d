/**
 * Whether the user's terminal shows 24-bit colours. Programs read that from `COLORTERM`, because terminfo does not say so for
 * `TERM=xterm-256color`, which every session has. ssh does not pass that variable by default.
 *
 * The client sends it among the locale's variables (`-l`). Stock servers ignore it where their own locale uses UTF-8.
 */
import type { Environment } from "./Locale.ts"

const VARIABLE = "COLORTERM"
/** The values that announce 24-bit colours. */
const VALUES: ReadonlyArray<string> = ["truecolor", "24bit"]

/** What a client with this environment sends: one assignment, or none. Other values of the variable mean nothing elsewhere. */
export const assignments = (environment: Environment): ReadonlyArray<string> => {
  const value = environment[VARIABLE]
  return value !== undefined && VALUES.includes(value) ? [`${VARIABLE}=${value}`] : []
}

/** The environment of a session whose client sent these assignments. */
export const adopt = (environment: Environment, sent: ReadonlyArray<string>): Environment => {
  const value = VALUES.find((known) => sent.includes(`${VARIABLE}=${known}`))
  return value === undefined ? environment : { ...environment, [VARIABLE]: value }
}
