/**
 * Finds the file of a program for `process.execve`, which ends this process with a core dump when the kernel refuses the
 * file. So only files that the kernel accepts are returned.
 */
import * as Fs from "node:fs"
import * as Path from "node:path"
import type { Environment } from "../../domain/environment/Locale.ts"

/**
 * The first file of that name on the environment's `PATH` that may be executed; a name with a slash is a path. `undefined`
 * when there is none, or when the kernel would not execute the file itself: a script without `#!` needs a shell.
 */
export const find = (name: string, environment: Environment): string | undefined => {
  const directories = name.includes("/") ? [""] : (environment["PATH"] ?? DEFAULT_PATH).split(":")
  const file = directories.map((directory) => Path.join(directory, name)).find(isExecutable)
  if (file === undefined) return undefined
  const magic = firstBytes(file)
  const accepted = magic.startsWith("#!") || (magic.length === MAGIC_LENGTH && magic === firstBytes(process.execPath))
  return accepted ? Path.resolve(file) : undefined
}

/** As in glibc's `execvp`. */
const DEFAULT_PATH = "/bin:/usr/bin"

const isExecutable = (file: string): boolean => {
  try {
    Fs.accessSync(file, Fs.constants.X_OK)
    return Fs.statSync(file).isFile()
  } catch {
    return false
  }
}

/** The bytes that name an executable's format. Node's own executable has the platform's. */
const MAGIC_LENGTH = 4

/** Nothing where the file may be executed but not read. */
const firstBytes = (file: string): string => {
  try {
    const descriptor = Fs.openSync(file, "r")
    try {
      const bytes = Buffer.alloc(MAGIC_LENGTH)
      return bytes.toString("latin1", 0, Fs.readSync(descriptor, bytes))
    } finally {
      Fs.closeSync(descriptor)
    }
  } catch {
    return ""
  }
}
