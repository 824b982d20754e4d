/**
 * Keeps V8's compiled form of the bundle, 1 MB, so that only the first start compiles it.
 *
 * Node opens the files by their path when it loads a module, and runs what they hold. So they are kept only where every
 * directory on the way is this user's or root's: a user who could replace one would run code as us.
 */
import * as Fs from "node:fs"
import * as Module from "node:module"
import * as Os from "node:os"
import * as Path from "node:path"
import * as TrustedPath from "../../services/node/files/TrustedPath.ts"

const NAME = "effect-mosh"

/** Without a home directory of our own nothing is cached, and a start takes some 30 ms longer. */
export const keepCompiled = (): void => {
  try {
    const directory = cache()
    if (directory !== undefined) Module.enableCompileCache(directory)
  } catch {
    // The home directory is full or read-only.
  }
}

const cache = (): string | undefined => {
  const { XDG_CACHE_HOME: chosen = "" } = process.env
  const caches = ownDirectory(Path.isAbsolute(chosen) ? chosen : Path.join(Os.homedir(), ".cache"))
  if (caches === undefined) return undefined
  const directory = TrustedPath.descend({ base: caches, names: [NAME], privateFrom: NAME, ...RULES })
  if (directory === undefined) return undefined
  // Node's own directories, one per version.
  const below = Fs.readdirSync(directory).map((name) => Fs.lstatSync(Path.join(directory, name)))
  return below.every((found) => TrustedPath.isOurs(found, RULES.forbidden)) ? directory : undefined
}

const RULES = { forbidden: 0o022, create: true }

/** The real path of a directory of ours, made if it is missing and the one above it is ours. */
const ownDirectory = (path: string): string | undefined => {
  const above = Fs.existsSync(path) ? path : Path.dirname(path)
  const base = TrustedPath.trusted(above)
  if (base === undefined) return undefined
  return TrustedPath.descend({ base, names: above === path ? [] : [Path.basename(path)], ...RULES })
}
