/**
 * The warning at login of sessions that go on with nobody looking at them (spec 1.8).
 */
import type { SessionRecord } from "./SessionRecord.ts"
import { SILENCE } from "./SessionTable.ts"

/** The names, as stock mosh gives them, of our sessions that had a client once and have none now. */
export const names = (records: ReadonlyArray<SessionRecord>): ReadonlyArray<string> =>
  records
    .filter(({ told: { attached, contact } }) => contact !== null && (!attached || contact.age >= SILENCE))
    .map(({ pid }) => `mosh [${pid}]`)

/** What to tell a person about them; nothing when there are none. */
export const warning = (sessions: ReadonlyArray<string>): string => {
  if (sessions.length === 0) return ""
  const told =
    sessions.length === 1
      ? `Mosh: You have a detached Mosh session on this server (${sessions.join("")}).`
      : ["Mosh: You have detached Mosh sessions on this server:", ...sessions.map((name) => `  - ${name}`)].join("\n")
  return `\x1b[37;44m${told}\x1b[m\n\n`
}
