/**
 * Programs as a login gives them (spec 1.8).
 */
import * as Effect from "effect/Effect"
import * as Os from "node:os"
import * as ShellEnvironment from "../../../domain/environment/ShellEnvironment.ts"
import type { Program } from "../../server/Session.ts"
import * as Greeting from "./Greeting.ts"

/** What to run. */
export interface ProgramRequest {
  /** The program and its arguments; without it, or when it is empty, a login shell. */
  readonly command?: ReadonlyArray<string> | undefined
  /** How many colours the client's terminal has: 256 make `TERM` xterm-256color. 256 without it. */
  readonly colors?: number | undefined
}

/**
 * The program that was asked for, to be run in this process's environment, from the person's home. A login shell is
 * preceded by the message of the day, and by a warning of detached sessions: stock's, and those that `detached` names.
 *
 * ```ts
 * import { NodeLogin } from "effect-mosh/node"
 *
 * export const shell = NodeLogin.program()
 * export const editor = NodeLogin.program({ command: ["vim", "notes.txt"], colors: 256 }, { ...process.env, LANG: "C.UTF-8" })
 * ```
 */
export const program = (
  request: ProgramRequest = {},
  inherited: NodeJS.ProcessEnv = process.env,
  detached: Effect.Effect<ReadonlyArray<string>> = Effect.succeed([])
): Program => {
  const account = accountOf()
  const home = inherited["HOME"] || account.home
  const environment = ShellEnvironment.shellEnvironment(inherited, { colors: request.colors ?? 256, home })
  const [file, ...commandArguments] = request.command ?? []
  if (file !== undefined) return { file, arguments: commandArguments, environment, directory: home }
  const shell = ShellEnvironment.loginShell(inherited, account.shell)
  return {
    file: shell,
    arguments: [],
    login: true,
    environment,
    directory: home,
    greeting: Greeting.greeting({ home, user: account.name, detached, root: "/" })
  }
}

interface Account {
  readonly name: string | undefined
  readonly home: string
  readonly shell: string | undefined
}

const accountOf = (): Account => {
  try {
    const { homedir, shell, username } = Os.userInfo()
    return { name: username, home: homedir, shell: shell ?? undefined }
  } catch {
    // A user without an account entry, as containers have.
    return { name: undefined, home: "/", shell: undefined }
  }
}
