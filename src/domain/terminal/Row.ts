/**
 * A row of cells, immutable and shared by identity between frames.
 *
 * Two frames that show the same line hold the same `Row` object wherever possible: that makes "unchanged" and "scrolled"
 * pointer comparisons. The cells lie packed in `words`, see `Cell`.
 *
 * A well-formed row has whole wide characters, empty cells with a background colour only, characters of the width that
 * `CharWidth` gives them, clusters no longer than a terminal makes them (spec 8.3), and wraps only where its last cell
 * holds a character. Clusters of another width, or with other than combining characters, are those of `ClusterRules`.
 *
 * ```ts
 * import { type Frame, Row } from "effect-mosh"
 *
 * // The columns of a row that hold a character.
 * export const written = ({ rows }: Frame.Frame, y: number): ReadonlyArray<number> => {
 *   const row = rows[y]
 *   if (row === undefined) return []
 *   return Array.from({ length: Row.columns(row) }, (_, x) => x).filter((x) => !Row.isBlank(row, x))
 * }
 * ```
 */
import * as Cell from "./Cell.ts"
import { type Hyperlink, LINKED, linkEquals, type Rendition } from "./Rendition.ts"
import { clampSide } from "./ScreenSize.ts"

/** The cells of one line. */
export interface Row {
  /** `Cell.WORDS` words per cell. Immutable. */
  readonly words: Uint32Array
  /** Whether the line continues on the next row, because autowrap moved its next character there. */
  readonly wraps: boolean
  /** The text of cells with more than one code point, by column; `undefined` if there are none. */
  readonly clusters: ReadonlyMap<number, string> | undefined
  /** The hyperlinks of cells, by column; `undefined` if there are none. */
  readonly links: ReadonlyMap<number, Hyperlink> | undefined
}

/** The most recent plain blank row: frames of one size share it, so that their blank rows are equal by identity. */
let plain: Row = { words: new Uint32Array(0), wraps: false, clusters: undefined, links: undefined }

/**
 * A row of empty cells with a background (a `Rendition` background word without attributes). `width` becomes a whole
 * number from 1 to 4096; `NaN` becomes 1.
 */
export const blank = (width: number, background = 0): Row => {
  const columns = clampSide(width)
  if (background !== 0) return fill(columns, background)
  if (plain.words.length !== columns * Cell.WORDS) plain = fill(columns, 0)
  return plain
}

const fill = (columns: number, background: number): Row => {
  const words = new Uint32Array(columns * Cell.WORDS)
  for (let i = 0; i < words.length; i += Cell.WORDS) {
    words[i] = Cell.EMPTY
    words[i + Cell.BACKGROUND] = background
  }
  return { words, wraps: false, clusters: undefined, links: undefined }
}

const SPACE = Cell.glyph(0x20, 1)
const NO_BREAK_SPACE = Cell.glyph(0xa0, 1)

/** Number of cells of a row. */
export const columns = (row: Row): number => row.words.length / Cell.WORDS

/** The text of a cell; empty for an empty cell and for a right half. */
export const text = (row: Row, column: number): string => {
  const glyph = row.words[column * Cell.WORDS] ?? 0
  if ((glyph & Cell.CLUSTER) !== 0) return row.clusters?.get(column) ?? ""
  const codePoint = Cell.codePointOf(glyph)
  return codePoint === 0 ? "" : String.fromCodePoint(codePoint)
}

/** The text of a row, without trailing blanks. */
export const line = (row: Row): string => textBetween(row, 0, columns(row)).trimEnd()

/** The text of the cells from column `start` up to `end`, without the one at `end`. Empty cells are spaces. */
export const textBetween = (row: Row, start: number, end: number): string => {
  let written = ""
  for (let column = start; column < end; column++) {
    if (row.words[column * Cell.WORDS] !== Cell.RIGHT_HALF) written += text(row, column) || " "
  }
  return written
}

/** The rendition of a cell. */
export const rendition = (row: Row, column: number): Rendition => {
  const at = column * Cell.WORDS
  const underline = row.words[at + Cell.UNDERLINE] ?? 0
  return {
    foreground: row.words[at + Cell.FOREGROUND] ?? 0,
    background: row.words[at + Cell.BACKGROUND] ?? 0,
    underline: underline & ~LINKED,
    link: (underline & LINKED) === 0 ? undefined : row.links?.get(column)
  }
}

/** Whether two rows of the same width look the same in one column. */
export const cellEquals = (a: Row, b: Row, column: number): boolean => {
  const at = column * Cell.WORDS
  const glyph = a.words[at] ?? 0
  const underline = a.words[at + Cell.UNDERLINE] ?? 0
  return (
    glyph === b.words[at] &&
    a.words[at + Cell.FOREGROUND] === b.words[at + Cell.FOREGROUND] &&
    a.words[at + Cell.BACKGROUND] === b.words[at + Cell.BACKGROUND] &&
    underline === b.words[at + Cell.UNDERLINE] &&
    ((glyph & Cell.CLUSTER) === 0 || a.clusters?.get(column) === b.clusters?.get(column)) &&
    ((underline & LINKED) === 0 || linkEquals(a.links?.get(column), b.links?.get(column)))
  )
}

/** Whether a cell shows only its background: it is empty, or contains a space or a no-break space. */
export const isBlank = (row: Row, column: number): boolean => {
  const glyph = row.words[column * Cell.WORDS] ?? Cell.EMPTY
  return glyph === Cell.EMPTY || glyph === SPACE || glyph === NO_BREAK_SPACE
}

/** Whether cells of two rows show the same character, in any rendition; all blanks are equal. */
export const textEquals = (a: Row, aColumn: number, b: Row, bColumn: number): boolean => {
  const glyph = a.words[aColumn * Cell.WORDS]
  return (
    (glyph === b.words[bColumn * Cell.WORDS] &&
      (((glyph ?? 0) & Cell.CLUSTER) === 0 || a.clusters?.get(aColumn) === b.clusters?.get(bColumn))) ||
    (isBlank(a, aColumn) && isBlank(b, bColumn))
  )
}

/** The row as the bottom one of a screen, which never wraps. */
export const asBottom = (row: Row): Row => (row.wraps ? { ...row, wraps: false } : row)

/** Whether two rows look the same, have the same width, and both wrap or both do not. */
export const equals = (a: Row, b: Row): boolean => {
  if (a === b) return true
  if (a.wraps !== b.wraps || a.words.length !== b.words.length) return false
  for (let i = 0; i < a.words.length; i++) if (a.words[i] !== b.words[i]) return false
  if (a.clusters === undefined && a.links === undefined && b.clusters === undefined && b.links === undefined)
    return true
  const width = columns(a)
  for (let column = 0; column < width; column++) if (!cellEquals(a, b, column)) return false
  return true
}
