/**
 * Replaces this process with another program by `process.execve`, as stock's wrapper does: the program keeps our process
 * id, receives signals itself, and its exit status goes to the process that started us.
 *
 * The program must find the process as a shell would hand it over. Node leaves two differences, which are undone first:
 * it ignores SIGPIPE and SIGXFSZ, and reads and writes terminals and pipes without blocking.
 */
import * as Module from "node:module"
import type { Environment } from "../../domain/environment/Locale.ts"
import * as ExecutableFile from "./executableFile.ts"

/**
 * Calls `impossible`, with the process unchanged, where it cannot be replaced: on a platform without `execve`, or with a
 * program that only `execvp` can start. Otherwise it does not return.
 */
export const replaceProcess = (
  words: ReadonlyArray<string>,
  environment: Environment,
  impossible: () => void
): void => {
  const [program = ""] = words
  const file = ExecutableFile.find(program, environment)
  const variables = defined(environment)
  if (file === undefined || process.execve === undefined || !fits(words, variables)) return impossible()

  let received: NodeJS.Signals | undefined
  const remember = (signal: NodeJS.Signals): void => {
    received ??= signal
  }
  for (const signal of ENDING) process.on(signal, remember)
  // Node reports a signal on a later turn of its loop. After two turns, all that have arrived are known.
  setImmediate(setImmediate, () => {
    for (const signal of ENDING) process.removeAllListeners(signal)
    if (received !== undefined) return process.kill(process.pid, received)
    if (!makeStreamsBlock()) return impossible()
    // `execve` resets the signals that are caught to their default action, and leaves ignored ones ignored.
    for (const signal of IGNORED_BY_NODE) process.on(signal, () => undefined)
    Module.flushCompileCache()
    process.execve?.(file, words, variables)
  })
}

const ENDING: ReadonlyArray<NodeJS.Signals> = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"]
const IGNORED_BY_NODE: ReadonlyArray<NodeJS.Signals> = ["SIGPIPE", "SIGXFSZ"]

const defined = (environment: Environment): Record<string, string> =>
  Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))
  )

/** Linux refuses a longer argument or variable: bytes, with room for the name and the zero at the end. */
const LONGEST_STRING = 128 * 1024 - 1024

const fits = (words: ReadonlyArray<string>, variables: Readonly<Record<string, string>>): boolean =>
  [...words, ...Object.values(variables)].every(
    (text) => Buffer.byteLength(text) < LONGEST_STRING && !text.includes("\0")
  )

/** Whether standard input, output and error block again; files always do. */
const makeStreamsBlock = (): boolean =>
  [process.stdin, process.stdout, process.stderr].every((stream) => {
    const handle: unknown = Reflect.get(stream, "_handle")
    if (typeof handle !== "object" || handle === null) return true
    const setBlocking: unknown = Reflect.get(handle, "setBlocking")
    return typeof setBlocking === "function" && setBlocking.call(handle, true) === 0
  })
