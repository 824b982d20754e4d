/**
 * The environment in which a session's program starts (spec 1.8).
 */
import type { Environment } from "./Locale.ts"

export interface ShellOptions {
  /** How many colours the client's terminal shows. */
  readonly colors: number
  readonly home: string
}

/** What the program inherits from the server, and what mosh changes in it. */
export const shellEnvironment = (inherited: Environment, options: ShellOptions): Readonly<Record<string, string>> => {
  const environment: Record<string, string> = {}
  for (const [name, value] of Object.entries(inherited)) {
    // STY would make screen believe it runs inside itself; a key is nobody's business but its own session's.
    if (value !== undefined && name !== "STY" && name !== "MOSH_KEY") environment[name] = value
  }
  environment["TERM"] = options.colors === 256 ? "xterm-256color" : "xterm"
  // Line drawing by UTF-8: the emulator would have to follow shifts of character sets otherwise.
  environment["NCURSES_NO_UTF8_ACS"] = "1"
  environment["PWD"] = options.home
  return environment
}

/** The person's shell: `$SHELL`, else the one of their account, else `/bin/sh`. */
export const loginShell = (environment: Environment, account: string | undefined): string =>
  [environment["SHELL"], account].find((shell) => shell !== undefined && shell !== "") ?? "/bin/sh"
