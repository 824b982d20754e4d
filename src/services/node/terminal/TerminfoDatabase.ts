/**
 * The system's terminfo database, as far as mosh asks it: how many colours a terminal shows, and its alternate screen.
 */
import * as Path from "node:path"
import type { Environment } from "../../../domain/environment/Locale.ts"
import * as Terminfo from "../../../domain/environment/Terminfo.ts"
import * as BoundedFile from "../files/BoundedFile.ts"

/** How many colours the terminal called `TERM` shows; `undefined` when the database does not know it. */
export const colors = (environment: Environment): number | undefined => first(environment, Terminfo.colors)

/** How the terminal called `TERM` goes over to its alternate screen; `undefined` when it has none. */
export const alternateScreen = (environment: Environment): Terminfo.AlternateScreen | undefined => {
  const known = first(environment, (entry) =>
    Terminfo.colors(entry) === undefined ? undefined : { screen: Terminfo.alternateScreen(entry) }
  )
  return known === undefined ? Terminfo.alternateScreenByName(environment["TERM"] ?? "") : known.screen
}

/** What ncurses reads of an entry, bytes. */
const LONGEST_ENTRY = 32_768

/** What the first entry for `TERM` says that says anything. */
const first = <A>(environment: Environment, ask: (entry: Uint8Array) => A | undefined): A | undefined => {
  const term = environment["TERM"] ?? ""
  if (!/^[\w.+-]+$/.test(term)) return undefined
  for (const directory of directories(environment)) {
    // By first letter, or on systems whose file names have no case, by its number.
    for (const drawer of [term.slice(0, 1), term.charCodeAt(0).toString(16)]) {
      try {
        const entry = BoundedFile.read(Path.join(directory, drawer, term), LONGEST_ENTRY)
        const found = entry === undefined ? undefined : ask(entry)
        if (found !== undefined) return found
      } catch {
        // Damaged.
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
