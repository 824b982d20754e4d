/**
 * How a program of this installation starts another one. In an installed package each program is a file; in the single
 * executable all are one file.
 */
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as Sea from "node:sea"
import { fileURLToPath } from "node:url"

export type Program = "mosh" | "mosh-client" | "mosh-server" | "mosh-server-session"

/** A file to execute, and its first arguments. */
export type Words = readonly [string, ...ReadonlyArray<string>]

/** In the executable: the prefix of a first argument that names the program to run, whatever the file's name. */
export const CHOICE = "--program="

/** The words that start a program; its arguments follow. `options` are for Node; the executable ignores them. */
export const words = (program: Program, options: ReadonlyArray<string> = []): Words =>
  // The executable has its options built in.
  Sea.isSea()
    ? [process.execPath, CHOICE + program]
    : [
        process.execPath,
        ...process.execArgv,
        ...options,
        program === "mosh-server-session" ? sessionProcess() : launcher(program)
      ]

/** The session process: beside this file in the bundle, in its own folder among the sources. */
const sessionProcess = (): string => {
  const own = fileURLToPath(import.meta.url)
  return Path.extname(own) === ".ts"
    ? Path.join(Path.dirname(own), "../mosh-server/sessionProcess.ts")
    : Path.join(Path.dirname(own), "mosh-server-session.js")
}

/** The launcher of a program: in the directory of the one that started this process. */
const launcher = (program: Program): string =>
  Path.join(Path.dirname(Fs.realpathSync(process.argv[1] ?? "")), `${program}.cjs`)
