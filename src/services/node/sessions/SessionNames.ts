/**
 * The claims to names: a session with a name has a symbolic link to that name beside its sockets, `PID.name`.
 *
 * So the name of a session is known even if that does not answer, because it is busy or stopped. The link is in place before the
 * session can be found.
 */
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as SessionName from "../../../domain/registry/SessionName.ts"
import * as PrivateDirectory from "../files/PrivateDirectory.ts"

const SUFFIX = ".name"

/** A claim to a name, perhaps of a process that has ended. */
export interface Claim {
  readonly pid: number
  /** The path of the session's socket for queries, which exists once the session has the name. */
  readonly path: string
}

/** All claims to a name by sessions of this user. */
export const claims = (environment: NodeJS.ProcessEnv, name: string): ReadonlyArray<Claim> =>
  PrivateDirectory.places(environment).flatMap((place) => {
    const directory = PrivateDirectory.open(place, false)
    if (directory === undefined) return []
    return entries(directory).flatMap((entry) => {
      const [, pid] = /^([1-9]\d{0,9})\.name$/.exec(entry) ?? []
      const path = Path.join(directory, pid ?? "")
      return pid !== undefined && nameOf(path) === name ? [{ pid: Number(pid), path }] : []
    })
  })

/** The name that the session with this socket claims; `undefined` if it claims none. */
export const nameOf = (path: string): string | undefined => {
  try {
    const name = Fs.readlinkSync(path + SUFFIX)
    return SessionName.isValid(name) ? name : undefined
  } catch {
    return undefined
  }
}

/** Publishes a claim. Returns `false` if that is impossible. */
export const publish = (path: string, name: string): boolean => {
  withdraw(path)
  try {
    Fs.symlinkSync(name, path + SUFFIX)
    return true
  } catch {
    return false
  }
}

/** Removes a claim, if there is one. */
export const withdraw = (path: string): void => {
  try {
    Fs.unlinkSync(path + SUFFIX)
  } catch {
    // There is none.
  }
}

const entries = (directory: string): ReadonlyArray<string> => {
  try {
    return Fs.readdirSync(directory)
  } catch {
    return []
  }
}
