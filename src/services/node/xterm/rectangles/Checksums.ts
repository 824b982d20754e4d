/**
 * Checksums of rectangles: DECRQCRA, `CSI id;page;top;left;bottom;right * y`. XTCHECKSUM, `CSI n # y`, selects how they are
 * calculated, by bits as in xterm:
 *
 * | bit | effect                                             |
 * | --- | -------------------------------------------------- |
 * | 1   | the sum is not negated                             |
 * | 2   | attributes do not count                            |
 * | 4   | cells where nothing was written count as blanks    |
 * | 16  | code points count whole, not their last 8 bits     |
 *
 * Otherwise only the first cell of the area counts as a blank where nothing was written.
 */
import * as ScreenArea from "../../../../domain/terminal/ScreenArea.ts"
import * as CellBlocks from "./CellBlocks.ts"
import { type BufferLine, CELL_WORDS, type Core, Foreground, HAS_CONTENT, IS_COMBINED } from "../Internals.ts"
import type { Margins } from "../margins/Margins.ts"

const Bit = { notNegated: 1, noAttributes: 2, allBlanks: 4, wholeCodePoints: 16 } as const

/** What attributes add to the sum. */
const WEIGHTS = [
  [Foreground.bold, 0x80],
  [Foreground.blink, 0x40],
  [Foreground.inverse, 0x20],
  [Foreground.underline, 0x10]
] as const

const BLANK = 0x20
/** What the right half of a wide character counts as. */
const RIGHT_HALF = 0xff
const CODE_POINT = 0x1fffff

export const install = (core: Core, margins: Margins): void => {
  const handler = core._inputHandler
  let options = 0

  const valueOf = (line: BufferLine, column: number, isFirst: boolean): number => {
    const at = CELL_WORDS * column
    const content = line._data[at] as number
    if (content === 0) return RIGHT_HALF
    const foreground = line._data[at + 1] as number
    let value = 0
    if ((content & HAS_CONTENT) === 0) value = isFirst || (options & Bit.allBlanks) !== 0 ? BLANK : 0
    else if ((foreground & Foreground.invisible) !== 0) value = BLANK
    else {
      value = (content & IS_COMBINED) !== 0 ? (line._combined[column]?.codePointAt(0) ?? 0) : content & CODE_POINT
      if ((options & Bit.wholeCodePoints) === 0) value &= 0xff
    }
    if ((options & Bit.noAttributes) === 0)
      for (const [bit, weight] of WEIGHTS) if ((foreground & bit) !== 0) value += weight
    return value
  }

  const sum = ({ bottom, left, right, top }: ScreenArea.ScreenArea): number => {
    let total = 0
    for (let row = top; row <= bottom; row++) {
      const line = CellBlocks.lineOf(handler._activeBuffer, row)
      if (line === undefined) break
      for (let column = left; column <= right; column++) total += valueOf(line, column, row === top && column === left)
    }
    return total
  }

  handler._parser.registerCsiHandler({ intermediates: "#", final: "y" }, (params) => {
    options = params.params[0] ?? 0
    return true
  })
  handler._parser.registerCsiHandler({ intermediates: "*", final: "y" }, (params) => {
    const at = (index: number) => (index < params.length ? (params.params[index] as number) : 0)
    const area = ScreenArea.within(margins.addressable(), at(2), at(3), at(4), at(5))
    const total = area === undefined ? 0 : sum(area)
    const checksum = ((options & Bit.notNegated) === 0 ? -total : total) & 0xffff
    const digits = checksum.toString(16).toUpperCase().padStart(4, "0")
    core.coreService.triggerDataEvent(`\x1bP${at(0)}!~${digits}\x1b\\`)
    return true
  })

  const ended =
    <A extends ReadonlyArray<unknown>>(reset: (...args: A) => boolean) =>
    (...args: A) => {
      options = 0
      return reset(...args)
    }
  handler.softReset = ended(handler.softReset.bind(handler))
  handler.fullReset = ended(handler.fullReset.bind(handler))
}
