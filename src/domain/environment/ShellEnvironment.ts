/**
 * The environment in which a session's program starts (spec 1.8).
 */
import type { Environment } from "./Locale.ts"

export interface ShellOptions {
  /** Number of colours of the client's terminal. */
  readonly colors: number
  readonly home: string
}

/** The server's environment, with mosh's changes. */
export const shellEnvironment = (inherited: Environment, options: ShellOptions): Readonly<Record<string, string>> => {
  const environment: Record<string, string> = {}
  for (const [name, value] of Object.entries(inherited)) {
    // With STY, screen would assume that it runs inside itself. A key must not reach other programs.
    if (value !== undefined && name !== "STY" && name !== "MOSH_KEY") environment[name] = value
  }
  environment["TERM"] = options.colors === 256 ? "xterm-256color" : "xterm"
  // Makes ncurses draw lines with UTF-8 instead of shifts of the character set.
  environment["NCURSES_NO_UTF8_ACS"] = "1"
  environment["PWD"] = options.home
  return environment
}

/** The user's shell: `$SHELL`, otherwise the account's, otherwise `/bin/sh`. */
export const loginShell = (environment: Environment, account: string | undefined): string =>
  [environment["SHELL"], account].find((shell) => shell !== undefined && shell !== "") ?? "/bin/sh"
