/**
 * The text shown before a login shell starts: the message of the day, and a report on detached sessions (spec 1.8).
 */
import * as Effect from "effect/Effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as Detached from "../../../domain/registry/Detached.ts"
import * as Utmp from "../../../domain/registry/Utmp.ts"
import * as BoundedFile from "../files/BoundedFile.ts"

/** Maximum size of the message of the day, bytes. */
const LONGEST = 65_536
/** Maximum size of the login records, bytes: about 10,000 sessions. */
const LONGEST_UTMP = 4 * 1_048_576

/** Whom to greet, and where the system's files are. */
export interface GreetingOptions {
  readonly home: string
  /** The user's name; `undefined` if it is unknown. */
  readonly user: string | undefined
  /** effect-mosh's detached sessions, by their names or IDs. */
  readonly detached: Effect.Effect<ReadonlyArray<string>>
  /** The directory that contains `etc`, `run` and `var`: `/`, except in tests. */
  readonly root: string
}

/** The greeting; empty if the user's home contains `.hushlogin`. */
export const greeting = Effect.fnUntraced(function* ({ detached, home, root, user }: GreetingOptions) {
  if (Fs.existsSync(Path.join(home, ".hushlogin"))) return ""
  const read = (path: string) => BoundedFile.read(Path.join(root, path), LONGEST)?.toString()
  const news = read("run/motd.dynamic") ?? read("var/run/motd.dynamic") ?? ""
  const recorded = user === undefined ? [] : recordedSessions(user, root)
  return news + (read("etc/motd") ?? "") + Detached.warning(recorded) + Detached.notice(yield* detached)
})

/**
 * Detached sessions of stock mosh, from utmp. effect-mosh's sessions have no records there: writing them takes a
 * privilege that Node cannot request.
 */
const recordedSessions = (user: string, root: string): ReadonlyArray<string> => {
  const size = Utmp.recordSize(process.arch)
  const file = BoundedFile.read(Path.join(root, "var/run/utmp"), LONGEST_UTMP)
  if (size === undefined || file === undefined || process.platform !== "linux") return []
  return Utmp.detachedSessions(Utmp.parse(file, size), user, (line) => Fs.existsSync(Path.join(root, "dev", line)))
}
