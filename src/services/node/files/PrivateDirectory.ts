/**
 * The directories for this user's private files, such as the sockets of sessions.
 */
import * as Os from "node:os"
import * as Path from "node:path"
import * as TrustedPath from "./TrustedPath.ts"

const NAME = "effect-mosh"

/**
 * The candidate directories for sessions of this machine, best first.
 *
 * `$XDG_RUNTIME_DIR` comes second, because systemd removes it when the user logs out, and mosh sessions outlive logins.
 * A home may be shared between machines, so each machine has its own directory in it.
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

/** A directory of the user, and the names that lead from it to effect-mosh's directory. */
export interface Place {
  readonly base: string
  readonly path: ReadonlyArray<string>
}

/**
 * The path of a place, if only this user has access to it: every directory from the base down belongs to this user and
 * is not world-writable; `effect-mosh` and the directories below it are no symbolic links, and deny access to everyone
 * else. With `create`, missing directories below the base are created. A home of another user, as sudo may leave it in
 * the environment, is not used.
 */
export const open = ({ base, path }: Place, create: boolean): string | undefined =>
  TrustedPath.descend({ base, names: path, privateFrom: NAME, forbidden: EVERYBODY_WRITES, create })

/**
 * Group write permission is allowed: users with a group of their own have such directories, and no code is loaded from
 * here.
 */
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
