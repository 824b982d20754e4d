/**
 * Where this user's programs keep what is nobody else's business: directories that belong to them alone.
 */
import * as Fs from "node:fs"
import * as Os from "node:os"
import * as Path from "node:path"

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
 * The path of a place, if it is this user's alone: itself and the directory above it are no symbolic links, belong to
 * this user, and let nobody else in. `create` makes what is missing below the base.
 */
export const open = ({ base, path }: Place, create: boolean): string | undefined => {
  try {
    // Another person's home, as sudo may leave it, is no place for files of ours.
    if (Fs.statSync(base).uid !== process.getuid?.()) return undefined
    let directory = base
    // One by one: Node's own way to make several never returns where the system says that a present directory is none.
    for (const [depth, name] of path.entries()) {
      directory = Path.join(directory, name)
      if (create && !Fs.existsSync(directory)) Fs.mkdirSync(directory, { mode: 0o700 })
      if (depth >= path.indexOf(NAME) && !isPrivate(directory)) return undefined
    }
    return directory
  } catch {
    return undefined
  }
}

const isPrivate = (path: string): boolean => {
  const found = Fs.lstatSync(path)
  return found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o077) === 0
}

const absolute = (path: string | undefined): string | undefined =>
  path !== undefined && Path.isAbsolute(path) ? path : undefined

const homeOfAccount = (): string | undefined => {
  try {
    return absolute(Os.userInfo().homedir)
  } catch {
    return undefined
  }
}
