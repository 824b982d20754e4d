/**
 * The warning at login about detached sessions: those that run without a client (spec 1.8).
 */
import type { SessionRecord } from "./SessionRecord.ts"
import { SILENCE } from "./SessionTable.ts"

/** The names, in stock's form, of effect-mosh sessions that had a client and have none now. */
export const names = (records: ReadonlyArray<SessionRecord>): ReadonlyArray<string> =>
  records
    .filter(({ told: { attached, contact } }) => contact !== null && (!attached || contact.age >= SILENCE))
    .map(({ pid }) => `mosh [${pid}]`)

/** The warning for the terminal, coloured; empty without sessions. */
export const warning = (sessions: ReadonlyArray<string>): string => {
  if (sessions.length === 0) return ""
  const text =
    sessions.length === 1
      ? `Mosh: You have a detached Mosh session on this server (${sessions.join("")}).`
      : ["Mosh: You have detached Mosh sessions on this server:", ...sessions.map((name) => `  - ${name}`)].join("\n")
  return `\x1b[37;44m${text}\x1b[m\n\n`
}
