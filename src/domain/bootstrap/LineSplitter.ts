/**
 * Splits text that arrives in pieces into lines.
 */

/** The text after the last line feed. */
export interface LineSplitter {
  readonly pending: string
  /** The pending line has reached `LONGEST` and was delivered: the rest of it is dropped. */
  readonly overlong: boolean
}

export const EMPTY: LineSplitter = { pending: "", overlong: false }

/** Maximum length of a line, characters. */
export const LONGEST = 65_536

/**
 * The lines that `text` completes, without their line feeds.
 *
 * The rest of an overlong line is dropped, not delivered as a line: a `MOSH CONNECT` in it would be cut, and half of a key
 * would look like text for the user.
 */
export const push = (splitter: LineSplitter, text: string): readonly [LineSplitter, ReadonlyArray<string>] => {
  const lines: Array<string> = []
  let { overlong, pending } = splitter
  let from = 0
  while (true) {
    const end = text.indexOf("\n", from)
    const piece = text.slice(from, end < 0 ? text.length : end)
    if (!overlong) {
      pending += piece.slice(0, LONGEST - pending.length)
      overlong = pending.length === LONGEST
      if (overlong || end >= 0) lines.push(pending)
      if (overlong) pending = ""
    }
    if (end < 0) return [{ pending, overlong }, lines]
    pending = ""
    overlong = false
    from = end + 1
  }
}

/** The last line, if it does not end in a line feed; otherwise `undefined`. */
export const last = ({ pending }: LineSplitter): string | undefined => (pending === "" ? undefined : pending)
