/**
 * Parses POSIX command lines: single letters, bundled (`-sv`), with values attached (`-p60001`) or separate
 * (`-p 60001`), up to `--`.
 *
 * Unknown options become tokens, not failures, because `mosh-server` must continue after one (spec 1.5). Operands may be
 * between options, as GNU's getopt permits by default.
 */

/** The option letters of a program. A letter is one code point. */
export interface Letters {
  readonly flags: string
  readonly withValue: string
}

export type Token =
  | { readonly _tag: "Flag"; readonly letter: string }
  | { readonly _tag: "Value"; readonly letter: string; readonly value: string }
  /** An unknown letter. `--word` is the unknown letter `-` followed by its letters. */
  | { readonly _tag: "Unknown"; readonly letter: string }
  /** A letter that needs a value, but is the last word. */
  | { readonly _tag: "MissingValue"; readonly letter: string }
  | { readonly _tag: "Operand"; readonly text: string }

/** Parses a command line. Total: every argument becomes part of a token, in order. */
export const parse = (letters: Letters, line: ReadonlyArray<string>): ReadonlyArray<Token> => {
  const tokens: Array<Token> = []
  for (let at = 0; at < line.length; at++) {
    const argument = line[at] as string
    if (argument === "--") {
      for (const text of line.slice(at + 1)) tokens.push({ _tag: "Operand", text })
      break
    }
    if (argument.length < 2 || argument[0] !== "-") {
      tokens.push({ _tag: "Operand", text: argument })
      continue
    }
    const bundle = Array.from(argument.slice(1))
    for (let place = 0; place < bundle.length; place++) {
      const letter = bundle[place] as string
      if (letters.flags.includes(letter)) {
        tokens.push({ _tag: "Flag", letter })
      } else if (!letters.withValue.includes(letter)) {
        tokens.push({ _tag: "Unknown", letter })
      } else if (place + 1 < bundle.length) {
        tokens.push({ _tag: "Value", letter, value: bundle.slice(place + 1).join("") })
        break
      } else if (at + 1 < line.length) {
        at += 1
        tokens.push({ _tag: "Value", letter, value: line[at] as string })
      } else {
        tokens.push({ _tag: "MissingValue", letter })
      }
    }
  }
  return tokens
}

/** getopt's message for an unknown letter or a missing value; `undefined` for other tokens. */
export const complaint = (program: string, token: Token): string | undefined => {
  switch (token._tag) {
    case "Unknown":
      return `${program}: invalid option -- '${token.letter}'`
    case "MissingValue":
      return `${program}: option requires an argument -- '${token.letter}'`
    default:
      return undefined
  }
}
