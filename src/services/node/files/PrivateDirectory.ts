/**
 * Where this user's programs keep what is nobody else's business: directories that belong to them alone.
 */
import * as Os from "node:os"
import * as Path from "node:path"
import * as TrustedPath from "./TrustedPath.ts"

const NAME = "effect-mosh"

/**
 * The directories that sessions of this machine may use, best first.
 *
 * `$XDG_RUNTIME_DIR` comes second because systemd removes it when a person logs out, which is when mosh sessions begin to
 * matter. A home may be shared between machines, so there each has a directory of its own.
 */
export const places = (environment: NodeJS.ProcessEnv): ReadonlyArray<Place> => {
  const state = absolute(environment["XDG_STATE_HOME"])
  const home = absolute(environment["HOME"]) ?? homeOfAccount()
  const runtime = absolute(environment["XDG_RUNTIME_DIR"])
  const machine =
    Os.hostname()
      .replace(/[^\w.-]/g, "_")
      .slice(0, 64)
      .replace(/^\.+/, "_") || "_"
  return [
    ...(state !== undefined
      ? [{ base: state, path: [NAME, machine] }]
      : home !== undefined
        ? [{ base: home, path: [".local", "state", NAME, machine] }]
        : []),
    ...(runtime === undefined ? [] : [{ base: runtime, path: [NAME] }])
  ]
}

/** A directory of the person's, and the names below it that lead to ours. */
export interface Place {
  readonly base: string
  readonly path: ReadonlyArray<string>
}

/**
 * The path of a place, if it is this user's alone: every directory from the base down belongs to this user and is not
 * writable by everybody; `effect-mosh` and what is below it are no symbolic links and let nobody else in. `create` makes
 * what is missing below the base. Another user's home, as sudo may leave it, is no place for files of ours.
 */
export const open = ({ base, path }: Place, create: boolean): string | undefined =>
  TrustedPath.descend({ base, names: path, privateFrom: NAME, forbidden: EVERYBODY_WRITES, create })

/** Not the group: users whose group is their own have such directories, and no code is loaded from here. */
const EVERYBODY_WRITES = 0o002

const absolute = (path: string | undefined): string | undefined =>
  path !== undefined && Path.isAbsolute(path) ? path : undefined

const homeOfAccount = (): string | undefined => {
  try {
    return absolute(Os.userInfo().homedir)
  } catch {
    return undefined
  }
}
