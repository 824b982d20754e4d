/**
 * A bounded buffer of lines to print later: the newest lines, and the number of older ones that were dropped.
 */
export interface HeldLines {
  readonly lines: ReadonlyArray<string>
  readonly dropped: number
}

/** Maximum number of lines kept. */
export const MOST = 500

export const NONE: HeldLines = { lines: [], dropped: 0 }

/** Appends a line; the oldest one is dropped if the buffer is full. */
export const add = ({ dropped, lines }: HeldLines, line: string): HeldLines => ({
  lines: [...lines.slice(lines.length < MOST ? 0 : lines.length - MOST + 1), line],
  dropped: dropped + (lines.length < MOST ? 0 : 1)
})

/** The lines to print, preceded by the number of dropped ones, if any. */
export const toPrint = ({ dropped, lines }: HeldLines): ReadonlyArray<string> =>
  dropped === 0 ? lines : [`(${dropped} earlier line${dropped === 1 ? " is" : "s are"} left out)`, ...lines]
