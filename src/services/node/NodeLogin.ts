/**
 * What runs in a session, and what is shown before it (spec 1.8).
 */
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import * as ShellEnvironment from "../../domain/bootstrap/ShellEnvironment.ts"
import * as Detached from "../../domain/server/Detached.ts"
import * as Utmp from "../../domain/server/Utmp.ts"
import type { Program } from "../Session.ts"

export interface ProgramRequest {
  /** The program and its arguments; empty for a login shell. */
  readonly command: ReadonlyArray<string>
  readonly colors: number
}

/**
 * The program that was asked for, to be run in this process's environment, from the person's home. A login shell is
 * preceded by the message of the day, and by a warning of detached sessions: stock's, and those that `detached` names.
 */
export const program = (
  request: ProgramRequest,
  inherited: NodeJS.ProcessEnv,
  detached: Effect.Effect<ReadonlyArray<string>> = Effect.succeed([])
): Program => {
  const account = accountOf()
  const home = inherited["HOME"] || account.home
  const environment = ShellEnvironment.shellEnvironment(inherited, { colors: request.colors, home })
  const [file, ...commandArguments] = request.command
  if (file !== undefined) return { file, arguments: commandArguments, environment, directory: home }
  const shell = ShellEnvironment.loginShell(inherited, account.shell)
  return {
    file: shell,
    arguments: [],
    login: true,
    environment,
    directory: home,
    greeting: greeting({ home, user: account.name, detached, root: "/" })
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

/** The longest message of the day that is shown, in bytes. */
const LONGEST = 65_536

export interface Greeted {
  readonly home: string
  /** The name of the person; `undefined` where nobody knows it. */
  readonly user: string | undefined
  /** Names of sessions to warn of, beside those in the system's records. */
  readonly detached: Effect.Effect<ReadonlyArray<string>>
  /** The directory that holds `etc`, `run` and `var`: `/`, but in a test. */
  readonly root: string
}

/** What the system has to say to who logs in, unless they want to hear nothing. */
export const greeting = Effect.fnUntraced(function* ({ detached, home, root, user }: Greeted) {
  if (Fs.existsSync(Path.join(home, ".hushlogin"))) return ""
  const read = (path: string) => readFile(Path.join(root, path))?.subarray(0, LONGEST).toString()
  const news = read("run/motd.dynamic") ?? read("var/run/motd.dynamic") ?? ""
  const recorded = user === undefined ? [] : recordedSessions(user, root)
  const sessions = new Set([...recorded, ...(yield* detached)])
  return news + (read("etc/motd") ?? "") + Detached.warning([...sessions])
})

const readFile = (path: string): Buffer | undefined => {
  try {
    return Fs.readFileSync(path)
  } catch {
    return undefined
  }
}

/** Those that stock mosh recorded; ours record none, because that takes a privilege that Node has no way to ask for. */
const recordedSessions = (user: string, root: string): ReadonlyArray<string> => {
  const size = Utmp.recordSize(process.arch)
  const file = readFile(Path.join(root, "var/run/utmp"))
  if (size === undefined || file === undefined || process.platform !== "linux") return []
  return Utmp.detachedSessions(Utmp.parse(file, size), user, (line) => Fs.existsSync(Path.join(root, "dev", line)))
}
