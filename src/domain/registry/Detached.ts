/**
 * The report at login on detached sessions: those that run without a client (spec 1.8).
 */
import * as ClientState from "./ClientState.ts"
import * as SessionName from "./SessionName.ts"
import type { SessionRecord } from "./SessionRecord.ts"

/** The effect-mosh sessions that had a client and have none now, each by its name or ID, the most recently detached first. */
export const names = (records: ReadonlyArray<SessionRecord>): ReadonlyArray<string> =>
  records
    .flatMap(({ pid, told }) => {
      const state = ClientState.of(told)
      const name = told.name !== undefined && SessionName.isValid(told.name) ? told.name : String(pid)
      return state._tag === "Detached" ? [{ name, age: state.age }] : []
    })
    .toSorted((one, other) => one.age - other.age)
    .map(({ name }) => name)

/** How many sessions a notice names. */
const MOST = 8

/** The line that names effect-mosh's detached sessions and the command that attaches to one; empty without sessions. */
export const notice = (sessions: ReadonlyArray<string>): string => {
  const [first] = sessions
  if (first === undefined) return ""
  const more = sessions.length > MOST ? `, and ${sessions.length - MOST} more` : ""
  const [what, which] = sessions.length === 1 ? ["session", "it"] : ["sessions", "one"]
  return colored(
    `Mosh: detached ${what} here: ${sessions.slice(0, MOST).join(", ")}${more}. To return to ${which}: mosh --attach=${first} HOST`
  )
}

/** The warning about detached sessions of stock servers, which accept no new client; empty without sessions. */
export const warning = (sessions: ReadonlyArray<string>): string => {
  if (sessions.length === 0) return ""
  return colored(
    sessions.length === 1
      ? `Mosh: You have a detached Mosh session on this server (${sessions.join("")}).`
      : ["Mosh: You have detached Mosh sessions on this server:", ...sessions.map((name) => `  - ${name}`)].join("\n")
  )
}

const colored = (text: string): string => `\x1b[37;44m${text}\x1b[m\n\n`
