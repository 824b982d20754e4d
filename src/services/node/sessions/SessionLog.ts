/**
 * Writes `ended.log`: one line for each session that ended, and why, in a file that its owner can read later.
 */
import * as Path from "node:path"
import { plain } from "../../../domain/session/PlainText.ts"
import * as BoundedFile from "../files/BoundedFile.ts"
import * as PrivateDirectory from "../files/PrivateDirectory.ts"

const NAME = "ended.log"
/** Size of the file, bytes, at which it is renamed to `ended.log.old`, and a new one begins. */
const LONGEST_FILE = 65_536
const LONGEST_LINE = 400

/** Appends a line. Errors, such as a full disk or an unwritable home, lose only this line. */
export const write = (environment: NodeJS.ProcessEnv, pid: number, text: string): void => {
  for (const place of PrivateDirectory.places(environment)) {
    const directory = PrivateDirectory.open(place, true)
    if (directory !== undefined && append(Path.join(directory, NAME), pid, text)) return
  }
}

/** Records a session whose process exited without a record. */
export const lost =
  (environment: NodeJS.ProcessEnv) =>
  (pid: number): void =>
    write(environment, pid, "the session ended without a word: it was killed, or the machine was")

const append = (path: string, pid: number, text: string): boolean => {
  const line = `${new Date().toISOString()} mosh-server[${pid}]: ${plain(text, LONGEST_LINE)}\n`
  return BoundedFile.append(path, line, LONGEST_FILE) === undefined
}
