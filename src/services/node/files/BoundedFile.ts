/**
 * Files that the user or the environment names: written as bounded files of lines that only their owner can read, and read
 * without waiting.
 */
import * as Fs from "node:fs"
import { words } from "../NodeSystemError.ts"

const { O_APPEND, O_CREAT, O_NOCTTY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } = Fs.constants
// Not through a link that somebody else may have made; and not waiting for the reader of a pipe, which no signal ends.
const APPENDING = O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY
const READING = O_RDONLY | O_NONBLOCK | O_NOCTTY

const PRIVATE = 0o600

/**
 * Adds a line, which ends in a line feed; an empty one only tries. The file is made, or must be a regular file of this user
 * under one name; its mode becomes 0600. When it has grown beyond `longest` bytes it becomes `PATH.old`, in place of an
 * earlier one, and a new one begins. Several processes may write the same file. `undefined`, or why it could not be done.
 */
export const append = (path: string, line: string, longest: number): string | undefined => {
  try {
    // Opened anew each time: it may have been another process that began a new one.
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

/** What is written may be secret, and the file's name may be another user's trap. */
const objectionTo = (found: Fs.Stats): string | undefined => {
  if (!found.isFile()) return NOT_REGULAR
  if (found.uid !== (process.geteuid?.() ?? found.uid)) return "it belongs to another user"
  // A second name could be that of any file of this user.
  return found.nlink > 1 ? "it has a second name (a hard link)" : undefined
}

const NOT_REGULAR = "it is not a regular file"

const REFUSALS: Readonly<Record<string, string>> = {
  ELOOP: "it is a symbolic link",
  // A pipe that nobody reads, or a socket.
  ENXIO: NOT_REGULAR,
  EISDIR: "it is a directory"
}

const codeOf = (error: unknown): string => (error instanceof Error && "code" in error ? String(error.code) : "")

/** The first `longest` bytes of a regular file; `undefined` without one. A pipe in its place is not waited for. */
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
