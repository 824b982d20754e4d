/**
 * Whether a program can start in a directory. It is checked before a start, because a failed start would blame the program.
 */
import * as Fs from "node:fs"

export const canEnter = (directory: string): boolean => {
  try {
    Fs.accessSync(directory, Fs.constants.X_OK)
    return Fs.statSync(directory).isDirectory()
  } catch {
    return false
  }
}
