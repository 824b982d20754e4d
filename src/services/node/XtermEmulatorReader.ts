/**
 * Reads xterm's screen as rows.
 *
 * Rows are made once and shared: xterm moves its line objects when it scrolls, so a row is remembered by its line and
 * found again wherever the line went. xterm also reuses line objects for new content, so what a remembered row was made
 * from is compared first.
 */
import * as Cell from "../../domain/terminal/Cell.ts"
import * as Color from "../../domain/terminal/Color.ts"
import * as Rendition from "../../domain/terminal/Rendition.ts"
import * as Row from "../../domain/terminal/Row.ts"
import * as Xterm from "./XtermEmulatorInternals.ts"

export interface ScreenReader {
  /** The row that a line shows; `wraps` when the next line continues it. It is `before` when it looks the same. */
  readonly row: (line: Xterm.BufferLine, columns: number, wraps: boolean, before: Row.Row | undefined) => Row.Row
  /** The rendition of what is printed next. */
  readonly pen: (attributes: Xterm.Attributes) => Rendition.Rendition
}

/** A row, and all that it was made from. */
interface Remembered {
  readonly data: Uint32Array
  readonly extended: ReadonlyArray<Xterm.ExtendedAttributes | undefined> | undefined
  row: Row.Row
}

export const make = (linkOf: (urlId: number) => Rendition.Hyperlink | undefined): ScreenReader => {
  const remembered = new WeakMap<Xterm.BufferLine, Remembered>()
  return {
    row: (line, columns, wraps, before) => {
      let known = remembered.get(line)
      if (known === undefined || !isUnchanged(known, line, columns)) {
        const data = line._data.slice(0, columns * Xterm.CELL_WORDS)
        known = { data, extended: extendedOf(line, data), row: read(line, columns, wraps, linkOf) }
        remembered.set(line, known)
      } else if (known.row.wraps !== (wraps && endsInText(known.row))) {
        known.row = { ...known.row, wraps }
      }
      if (before !== undefined && Row.equals(before, known.row)) known.row = before
      return known.row
    },
    pen: (attributes) => {
      const words = new Uint32Array(Cell.WORDS)
      draw(words, 0, attributes.fg, attributes.bg, attributes.extended)
      const { urlId } = attributes.extended
      return {
        foreground: words[Cell.FOREGROUND] as number,
        background: words[Cell.BACKGROUND] as number,
        underline: words[Cell.UNDERLINE] as number,
        link: urlId === 0 ? undefined : linkOf(urlId)
      }
    }
  }
}

const isUnchanged = (known: Remembered, line: Xterm.BufferLine, columns: number): boolean => {
  const before = known.data
  const now = line._data
  const length = columns * Xterm.CELL_WORDS
  if (before.length !== length) return false
  for (let i = 0; i < length; i++) if (before[i] !== now[i]) return false
  const { clusters } = known.row
  if (clusters !== undefined) {
    for (const [column, text] of clusters) if (line._combined[column] !== text) return false
  }
  if (known.extended !== undefined) {
    for (let x = 0; x < columns; x++) {
      if (known.extended[x] !== undefined && known.extended[x] !== line._extendedAttrs[x]) return false
    }
  }
  return true
}

const extendedOf = (line: Xterm.BufferLine, data: Uint32Array): Remembered["extended"] => {
  let extended: Array<Xterm.ExtendedAttributes | undefined> | undefined
  for (let i = 2, x = 0; i < data.length; i += Xterm.CELL_WORDS, x++) {
    if (((data[i] as number) & Xterm.Background.hasExtended) === 0) continue
    extended ??= []
    extended[x] = line._extendedAttrs[x]
  }
  return extended
}

/** A row wraps only from a character in its last cell: a wide one that did not fit there leaves it empty. */
const endsInText = (row: Row.Row): boolean => {
  const glyph = row.words[row.words.length - Cell.WORDS] ?? Cell.EMPTY
  return glyph === Cell.RIGHT_HALF || (glyph & (Cell.CODE_POINT_BITS | Cell.CLUSTER)) !== 0
}

const color = (word: number): Color.Color => {
  switch ((word >>> 24) & 3) {
    case Xterm.Kind.default:
      return Color.DEFAULT
    case Xterm.Kind.rgb:
      return Color.rgb(word >>> 16, word >>> 8, word)
    default:
      return Color.palette(word)
  }
}

