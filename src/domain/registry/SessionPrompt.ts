/**
 * The question which of several sessions to attach to.
 */
import type { Millis } from "../Machine.ts"
import * as SessionName from "./SessionName.ts"
import type { Listed } from "./SessionRecord.ts"
import * as SessionTable from "./SessionTable.ts"

/** The lines of the table, each session with its number. */
export const lines = (sessions: ReadonlyArray<Listed>, since: (age: Millis) => string): ReadonlyArray<string> => {
  const width = String(sessions.length).length
  return SessionTable.lines(sessions, since).map((line, at) => `${String(at === 0 ? "" : at).padStart(width)}  ${line}`)
}

/** The question below the table, without a line end. */
export const question = (sessions: ReadonlyArray<Listed>): string => `Attach to which, 1 to ${sessions.length}? `

/** The session that an answer chooses, by its number in the table, its name or its ID; `undefined` if it chooses none. */
export const chosen = (sessions: ReadonlyArray<Listed>, answer: string): Listed | undefined => {
  const text = answer.trim()
  const numbered = /^\d{1,4}$/.test(text) ? SessionTable.sorted(sessions)[Number(text) - 1] : undefined
  if (numbered !== undefined) return numbered
  const selector = SessionName.selector(text)
  if (selector === undefined) return undefined
  return sessions.find((session) =>
    SessionName.matches(selector, { pid: session.pid, name: SessionTable.nameOf(session) })
  )
}
