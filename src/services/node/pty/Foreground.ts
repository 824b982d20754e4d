/**
 * Finds the foreground process of a session's terminal, from Linux's `/proc`: the shell, or the command that it runs.
 */
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as ShellWords from "../../../domain/arguments/ShellWords.ts"
import type { Foreground } from "../../server/Pty.ts"

/** The foreground process of the terminal of process `pid`; `undefined` if the system does not show it. */
export const of = (pid: number | undefined, home: string | undefined): Foreground | undefined => {
  if (pid === undefined) return undefined
  try {
    // The name, in parentheses, may contain blanks; later fields do not. The sixth is the terminal's foreground process
    // group.
    const stat = Fs.readFileSync(`/proc/${pid}/stat`, "latin1")
    const group = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[5])
    const program = commandLine(group) ?? commandLine(pid)
    // The system does not show the directory of another user's program, such as one started by sudo.
    const directory = directoryOf(group) ?? directoryOf(pid)
    if (program === undefined || directory === undefined) return undefined
    return { program, directory: abbreviated(directory, home) }
  } catch {
    return undefined
  }
}

const commandLine = (pid: number): string | undefined => {
  try {
    const [file, ...rest] = Fs.readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").slice(0, -1)
    // A login shell's name begins with a dash.
    return file === undefined ? undefined : ShellWords.display([Path.basename(file).replace(/^-/, ""), ...rest])
  } catch {
    return undefined
  }
}

const directoryOf = (pid: number): string | undefined => {
  try {
    return Fs.readlinkSync(`/proc/${pid}/cwd`)
  } catch {
    return undefined
  }
}

const abbreviated = (directory: string, home: string | undefined): string => {
  if (home === undefined || home === "" || home === "/") return directory
  return directory === home || directory.startsWith(`${home}/`) ? `~${directory.slice(home.length)}` : directory
}
