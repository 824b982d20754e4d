/**
 * An editable copy of a `Row`. It preserves the rules that make a row well-formed, and is converted back by `row`.
 *
 * Overwriting one half of a wide character leaves the other half empty, with its former background.
 */
import * as Cell from "./Cell.ts"
import * as CharWidth from "./CharWidth.ts"
import { COLOR_BITS } from "./Color.ts"
import { type Hyperlink, LINKED, type Rendition } from "./Rendition.ts"
import * as Row from "./Row.ts"

/** Size of a cell's text, bytes of UTF-8, from which on it takes no further combining mark (spec 8.3). */
const CLUSTER_BYTES = 32

const NO_BREAK_SPACE = 0xa0

export class RowEditor {
  readonly columns: number
  private wrapped: boolean
  private readonly base: Row.Row
  private readonly words: Uint32Array
  private clusters: Map<number, string> | undefined
  private links: Map<number, Hyperlink> | undefined

  constructor(base: Row.Row) {
    this.base = base
    this.words = base.words.slice()
    this.columns = Row.columns(base)
    this.wrapped = base.wraps
    this.clusters = base.clusters === undefined ? undefined : new Map(base.clusters)
    this.links = base.links === undefined ? undefined : new Map(base.links)
  }

  /** Whether the row wraps. A row whose last cell is empty does not, and writing that cell ends the wrap. */
  get wraps(): boolean {
    return this.wrapped
  }

  set wraps(wraps: boolean) {
    this.wrapped = wraps && this.words[(this.columns - 1) * Cell.WORDS] !== Cell.EMPTY
  }

  /** Writes a character of width 1 or 2. A wide one in the last column becomes an empty cell. */
  put(column: number, codePoint: number, width: number, pen: Rendition): void {
    if (width === 2 && column + 1 >= this.columns) return this.erase(column, column + 1, pen.background)
    const { words } = this
    const at = column * Cell.WORDS
    this.part(column, column + width)
    words[at] = codePoint | (width << Cell.WIDTH_SHIFT)
    this.draw(column, pen)
    if (width === 2) {
      words[at + Cell.WORDS] = Cell.RIGHT_HALF
      this.draw(column + 1, pen)
    }
    this.clusters?.delete(column)
    if (column + width >= this.columns) this.wrapped = false
  }

  /** Writes a character of width 1 or 2 with what is joined to it. A wide one in the last column becomes an empty cell. */
  putCluster(column: number, text: string, width: number, pen: Rendition): void {
    const codePoint = text.codePointAt(0) ?? 0
    this.put(column, codePoint, width, pen)
    const at = column * Cell.WORDS
    if (text.length <= (codePoint > 0xffff ? 2 : 1) || this.words[at] === Cell.EMPTY) return
    this.words[at] = codePoint | Cell.CLUSTER | (width << Cell.WIDTH_SHIFT)
    this.clusters ??= new Map()
    this.clusters.set(column, text)
  }

  /** Whether the character in a column has combining marks. */
  hasMarks(column: number): boolean {
    return ((this.words[column * Cell.WORDS] ?? 0) & Cell.CLUSTER) !== 0
  }

  /** Whether the character in a column takes a further combining mark. */
  canCombine(column: number): boolean {
    const glyph = this.words[column * Cell.WORDS] ?? 0
    if (Cell.codePointOf(glyph) === 0) return glyph !== Cell.RIGHT_HALF
    return (glyph & Cell.CLUSTER) === 0 || utf8Length(this.clusters?.get(column) ?? "") < CLUSTER_BYTES
  }

  /**
   * Joins a combining mark to the character in a column. If the column is empty, a no-break space is inserted for it,
   * and the result is true.
   */
  combine(column: number, codePoint: number): boolean {
    const at = column * Cell.WORDS
    const glyph = this.words[at] ?? 0
    if (glyph === Cell.RIGHT_HALF) return false
    const bare = Cell.codePointOf(glyph) === 0
    const base = bare ? NO_BREAK_SPACE : Cell.codePointOf(glyph)
    const text = (glyph & Cell.CLUSTER) === 0 ? String.fromCodePoint(base) : (this.clusters?.get(column) ?? "")
    if (utf8Length(text) >= CLUSTER_BYTES) return false
    this.clusters ??= new Map()
    this.clusters.set(column, text + String.fromCodePoint(codePoint))
    this.words[at] = base | Cell.CLUSTER | (Cell.widthOf(glyph) << Cell.WIDTH_SHIFT)
    return bare
  }

