/**
 * What the operating system says of a call that failed.
 */
import * as Util from "node:util"

/** The error as Node gives it, where it is one of the system's. */
export const systemError = (error: unknown): NodeJS.ErrnoException | undefined =>
  error instanceof Error ? error : undefined

/** The system's own words without Node's, such as `network is unreachable`. */
export const words = (error: unknown): string => {
  const { errno, message } = systemError(error) ?? { errno: undefined, message: String(error) }
  return (errno === undefined ? undefined : Util.getSystemErrorMap().get(errno)?.[1]) ?? message
}

/** The same, as C programs print them: `Network is unreachable`. */
export const perror = (error: unknown): string => {
  const text = words(error)
  return text.slice(0, 1).toUpperCase() + text.slice(1)
}
