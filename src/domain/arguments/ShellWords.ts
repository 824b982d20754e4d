/**
 * Words as a POSIX shell splits and quotes them, without expanding anything.
 */
import * as Result from "effect/Result"

/**
 * Splits a command into words: blanks separate, `'…'` is literal, in `"…"` a backslash quotes `$`, `` ` ``, `"`, `\` and
 * a newline, elsewhere it quotes anything. Fails, with words for a person, on a quote without an end.
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
      if (at >= text.length) return Result.fail("a backslash stands at the end")
      // A backslash and a newline together are nothing: the line goes on.
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

/** Words for a person to read or to type again: quoted only where that is needed. */
export const display = (words: ReadonlyArray<string>): string =>
  words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : quote(word))).join(" ")

const BLANKS = " \t\n"

/** What stands between `from` and the closing double quote, and the place after it. */
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
