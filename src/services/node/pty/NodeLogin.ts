/**
 * Describes a program to run as a login would run it: the user's shell, environment and home (spec 1.8).
 */
import * as Effect from "effect/Effect"
import * as Os from "node:os"
import * as ShellEnvironment from "../../../domain/environment/ShellEnvironment.ts"
import type { Program } from "../../server/Session.ts"
import * as Greeting from "./Greeting.ts"

/** Which program to run, and for which terminal. */
export interface ProgramRequest {
  /** The program and its arguments. Default, also if it is empty: a login shell. */
  readonly command?: ReadonlyArray<string> | undefined
  /** Number of colours of the client's terminal; from 256 on, `TERM` is xterm-256color. Default: 256. */
  readonly colors?: number | undefined
}

/**
 * The requested program, with the environment of this process, in the user's home. A login shell is preceded by the
 * message of the day, and by a report on detached sessions: stock's, and those that `detached` returns, by name or ID.
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
    // A user without an account entry, as in some containers.
    return { name: undefined, home: "/", shell: undefined }
  }
}
