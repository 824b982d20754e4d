/**
 * Files of lines that grow no further than they may, and that only their owner can read.
 */
import * as Fs from "node:fs"

// Not through a link that somebody else may have laid; and not waiting for the reader of a pipe.
const { O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_WRONLY } = Fs.constants
const FLAGS = O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK

/**
 * Adds a line, which ends in a line feed. When the file has grown beyond `longest` bytes it becomes `PATH.old`, in place of
 * an earlier one, and a new one begins. Several processes may write the same file. `undefined`, or why it could not be
 * done.
 */
export const append = (path: string, line: string, longest: number): NodeJS.ErrnoException | undefined => {
  try {
    // Opened anew each time: it may have been another process that began a new one.
    const file = Fs.openSync(path, FLAGS, 0o600)
    try {
      if (line !== "") Fs.writeSync(file, line)
      const { size } = Fs.fstatSync(file)
      if (size > longest) Fs.renameSync(path, `${path}.old`)
    } finally {
      Fs.closeSync(file)
    }
    return undefined
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}
