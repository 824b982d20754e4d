/**
 * Changes attributes of cells that are on the screen already (DECCARA, DECRARA).
 */
import { BLANK, type BufferLine, CELL_WORDS, Foreground, HAS_CONTENT } from "../Internals.ts"

/** Changes the attributes of one cell. */
export type Change = (line: BufferLine, column: number) => void

/** The attributes by their numbers in SGR. */
const BITS: ReadonlyMap<number, number> = new Map([
  [1, Foreground.bold],
  [4, Foreground.underline],
  [5, Foreground.blink],
  [7, Foreground.inverse],
  [8, Foreground.invisible]
])

const RESETTING = 20
const NOT_BOLD = 22

const ALL = [...BITS.values()].reduce((all, bit) => all | bit, 0)

/** The attributes that blanks have, too. */
const OF_BLANKS = ALL & ~Foreground.invisible

/** Sets the attributes 1, 4, 5, 7 and 8 of SGR, and resets them by 0, 22, 24, 25, 27 and 28. */
export const setting = (codes: ReadonlyArray<number>): Change => {
  let kept = -1
  let added = 0
  const set = (bits: number, on: boolean) => {
    kept &= ~bits
    added = on ? added | bits : added & ~bits
  }
  for (const code of codes) {
    if (code === 0) set(ALL, false)
    else if (code === NOT_BOLD) set(Foreground.bold, false)
    else if (code > RESETTING) set(BITS.get(code - RESETTING) ?? 0, false)
    else set(BITS.get(code) ?? 0, true)
  }
  return changed((foreground) => (foreground & kept) | added)
}

/** Reverses the attributes 1, 4, 5, 7 and 8 of SGR. */
export const reversing = (codes: ReadonlyArray<number>): Change => {
  let reversed = 0
  for (const code of codes) reversed ^= BITS.get(code) ?? 0
  return changed((foreground) => foreground ^ reversed)
}

/** Erases the text of a cell, and keeps its rendition. */
export const eraseText: Change = ({ _data }, column) => {
  const at = CELL_WORDS * column
  _data[at] = ((_data[at + 1] as number) & OF_BLANKS) === 0 ? BLANK : BLANK | 0x20
}

/** An empty cell becomes a blank, because only text has attributes. */
const changed =
  (change: (foreground: number) => number): Change =>
  ({ _data }, column) => {
    const at = CELL_WORDS * column
    const foreground = change(_data[at + 1] as number)
    const content = _data[at] as number
    // Right halves of wide characters have no content, and the attributes of the left ones.
    if ((content & HAS_CONTENT) === 0 && content !== 0 && (foreground & OF_BLANKS) !== 0) _data[at] = BLANK | 0x20
    _data[at + 1] = foreground
  }
