/**
 * Accesses files that the user or the environment names: appends lines to a size-limited file that only its owner can
 * read, and reads files without blocking.
 */
import * as Fs from "node:fs"
import { words } from "../NodeSystemError.ts"

const { O_APPEND, O_CREAT, O_NOCTTY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } = Fs.constants
// Do not follow a symbolic link, which another user may have created, nor block on a pipe without a reader.
const APPENDING = O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY
const READING = O_RDONLY | O_NONBLOCK | O_NOCTTY

const PRIVATE = 0o600

/**
 * Appends a line, which must end in a line feed; an empty one only checks whether that is possible. The file is
 * created, or must be a regular file of this user without further hard links; its mode is set to 0600. When the file is
 * larger than `longest` bytes it is renamed to `PATH.old`, replacing an earlier one. Several processes may append to
 * the same file. Returns why that failed, as a phrase for the user, or `undefined`.
 */
export const append = (path: string, line: string, longest: number): string | undefined => {
  try {
    // Opened for each line, because another process may have renamed the file.
    const file = Fs.openSync(path, APPENDING, PRIVATE)
    try {
      const found = Fs.fstatSync(file)
      const objection = objectionTo(found)
      if (objection !== undefined) return objection
      if ((found.mode & 0o777) !== PRIVATE) Fs.fchmodSync(file, PRIVATE)
      if (line !== "") Fs.writeSync(file, line)
      if (found.size + Buffer.byteLength(line) > longest) Fs.renameSync(path, `${path}.old`)
    } finally {
      Fs.closeSync(file)
    }
    return undefined
  } catch (error) {
    return REFUSALS[codeOf(error)] ?? words(error)
  }
}

/** Why not to write to a file: the lines may be secret, and another user may have prepared the file. */
const objectionTo = (found: Fs.Stats): string | undefined => {
  if (!found.isFile()) return NOT_REGULAR
  if (found.uid !== (process.geteuid?.() ?? found.uid)) return "it belongs to another user"
  // The other name could belong to any file of this user.
  return found.nlink > 1 ? "it has a second name (a hard link)" : undefined
}

const NOT_REGULAR = "it is not a regular file"

const REFUSALS: Readonly<Record<string, string>> = {
  ELOOP: "it is a symbolic link",
  // A pipe without a reader, or a socket.
  ENXIO: NOT_REGULAR,
  EISDIR: "it is a directory"
}

const codeOf = (error: unknown): string => (error instanceof Error && "code" in error ? String(error.code) : "")

/** The first `longest` bytes of a regular file; `undefined` if there is none. Does not block on a pipe. */
export const read = (path: string, longest: number): Buffer | undefined => {
  try {
    const file = Fs.openSync(path, READING)
    try {
      const found = Fs.fstatSync(file)
      if (!found.isFile()) return undefined
      const bytes = Buffer.alloc(Math.min(found.size, longest))
      return bytes.subarray(0, Fs.readSync(file, bytes))
    } finally {
      Fs.closeSync(file)
    }
  } catch {
    return undefined
  }
}
