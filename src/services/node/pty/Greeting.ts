/**
 * What is shown before a login shell (spec 1.8).
 */
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as Detached from "../../../domain/session/Detached.ts"
import * as Utmp from "../../../domain/session/Utmp.ts"
import * as BoundedFile from "../files/BoundedFile.ts"

/** The longest message of the day that is shown, in bytes. */
const LONGEST = 65_536
/** Of the records of logins, some 10,000 sessions; bytes. */
const LONGEST_UTMP = 4 * 1_048_576

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
  const read = (path: string) => BoundedFile.read(Path.join(root, path), LONGEST)?.toString()
  const news = read("run/motd.dynamic") ?? read("var/run/motd.dynamic") ?? ""
  const recorded = user === undefined ? [] : recordedSessions(user, root)
  const sessions = new Set([...recorded, ...(yield* detached)])
  return news + (read("etc/motd") ?? "") + Detached.warning([...sessions])
})

/** Those that stock mosh recorded; ours record none, because that takes a privilege that Node has no way to ask for. */
const recordedSessions = (user: string, root: string): ReadonlyArray<string> => {
  const size = Utmp.recordSize(process.arch)
  const file = BoundedFile.read(Path.join(root, "var/run/utmp"), LONGEST_UTMP)
  if (size === undefined || file === undefined || process.platform !== "linux") return []
  return Utmp.detachedSessions(Utmp.parse(file, size), user, (line) => Fs.existsSync(Path.join(root, "dev", line)))
}
