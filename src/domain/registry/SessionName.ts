/**
 * The names of sessions, and the ways to select one.
 *
 * A name has 1 to 32 characters: ASCII letters, digits, `.`, `_` and `-`, the first of them a letter. So a name is never a
 * process id, an option, a path, or text that a shell reads as anything else. `all` and `new` are reserved.
 */
import * as Result from "effect/Result"

/** A session, by its name or its process id. */
export type Selector = string | number

/** The longest name, in characters. */
export const LONGEST = 32

const NAME = /^[A-Za-z][A-Za-z0-9._-]{0,31}$/
const RESERVED = new Set(["all", "new"])

/** Whether `text` is a name that a session may have. */
export const isValid = (text: string): boolean => NAME.test(text) && !RESERVED.has(text)

/** Parses a name. A failure is a sentence for the user. */
export const parse = (text: string): Result.Result<string, string> =>
  isValid(text)
    ? Result.succeed(text)
    : Result.fail(
        `A session's name has 1 to ${LONGEST} letters, digits, ".", "_" or "-", the first a letter; all and new are reserved.`
      )

/** Parses a name or a process id; `undefined` if it is neither. */
export const selector = (text: string): Selector | undefined => {
  if (isValid(text)) return text
  const pid = /^\d{1,10}$/.test(text) ? Number(text) : 0
  return pid > 1 && pid < 2 ** 31 ? pid : undefined
}

/** Whether a session is the selected one. */
export const matches = (
  selected: Selector,
  session: { readonly pid: number; readonly name?: string | undefined }
): boolean => selected === session.pid || selected === session.name
