/**
 * How a program of this installation starts another one: as an installed package each is a file of its own, in the
 * single executable all are one file.
 */
import * as Fs from "node:fs"
import * as Path from "node:path"
import * as Sea from "node:sea"
import { fileURLToPath } from "node:url"

export type Program = "mosh" | "mosh-client" | "mosh-server" | "mosh-server-session"

/** A file to execute, and its first arguments. */
export type Words = readonly [string, ...ReadonlyArray<string>]

/** In the executable, the first argument that names the program to be, whatever the file is called. */
export const CHOICE = "--program="

/** The words that start a program with its arguments to follow; `options` are Node's, as far as it still takes them. */
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

/** The launchers lie together, and this process was started by one. */
const launcher = (program: Program): string =>
  Path.join(Path.dirname(Fs.realpathSync(process.argv[1] ?? "")), `${program}.cjs`)
