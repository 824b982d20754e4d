/**
 * Queries the system's terminfo database for the number of colours and the alternate screen of a terminal.
 */
import * as Path from "node:path"
import type { Environment } from "../../../domain/environment/Locale.ts"
import * as Terminfo from "../../../domain/environment/Terminfo.ts"
import * as BoundedFile from "../files/BoundedFile.ts"

/** The number of colours of the terminal `TERM`; `undefined` if the database does not contain it. */
export const colors = (environment: Environment): number | undefined => first(environment, Terminfo.colors)

/** The sequences that enter and leave the alternate screen of the terminal `TERM`; `undefined` if it has none. */
export const alternateScreen = (environment: Environment): Terminfo.AlternateScreen | undefined => {
  const known = first(environment, (entry) =>
    Terminfo.colors(entry) === undefined ? undefined : { screen: Terminfo.alternateScreen(entry) }
  )
  return known === undefined ? Terminfo.alternateScreenByName(environment["TERM"] ?? "") : known.screen
}

/** Maximum size of an entry, bytes: that of ncurses. */
const LONGEST_ENTRY = 32_768

/** The first result that is not `undefined`, of applying `ask` to the entries for `TERM`. */
const first = <A>(environment: Environment, ask: (entry: Uint8Array) => A | undefined): A | undefined => {
  const term = environment["TERM"] ?? ""
  if (!/^[\w.+-]+$/.test(term)) return undefined
  for (const directory of directories(environment)) {
    // Entries are sorted by their first letter, or, for case-insensitive file systems, by its code.
    for (const drawer of [term.slice(0, 1), term.charCodeAt(0).toString(16)]) {
      try {
        const entry = BoundedFile.read(Path.join(directory, drawer, term), LONGEST_ENTRY)
        const found = entry === undefined ? undefined : ask(entry)
        if (found !== undefined) return found
      } catch {
        // The entry is malformed.
      }
    }
  }
  return undefined
}

const directories = (environment: Environment): ReadonlyArray<string> =>
  [
    environment["TERMINFO"],
    environment["HOME"] === undefined ? undefined : Path.join(environment["HOME"], ".terminfo"),
    ...(environment["TERMINFO_DIRS"] ?? "").split(":"),
    "/etc/terminfo",
    "/lib/terminfo",
    "/usr/share/terminfo",
    "/usr/lib/terminfo",
    "/usr/local/share/terminfo",
    "/opt/homebrew/share/terminfo"
  ].filter((directory): directory is string => directory !== undefined && directory !== "")
