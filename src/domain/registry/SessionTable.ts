/**
 * Formats sessions as a table for the user.
 */
import type { Millis } from "../Machine.ts"
import * as ClientState from "./ClientState.ts"
import { plain } from "../session/PlainText.ts"
import * as SessionName from "./SessionName.ts"
import type { Listed } from "./SessionRecord.ts"

/** The lines of the table, oldest session first. `since` formats the time that lies an age, in ms, in the past. */
export const lines = (sessions: ReadonlyArray<Listed>, since: (age: Millis) => string): ReadonlyArray<string> => {
  const rows = sorted(sessions).map((session) => cells(session, since))
  const table = [HEADINGS, ...rows]
  const widths = HEADINGS.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0)))
  return table.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd()
  )
}

/** The sessions, oldest first. */
export const sorted = (sessions: ReadonlyArray<Listed>): ReadonlyArray<Listed> =>
  sessions.toSorted((one, other) => (other.age ?? 0) - (one.age ?? 0))

/** The name of a session; `undefined` if it has none, or its name is not known. */
export const nameOf = ({ details }: Listed): string | undefined => {
  const name = details._tag === "Told" ? details.told.name : details._tag === "Silent" ? details.name : undefined
  return name !== undefined && SessionName.isValid(name) ? name : undefined
}

const HEADINGS = ["ID", "NAME", "SINCE", "CLIENT", "FROM", "PROGRAM", "DIRECTORY", "TITLE"]

const cells = (session: Listed, since: (age: Millis) => string): ReadonlyArray<string> => {
  const { age, details, pid } = session
  const first = [String(pid), nameOf(session) ?? "-", age === null ? "?" : since(age)]
  switch (details._tag) {
    case "Stock":
      return [...first, "?", "?", "? (stock mosh: it does not tell)"]
    case "Unknown":
      return [...first, "?", "?", "?"]
    case "Silent":
      return [...first, "?", "?", "? (it does not answer)"]
    case "Told": {
      const { contact, directory = "", foreground, program, title = "" } = details.told
      return [
        ...first,
        describe(ClientState.of(details.told)),
        contact === null || contact.from === "" ? "-" : plain(contact.from, LONGEST_ADDRESS),
        plain(foreground ?? program, LONGEST_PROGRAM),
        // The end of a path is its distinctive part.
        plain(
          directory.length > LONGEST_DIRECTORY ? `…${directory.slice(1 - LONGEST_DIRECTORY)}` : directory,
          LONGEST_DIRECTORY
        ),
        plain(title, LONGEST_TITLE)
      ]
    }
  }
}

const describe = (state: ClientState.ClientState): string =>
  state._tag === "None" ? "none yet" : `${state._tag === "Attached" ? "attached" : "detached"} ${duration(state.age)}`

const LONGEST_ADDRESS = 50
const LONGEST_PROGRAM = 40
const LONGEST_DIRECTORY = 40
const LONGEST_TITLE = 40

/** A duration in its largest suitable unit, rounded down. */
export const duration = (span: Millis): string => {
  const seconds = Math.floor(span / 1000)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return `${hours} h`
  return `${Math.floor(hours / 24)} days`
}
