/**
 * Formats sessions as a table for the user.
 */
import type { Millis } from "../Machine.ts"
import { plain } from "./PlainText.ts"
import type { Listed } from "./SessionRecord.ts"

/** The lines of the table, oldest session first. `since` formats the time that lies an age, in ms, in the past. */
export const lines = (sessions: ReadonlyArray<Listed>, since: (age: Millis) => string): ReadonlyArray<string> => {
  const rows = [...sessions].sort((a, b) => (b.age ?? 0) - (a.age ?? 0)).map((session) => cells(session, since))
  const table = [HEADINGS, ...rows]
  const widths = HEADINGS.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0)))
  return table.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd()
  )
}

const HEADINGS = ["ID", "SINCE", "LAST CONTACT", "FROM", "PROGRAM", "DIRECTORY", "TITLE"]

const cells = ({ age, details, pid }: Listed, since: (age: Millis) => string): ReadonlyArray<string> => {
  const first = [String(pid), age === null ? "?" : since(age)]
  switch (details._tag) {
    case "Stock":
      return [...first, "?", "?", "? (stock mosh: it does not tell)"]
    case "Unknown":
      return [...first, "?", "?", "?"]
    case "Silent":
      return [...first, "?", "?", "? (it does not answer)"]
    case "Told": {
      const { attached, contact, directory = "", foreground, program, title = "" } = details.told
      return [
        ...first,
        contact === null ? "none yet" : attached && contact.age < SILENCE ? "now" : `${duration(contact.age)} ago`,
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

/** Silence, ms, after which a client counts as absent; a client sends at least every 3 s. */
export const SILENCE = 30_000

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