  /** Empties the cells from `from` to `to` (exclusive), with a background; other attributes are ignored. */
  erase(from: number, to: number, background: number): void {
    const end = Math.min(to, this.columns)
    if (from >= end) return
    this.part(from, end)
    for (let column = from; column < end; column++) this.empty(column, background)
  }

  /** Writes text from a column on, up to the end of the row, and returns the column after it. */
  write(column: number, text: string, pen: Rendition): number {
    let at = column
    for (const character of text) {
      const codePoint = character.codePointAt(0) ?? 0
      const width = CharWidth.of(codePoint)
      if (width > 0) {
        if (at + width > this.columns) break
        this.put(at, codePoint, width, pen)
        at += width
      } else if (width === 0 && at > column) {
        this.combine(this.isRightHalf(at - 1) ? at - 2 : at - 1, codePoint)
      }
    }
    return at
  }

  /** Copies one character from another row. A wide one that does not fit becomes an empty cell. */
  copy(column: number, source: Row.Row, sourceColumn: number): void {
    const glyph = source.words[sourceColumn * Cell.WORDS] ?? 0
    const pen = Row.rendition(source, sourceColumn)
    if (Cell.codePointOf(glyph) === 0) return this.erase(column, column + 1, pen.background)
    this.put(column, Cell.codePointOf(glyph), Cell.widthOf(glyph), pen)
    const text = (glyph & Cell.CLUSTER) === 0 ? undefined : source.clusters?.get(sourceColumn)
    if (text === undefined || Cell.codePointOf(this.words[column * Cell.WORDS] ?? 0) === 0) return
    this.clusters ??= new Map()
    this.clusters.set(column, text)
    this.words[column * Cell.WORDS] = glyph
  }

  /** Changes the rendition of the character in a column, both halves of a wide one. An empty cell is unchanged. */
  restyle(column: number, pen: Rendition): void {
    const left = this.isRightHalf(column) ? column - 1 : column
    if (this.words[left * Cell.WORDS] === Cell.EMPTY) return
    this.draw(left, pen)
    if (this.isRightHalf(left + 1)) this.draw(left + 1, pen)
  }

  /** The edited row; the original object if nothing differs. The editor must not be used afterwards. */
  row(): Row.Row {
    const { base, words, wraps } = this
    const clusters = this.clusters?.size === 0 ? undefined : this.clusters
    const links = this.links?.size === 0 ? undefined : this.links
    const row = { words, wraps, clusters, links }
    return Row.equals(base, row) ? base : row
  }

  private isRightHalf(column: number): boolean {
    return column > 0 && this.words[column * Cell.WORDS] === Cell.RIGHT_HALF
  }

  /** Empties the halves of wide characters that extend into the cells from `from` to `to`, from either side. */
  private part(from: number, to: number): void {
    const { words } = this
    if (words[from * Cell.WORDS] === Cell.RIGHT_HALF && from > 0) {
      this.empty(from - 1, words[(from - 1) * Cell.WORDS + Cell.BACKGROUND] ?? 0)
    }
    if (words[to * Cell.WORDS] === Cell.RIGHT_HALF && to < this.columns) {
      this.empty(to, words[to * Cell.WORDS + Cell.BACKGROUND] ?? 0)
    }
  }

  private empty(column: number, background: number): void {
    const { words } = this
    const at = column * Cell.WORDS
    words[at] = Cell.EMPTY
    words[at + Cell.FOREGROUND] = 0
    words[at + Cell.BACKGROUND] = background & COLOR_BITS
    words[at + Cell.UNDERLINE] = 0
    this.clusters?.delete(column)
    this.links?.delete(column)
    if (column + 1 === this.columns) this.wrapped = false
  }

  private draw(column: number, pen: Rendition): void {
    const { words } = this
    const at = column * Cell.WORDS
    words[at + Cell.FOREGROUND] = pen.foreground
    words[at + Cell.BACKGROUND] = pen.background
    if (pen.link === undefined) {
      words[at + Cell.UNDERLINE] = pen.underline
      this.links?.delete(column)
    } else {
      words[at + Cell.UNDERLINE] = pen.underline | LINKED
      this.links ??= new Map()
      this.links.set(column, pen.link)
    }
  }
}

const utf8Length = (text: string): number => {
  let length = 0
  for (const character of text) {
    const codePoint = character.codePointAt(0) ?? 0
    length += codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4
  }
  return length
}
