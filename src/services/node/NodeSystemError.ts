/**
 * Formats errors of system calls for users.
 */
import * as Util from "node:util"

/** `error` with the fields that Node adds to system errors; `undefined` if it is no `Error`. */
export const systemError = (error: unknown): NodeJS.ErrnoException | undefined =>
  error instanceof Error ? error : undefined

/** The system's message without Node's additions, such as `network is unreachable`. */
export const words = (error: unknown): string => {
  const { errno, message } = systemError(error) ?? { errno: undefined, message: String(error) }
  return (errno === undefined ? undefined : Util.getSystemErrorMap().get(errno)?.[1]) ?? message
}

/** The system's message as C programs print it: `Network is unreachable`. */
export const perror = (error: unknown): string => {
  const text = words(error)
  return text.slice(0, 1).toUpperCase() + text.slice(1)
}
