/**
 * The colours that SGR 38, 48 and 58 name, in every form that programs write.
 *
 * | form                                     | colour                                           |
 * |------------------------------------------|--------------------------------------------------|
 * | `38;5;n`, `38:5:n`, `38;5:n`             | the palette's                                    |
 * | `38;2;r;g;b`, `38:2:r:g:b`, `38;2:r:g:b` | direct: three values after the 2 are the colour  |
 * | `38:2:s:r:g:b`, `38:2::r:g:b:t:u`        | direct: with four or more, a colour space leads  |
 *
 * Empty values are 0. With colons, the parameters that a 38 may take end with its group, and a colour that is incomplete
 * or beyond 255 is none, as in xterm. With semicolons, an incomplete colour leaves its parameters to be read on their own,
 * as in stock mosh (spec 8.6).
 *
 * The reader keeps its last result as state, so that reading a colour allocates nothing.
 */
import * as Color from "../terminal/Color.ts"

/** A number that is not a colour. */
const NONE = -1
const PALETTE = 5
const DIRECT = 2
const LARGEST = 255

export class SgrColorReader {
  /** The parameters of the sequence; missing ones are negative. */
  private readonly values: ArrayLike<number>
  private readonly count: number
  /** Whether a colon joins a parameter to the one before. */
  private readonly joined: (i: number) => boolean
  /** The parameter after the colour that was read last. */
  end = 0

  constructor(values: ArrayLike<number>, count: number, joined: (i: number) => boolean) {
    this.values = values
    this.count = count
    this.joined = joined
  }

  /** The colour whose 38, 48 or 58 is at `start`; `undefined` if it is not a colour. Sets `end`. */
  read(start: number): Color.Color | undefined {
    const first = start + 1
    const group = this.groupEnd(start)
    if (group > first) return this.grouped(first, group)
    const second = first < this.count ? this.groupEnd(first) : first
    if (second > first + 1) return this.grouped(first, second)
    return this.separate(first)
  }

  /** The index after the parameters that colons join to the one at `start`. */
  groupEnd(start: number): number {
    let end = start + 1
    while (end < this.count && this.joined(end)) end++
    return end
  }

  /** A colour within one group: its kind is at `kind`. */
  private grouped(kind: number, end: number): Color.Color | undefined {
    this.end = end
    const values = end - kind - 1
    if (this.at(kind) === PALETTE) return values < 1 ? undefined : palette(this.at(kind + 1))
    if (this.at(kind) !== DIRECT || values < 3) return undefined
    const red = values === 3 ? kind + 1 : kind + 2
    const [r, g, b] = [this.at(red), this.at(red + 1), this.at(red + 2)]
    return Math.max(r, g, b) > LARGEST ? undefined : Color.rgb(r, g, b)
  }

  /** A colour given by separate parameters. Parameters that a colon joins to its last one are ignored. */
  private separate(kind: number): Color.Color | undefined {
    const mode = kind < this.count ? this.at(kind) : NONE
    const last = mode === PALETTE ? kind + 1 : mode === DIRECT ? kind + 3 : this.count
    if (last >= this.count) {
      this.end = kind
      return undefined
    }
    this.end = this.groupEnd(last)
    return mode === PALETTE
      ? palette(this.at(last))
      : Color.rgb(this.at(kind + 1), this.at(kind + 2), this.at(kind + 3))
  }

  private at(i: number): number {
    return Math.max(0, this.values[i] ?? 0)
  }
}

const palette = (index: number): Color.Color | undefined => (index > LARGEST ? undefined : Color.indexed(index))
