/**
 * What the operating system says of a call that failed.
 */
import * as Util from "node:util"

/** The error as Node gives it, where it is one of the system's. */
export const systemError = (error: unknown): NodeJS.ErrnoException | undefined =>
  error instanceof Error ? error : undefined

/** The system's own words, such as `Network is unreachable`. */
export const words = (error: unknown): string => {
  const { errno, message } = systemError(error) ?? { errno: undefined, message: String(error) }
  const text = (errno === undefined ? undefined : Util.getSystemErrorMap().get(errno)?.[1]) ?? message
  return text.slice(0, 1).toUpperCase() + text.slice(1)
}
