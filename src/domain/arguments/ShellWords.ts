/**
 * Splits and quotes words like a POSIX shell, without expansions.
 */
import * as Result from "effect/Result"

/**
 * Splits a command into words at blanks. `'…'` is literal. In `"…"` a backslash quotes `$`, `` ` ``, `"`, `\` and a
 * newline; elsewhere it quotes any character. Fails with a phrase for the user if a quote is not closed.
 */
export const split = (text: string): Result.Result<ReadonlyArray<string>, string> => {
  const words: Array<string> = []
  let word: string | undefined
  let at = 0
  while (at < text.length) {
    const character = text[at] as string
    at += 1
    if (BLANKS.includes(character)) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else if (character === "'") {
      const end = text.indexOf("'", at)
      if (end < 0) return Result.fail("a single quote has no end")
      word = (word ?? "") + text.slice(at, end)
      at = end + 1
    } else if (character === '"') {
      const quoted = doubleQuoted(text, at)
      if (quoted === undefined) return Result.fail("a double quote has no end")
      word = (word ?? "") + quoted.text
      at = quoted.end
    } else if (character === "\\") {
      if (at >= text.length) return Result.fail("a backslash is the last character")
      // A backslash and a newline continue the line.
      if (text[at] !== "\n") word = (word ?? "") + (text[at] as string)
      at += 1
    } else {
      word = (word ?? "") + character
    }
  }
  if (word !== undefined) words.push(word)
  return Result.succeed(words)
}

/** One word that any POSIX shell reads as `text`. */
export const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

/** Words for users to read or to type again: quoted only where necessary. */
export const display = (words: ReadonlyArray<string>): string =>
  words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : quote(word))).join(" ")

const BLANKS = " \t\n"

/** The text from `from` to the closing double quote, and the position after that; `undefined` if there is none. */
const doubleQuoted = (text: string, from: number): { readonly text: string; readonly end: number } | undefined => {
  let inside = ""
  let at = from
  while (at < text.length) {
    const character = text[at] as string
    at += 1
    if (character === '"') return { text: inside, end: at }
    if (character !== "\\") {
      inside += character
      continue
    }
    const next = text[at]
    if (next === undefined) return undefined
    at += 1
    if (next === "\n") continue
    inside += '$`"\\'.includes(next) ? next : `\\${next}`
  }
  return undefined
}
