/**
 * Checks that only this user and root can replace anything in a directory. Code may be loaded only from such a
 * directory, because the system resolves its path again after any check.
 */
import * as Fs from "node:fs"
import * as Path from "node:path"

/**
 * The real path of a directory, if every component of it, from the root down, belongs to this user or to root, and no
 * other user can write to it. A sticky directory of root, such as `/tmp`, may be world-writable: there, users can
 * replace only their own files. `undefined` otherwise, or if the directory does not exist.
 */
export const trusted = (directory: string): string | undefined => {
  try {
    const real = Fs.realpathSync.native(directory)
    const components = real.split(Path.sep).filter((name) => name !== "")
    let path = Path.parse(real).root
    for (const name of ["", ...components]) {
      path = Path.join(path, name)
      if (!isOurOrRoots(Fs.lstatSync(path))) return undefined
    }
    return real
  } catch {
    return undefined
  }
}

const isOurOrRoots = (found: Fs.Stats): boolean =>
  found.isDirectory() &&
  (found.uid === user() || found.uid === 0) &&
  ((found.mode & OTHERS_WRITE) === 0 || (found.uid === 0 && (found.mode & STICKY) !== 0))

/** A directory of the user, and the names that lead down from it. */
export interface Descent {
  readonly base: string
  readonly names: ReadonlyArray<string>
  /** The first name from which on directories deny all access to others and are no symbolic links; absent: none. */
  readonly privateFrom?: string
  /** Mode bits that the directories above `privateFrom` must not have. */
  readonly forbidden: number
  /** Whether to create missing directories below the base, with mode 0700. */
  readonly create: boolean
}

/**
 * The directory to which the names lead, if the base and every directory below it belong to this user and have no
 * forbidden mode bits; `undefined` otherwise, or if one is missing. A directory is created only after all above it have
 * passed the check.
 */
export const descend = ({ base, create, forbidden, names, privateFrom }: Descent): string | undefined => {
  try {
    if (!isOurs(Fs.statSync(base), forbidden)) return undefined
    let directory = base
    let isPrivate = false
    // One by one: Node's recursive mkdir never returns if the system reports that an existing directory does not exist.
    for (const name of names) {
      directory = Path.join(directory, name)
      isPrivate ||= name === privateFrom
      if (create) make(directory)
      const found = isPrivate ? Fs.lstatSync(directory) : Fs.statSync(directory)
      if (!isOurs(found, isPrivate ? OTHERS : forbidden)) return undefined
    }
    return directory
  } catch {
    return undefined
  }
}

/** Whether a file is a directory of this user without any of these mode bits. */
export const isOurs = (found: Fs.Stats, forbidden: number): boolean =>
  found.isDirectory() && found.uid === user() && (found.mode & forbidden) === 0

const make = (directory: string): void => {
  if (Fs.existsSync(directory)) return
  try {
    Fs.mkdirSync(directory, { mode: 0o700 })
  } catch (error) {
    // Another process has created it in the meantime.
    if (!Fs.existsSync(directory)) throw error
  }
}

/** The effective user id; `undefined` on systems without user ids. */
const user = (): number | undefined => process.geteuid?.()

const OTHERS = 0o077
const OTHERS_WRITE = 0o022
const STICKY = 0o1000
