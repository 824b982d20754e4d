/**
 * Finds the program to run, as `execvp` would, but before a child process exists, which could report a failure only on
 * the terminal.
 */
import * as Result from "effect/Result"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { PtyError, type PtyOptions } from "../../server/Pty.ts"

/** The search path if the environment has no `PATH`: glibc's default. */
const DEFAULT_PATH = "/bin:/usr/bin"

/** Why a path cannot be executed, as a phrase for the user; `undefined` if it can. */
const hindrance = (path: string): string | undefined => {
  try {
    if (!Fs.statSync(path).isFile()) return "it is not a file"
    Fs.accessSync(path, Fs.constants.X_OK)
    return undefined
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined
    return code === "EACCES" ? "permission denied" : "no such file"
  }
}

/**
 * The absolute path of the program that `file` names, with `PATH` from the environment. Relative paths start from
 * `directory`.
 */
export const find = (
  options: Pick<PtyOptions, "file" | "environment">,
  directory: string
): Result.Result<string, PtyError> => {
  const { environment, file } = options
  if (file.includes("/")) {
    const path = Path.resolve(directory, file)
    const reason = hindrance(path)
    return reason === undefined ? Result.succeed(path) : Result.fail(new PtyError({ file, reason }))
  }
  let reason = "command not found"
  if (file !== "") {
    for (const entry of (environment["PATH"] ?? DEFAULT_PATH).split(":")) {
      const path = Path.resolve(directory, entry, file)
      const why = hindrance(path)
      if (why === undefined) return Result.succeed(path)
      if (why === "permission denied") reason = why
    }
  }
  return Result.fail(new PtyError({ file, reason }))
}
