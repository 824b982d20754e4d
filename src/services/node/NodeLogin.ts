/**
 * What runs in a session, and what is shown before it (spec 1.8).
 */
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"
import * as ShellEnvironment from "../../domain/bootstrap/ShellEnvironment.ts"
import * as Utmp from "../../domain/server/Utmp.ts"
import type { Program } from "../Session.ts"

export interface ProgramRequest {
  /** The program and its arguments; empty for a login shell. */
  readonly command: ReadonlyArray<string>
  readonly colors: number
}

/** The program that was asked for, to be run in this process's environment, from the person's home. */
export const program = (request: ProgramRequest, inherited: NodeJS.ProcessEnv): Program => {
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
    greeting: greeting(home, account.name)
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

/** What the system has to say to who logs in, unless they want to hear nothing. */
const greeting = (home: string, user: string | undefined): string => {
  if (Fs.existsSync(Path.join(home, ".hushlogin"))) return ""
  const news = read("/run/motd.dynamic") ?? read("/var/run/motd.dynamic") ?? ""
  return news + (read("/etc/motd") ?? "") + (user === undefined ? "" : detachedSessions(user))
}

const read = (path: string): string | undefined => {
  try {
    return Fs.readFileSync(path).subarray(0, LONGEST).toString()
  } catch {
    return undefined
  }
}

/** The sessions that stock mosh recorded; ours record none, because that takes a privilege that Node has no way to ask for. */
const detachedSessions = (user: string): string => {
  const size = Utmp.recordSize(process.arch)
  if (size === undefined || process.platform !== "linux") return ""
  try {
    const logins = Utmp.parse(Fs.readFileSync("/var/run/utmp"), size)
    return Utmp.warning(Utmp.detachedSessions(logins, user, (line) => Fs.existsSync(`/dev/${line}`)))
  } catch {
    return ""
  }
}