/** Writes the rendition of one cell, but not its hyperlink. */
const draw = (
  words: Uint32Array,
  at: number,
  fg: number,
  bg: number,
  extended: Xterm.ExtendedAttributes | undefined
): void => {
  const { Background, Foreground } = Xterm
  let foreground = color(fg)
  if ((fg & Foreground.bold) !== 0) foreground |= Rendition.BOLD
  if ((bg & Background.dim) !== 0) foreground |= Rendition.DIM
  if ((bg & Background.italic) !== 0) foreground |= Rendition.ITALIC
  if ((fg & Foreground.blink) !== 0) foreground |= Rendition.BLINK
  if ((fg & Foreground.inverse) !== 0) foreground |= Rendition.INVERSE
  if ((fg & Foreground.invisible) !== 0) foreground |= Rendition.INVISIBLE
  let background = color(bg)
  if ((fg & Foreground.strikethrough) !== 0) background |= Rendition.STRIKETHROUGH
  if ((bg & Background.overline) !== 0) background |= Rendition.OVERLINE
  let underline = 0
  if ((fg & Foreground.underline) !== 0) {
    // Its own style: xterm's accessor would say "dashed" for every hyperlink.
    const ext = extended?._ext ?? 0
    const style = (ext >>> Rendition.UNDERLINE_SHIFT) & 7
    underline = color(ext) | ((style === 0 ? Rendition.Underline.single : style) << Rendition.UNDERLINE_SHIFT)
  }
  words[at + Cell.FOREGROUND] = foreground
  words[at + Cell.BACKGROUND] = background
  words[at + Cell.UNDERLINE] = underline
}

const read = (
  line: Xterm.BufferLine,
  columns: number,
  wraps: boolean,
  linkOf: (urlId: number) => Rendition.Hyperlink | undefined
): Row.Row => {
  const data = line._data
  const words = new Uint32Array(columns * Cell.WORDS)
  let clusters: Map<number, string> | undefined
  let links: Map<number, Rendition.Hyperlink> | undefined
  let blank = true

  for (let x = 0; x < columns; x++) {
    const from = x * Xterm.CELL_WORDS
    const at = x * Cell.WORDS
    const content = data[from] as number
    const fg = data[from + 1] as number
    const bg = data[from + 2] as number
    const wide = content >>> Cell.WIDTH_SHIFT === 2
    const whole = !wide || (x + 1 < columns && data[from + Xterm.CELL_WORDS] === 0)
    if ((content & Xterm.HAS_CONTENT) === 0 || !whole) {
      words[at] = Cell.EMPTY
      words[at + Cell.BACKGROUND] = color(bg)
      if (words[at + Cell.BACKGROUND] !== 0) blank = false
      continue
    }

    blank = false
    if ((content & Xterm.IS_COMBINED) === 0) words[at] = Cell.glyph(content & Cell.CODE_POINT_BITS, wide ? 2 : 1)
    else {
      const text = line._combined[x] as string
      words[at] = Cell.glyph(text.codePointAt(0) as number, wide ? 2 : 1) | Cell.CLUSTER
      clusters ??= new Map()
      clusters.set(x, text)
    }
    const extended = (bg & Xterm.Background.hasExtended) === 0 ? undefined : line._extendedAttrs[x]
    if (fg !== 0 || bg !== 0) draw(words, at, fg, bg, extended)
    const link = extended === undefined || extended.urlId === 0 ? undefined : linkOf(extended.urlId)
    if (link !== undefined) {
      links ??= new Map()
      links.set(x, link)
      words[at + Cell.UNDERLINE] = (words[at + Cell.UNDERLINE] as number) | Rendition.LINKED
    }
    if (wide) {
      x++
      words[at + Cell.WORDS] = Cell.RIGHT_HALF
      words.copyWithin(at + Cell.WORDS + 1, at + 1, at + Cell.WORDS)
      if (link !== undefined) links?.set(x, link)
    }
  }

  if (blank) return Row.blank(columns)
  const row = { words, wraps: false, clusters, links }
  return wraps && endsInText(row) ? { ...row, wraps } : row
}
