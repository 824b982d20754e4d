/**
 * Lines kept for later: the newest of them, and how many older ones had to go.
 */
export interface HeldLines {
  readonly lines: ReadonlyArray<string>
  readonly dropped: number
}

/** The most lines that are kept. */
export const MOST = 500

export const NONE: HeldLines = { lines: [], dropped: 0 }

export const add = ({ dropped, lines }: HeldLines, line: string): HeldLines => ({
  lines: [...lines.slice(lines.length < MOST ? 0 : lines.length - MOST + 1), line],
  dropped: dropped + (lines.length < MOST ? 0 : 1)
})

/** All of it, to be told now. */
export const told = ({ dropped, lines }: HeldLines): ReadonlyArray<string> =>
  dropped === 0 ? lines : [`(${dropped} earlier line${dropped === 1 ? " is" : "s are"} left out)`, ...lines]
