/**
 * Whether any known terminal may join a character to the cell before it, instead of drawing it in the next cell.
 *
 * In a frame, cells are independent (spec 8.3). Terminals that cluster graphemes look at the cell left of the cursor,
 * however the cursor got there: tmux joins everything to a cell that ends in a joiner, others follow the rules of UAX
 * 29. The lists here contain more than any single terminal joins: a needless entry costs bytes, a missing one could
 * cost a wrong cell.
 */
import * as ClusterRules from "../terminal/ClusterRules.ts"
import * as Cell from "../terminal/Cell.ts"
import type { Row } from "../terminal/Row.ts"
import type { Capabilities } from "./Capabilities.ts"

const ZERO_WIDTH_JOINER = "\u200d"

/** Whether the cell at a column, empty or not, may be joined to the one before it. */
export const mayJoin = (row: Row, column: number): boolean => {
  if (column === 0) return false
  const { words } = row
  const left = previous(row, column)
  return pairMayJoin(row, left, words[left * Cell.WORDS] ?? 0, words[column * Cell.WORDS] ?? 0)
}

/** Whether a character with this glyph, printed after the last cell of a row, may be joined to that cell. */
export const mayJoinAcross = (row: Row, glyph: number): boolean => {
  const left = previous(row, row.words.length / Cell.WORDS)
  return pairMayJoin(row, left, row.words[left * Cell.WORDS] ?? 0, glyph)
}

/**
 * A cell's text as it is printed. Joiners at its end are omitted if the terminal would join what is printed next, and
 * after symbols, which are joined most often. After a letter a joiner is kept otherwise, because it also shapes the
 * letter.
 */
export const separable = (text: string, base: number, { joins }: Capabilities): string =>
  joins === "none" || !text.endsWith(ZERO_WIDTH_JOINER) || (joins === "left" && base < FIRST_SYMBOL)
    ? text
    : text.replace(JOINERS, "")

/** The column of the cell before one. */
export const previous = ({ words }: Row, column: number): number =>
  column > 1 && words[(column - 1) * Cell.WORDS] === Cell.RIGHT_HALF ? column - 2 : column - 1

const pairMayJoin = (row: Row, leftColumn: number, leftGlyph: number, glyph: number): boolean => {
  const left = Cell.codePointOf(leftGlyph)
  const codePoint = Cell.codePointOf(glyph)
  const isCluster = (leftGlyph & Cell.CLUSTER) !== 0
  if (!isCluster && left < FIRST_PREPENDED && codePoint < FIRST_MARK) return false
  if (isCluster && row.clusters?.get(leftColumn)?.endsWith(ZERO_WIDTH_JOINER) === true) return true
  if (codePoint === 0) return false
  return (
    (isCluster && ClusterRules.isComplex(codePoint)) ||
    isExtending(codePoint) ||
    (ClusterRules.isRegional(left) && ClusterRules.isRegional(codePoint)) ||
    (isLeadingJamo(left) && isHangul(codePoint)) ||
    isPrepended(left)
  )
}

const JOINERS = /\u200d+$/
const FIRST_SYMBOL = 0x2000
const FIRST_MARK = 0x300
const FIRST_PREPENDED = 0x600

const MARK = /\p{M}/u

/** A character with a width that belongs to the one before it: spacing marks, skin tones, and the like. */
const isExtending = (codePoint: number): boolean => {
  if (codePoint < FIRST_MARK) return false
  if (codePoint >= 0x1f3fb && codePoint <= 0x1f3ff) return true
  if (codePoint === 0xe33 || codePoint === 0xeb3 || codePoint === 0xff9e || codePoint === 0xff9f) return true
  // Symbols and CJK: much text, and two marks.
  if (codePoint >= 0x2100 && codePoint < 0xa000) return codePoint === 0x302e || codePoint === 0x302f
  return MARK.test(String.fromCodePoint(Math.min(codePoint, 0x10ffff)))
}

const isLeadingJamo = (codePoint: number): boolean =>
  (codePoint >= 0x1100 && codePoint < 0x1160) || (codePoint >= 0xa960 && codePoint < 0xa980)

const isHangul = (codePoint: number): boolean =>
  (codePoint >= 0x1100 && codePoint < 0x1200) ||
  (codePoint >= 0xa960 && codePoint < 0xa980) ||
  (codePoint >= 0xac00 && codePoint < 0xd800)

/** `Prepend` of UAX 29: signs that go before what they belong to. */
const isPrepended = (codePoint: number): boolean =>
  codePoint >= FIRST_PREPENDED &&
  (codePoint < 0x606 ||
    codePoint === 0x6dd ||
    codePoint === 0x70f ||
    codePoint === 0x8e2 ||
    codePoint === 0xd4e ||
    codePoint === 0x890 ||
    codePoint === 0x891 ||
    (codePoint >= 0x110bd && codePoint < 0x11f10 && PREPENDED.has(codePoint)))

const PREPENDED = new Set([
  0x110bd, 0x110cd, 0x111c2, 0x111c3, 0x113d1, 0x1193f, 0x11941, 0x11a3a, 0x11a84, 0x11a85, 0x11a86, 0x11a87, 0x11a88,
  0x11a89, 0x11d46, 0x11f02
])
