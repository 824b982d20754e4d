/**
 * Directories of which nobody but this user and root can replace anything: only from such may code be loaded by its path,
 * which the system looks up again after any check.
 */
import * as Fs from "node:fs"
import * as Path from "node:path"

/**
 * The real path of a directory, if every component of it, from the root down, belongs to this user or to root and is
 * writable by nobody else. A directory like `/tmp`, which belongs to root and is sticky, may be writable by all: nobody
 * can replace there what is not theirs. `undefined` otherwise, or where the directory is missing.
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

/** A directory of the user's, and names below it. */
export interface Descent {
  readonly base: string
  readonly names: ReadonlyArray<string>
  /** The first of the names that nobody else may even look into, and that is no symbolic link; absent: none. */
  readonly privateFrom?: string
  /** Mode bits that the directories above that may not have. */
  readonly forbidden: number
  /** Whether what is missing below the base is made, with mode 0700. */
  readonly create: boolean
}

/**
 * The directory to which the names lead, if the base and every directory below it belong to this user and have no
 * forbidden mode bit; `undefined` otherwise, or where something is missing. Nothing is made unless all above it has passed.
 */
export const descend = ({ base, create, forbidden, names, privateFrom }: Descent): string | undefined => {
  try {
    if (!isOurs(Fs.statSync(base), forbidden)) return undefined
    let directory = base
    let isPrivate = false
    // One by one: Node's own way to make several never returns where the system says that a present directory is none.
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

/** Whether it is a directory of this user without any of these mode bits. */
export const isOurs = (found: Fs.Stats, forbidden: number): boolean =>
  found.isDirectory() && found.uid === user() && (found.mode & forbidden) === 0

const make = (directory: string): void => {
  if (Fs.existsSync(directory)) return
  try {
    Fs.mkdirSync(directory, { mode: 0o700 })
  } catch (error) {
    // Another process has made it meanwhile.
    if (!Fs.existsSync(directory)) throw error
  }
}

/** The user as whom files are made and opened; none where the system has no such numbers. */
const user = (): number | undefined => process.geteuid?.()

const OTHERS = 0o077
const OTHERS_WRITE = 0o022
const STICKY = 0o1000
