/**
 * Converts xterm's screen to rows.
 *
 * Rows are converted once and shared. xterm moves its line objects when it scrolls, so a converted row is cached by its
 * line object, and found wherever the line moved. xterm also reuses line objects for new content, so the cached row's
 * source is compared before the row is used.
 */
import * as Cell from "../../../domain/terminal/Cell.ts"
import * as Color from "../../../domain/terminal/Color.ts"
import * as Rendition from "../../../domain/terminal/Rendition.ts"
import * as Row from "../../../domain/terminal/Row.ts"
import * as Xterm from "./Internals.ts"

/** A converter with its cache of rows. */
export interface ScreenReader {
  /**
   * The row for a line of xterm's; `wraps`: whether the next line continues it. Returns `before` if that is an equal
   * row.
   */
  readonly row: (line: Xterm.BufferLine, columns: number, wraps: boolean, before: Row.Row | undefined) => Row.Row
  /** The row for a line that leaves the screen, which is not kept for later calls. */
  readonly convert: (line: Xterm.BufferLine, columns: number, wraps: boolean) => Row.Row
  /** The rendition of the text printed next. */
  readonly pen: (attributes: Xterm.Attributes) => Rendition.Rendition
}

/** A cached row, and a copy of everything that it was converted from. */
interface Cached {
  readonly data: Uint32Array
  readonly extended: ReadonlyArray<Xterm.ExtendedAttributes | undefined> | undefined
  row: Row.Row
}

export const make = (linkOf: (urlId: number) => Rendition.Hyperlink | undefined): ScreenReader => {
  const cache = new WeakMap<Xterm.BufferLine, Cached>()
  return {
    row: (line, columns, wraps, before) => {
      let known = cache.get(line)
      if (known === undefined || !isUnchanged(known, line, columns)) {
        known = isBlank(line, columns)
          ? { data: blankData(columns), extended: undefined, row: Row.blank(columns) }
          : convert(line, columns, wraps, linkOf, known)
        cache.set(line, known)
      } else if (known.row.wraps !== (wraps && endsInText(known.row))) {
        known.row = { ...known.row, wraps }
      }
      if (before !== undefined && Row.equals(before, known.row)) known.row = before
      return known.row
    },
    convert: (line, columns, wraps) => read(line, columns, wraps, linkOf),
    pen: (attributes) => {
      const { bg, extended, fg } = attributes
      return {
        foreground: foregroundOf(fg, bg) >>> 0,
        background: backgroundOf(fg, bg),
        underline: underlineOf(fg, extended),
        link: extended.urlId === 0 ? undefined : linkOf(extended.urlId)
      }
    }
  }
}

const convert = (
  line: Xterm.BufferLine,
  columns: number,
  wraps: boolean,
  linkOf: (urlId: number) => Rendition.Hyperlink | undefined,
  before: Cached | undefined
): Cached => {
  const data = copyOf(line._data.subarray(0, columns * Xterm.CELL_WORDS), before?.data)
  return { data, extended: extendedOf(line, data), row: read(line, columns, wraps, linkOf) }
}

/** A copy of `data`, in the memory of the row's previous copy if it has the same size and is not shared. */
const copyOf = (data: Uint32Array, before: Uint32Array | undefined): Uint32Array => {
  if (before === undefined || before === blankLine || before.length !== data.length) return data.slice()
  before.set(data)
  return before
}

/** The most recent contents of a blank line: those of one size share it, so that an empty screen costs no copies. */
let blankLine = new Uint32Array(0)
const blankData = (columns: number): Uint32Array => {
  const length = columns * Xterm.CELL_WORDS
  if (blankLine.length === length) return blankLine
  blankLine = new Uint32Array(length)
  for (let i = 0; i < length; i += Xterm.CELL_WORDS) blankLine[i] = Xterm.BLANK
  return blankLine
}

/** Whether a line has only cells that were never written, or erased in the default rendition. */
const isBlank = (line: Xterm.BufferLine, columns: number): boolean => {
  const blank = blankData(columns)
  for (let i = 0; i < blank.length; i++) if (line._data[i] !== blank[i]) return false
  return true
}

const isUnchanged = (known: Cached, line: Xterm.BufferLine, columns: number): boolean => {
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

const extendedOf = (line: Xterm.BufferLine, data: Uint32Array): Cached["extended"] => {
  let extended: Array<Xterm.ExtendedAttributes | undefined> | undefined
  for (let i = 2, x = 0; i < data.length; i += Xterm.CELL_WORDS, x++) {
    if (((data[i] as number) & Xterm.Background.hasExtended) === 0) continue
    extended ??= []
    extended[x] = line._extendedAttrs[x]
  }
  return extended
}

/** Whether a row can wrap: its last cell contains a character. A wide character that did not fit leaves it empty. */
const endsInText = (row: Row.Row): boolean => {
  const glyph = row.words[row.words.length - Cell.WORDS] ?? Cell.EMPTY
  return glyph === Cell.RIGHT_HALF || (glyph & (Cell.CODE_POINT_BITS | Cell.CLUSTER)) !== 0
}

export const color = (word: number): Color.Color => {
  switch ((word >>> 24) & 3) {
    case Xterm.Kind.default:
      return Color.DEFAULT
    case Xterm.Kind.rgb:
      return Color.rgb(word >>> 16, word >>> 8, word)
    case Xterm.Kind.palette256:
      return Color.indexed(word)
    default:
      return Color.palette(word)
  }
}

export const foregroundOf = (fg: number, bg: number): number => {
  const { Background, Foreground } = Xterm
  let word = color(fg)
  if ((fg & Foreground.bold) !== 0) word |= Rendition.BOLD
  if ((bg & Background.dim) !== 0) word |= Rendition.DIM
  if ((bg & Background.italic) !== 0) word |= Rendition.ITALIC
  if ((fg & Foreground.blink) !== 0) word |= Rendition.BLINK
  if ((fg & Foreground.inverse) !== 0) word |= Rendition.INVERSE
  if ((fg & Foreground.invisible) !== 0) word |= Rendition.INVISIBLE
  return word
}

export const backgroundOf = (fg: number, bg: number): number => {
  let word = color(bg)
  if ((fg & Xterm.Foreground.strikethrough) !== 0) word |= Rendition.STRIKETHROUGH
  if ((bg & Xterm.Background.overline) !== 0) word |= Rendition.OVERLINE
  return word
}

/** The underline style and colour, read directly: xterm's accessor reports "dashed" for every hyperlink. */
export const underlineOf = (fg: number, extended: Xterm.ExtendedAttributes | undefined): number => {
  if ((fg & Xterm.Foreground.underline) === 0) return 0
  const ext = extended?._ext ?? 0
  const style = (ext >>> Rendition.UNDERLINE_SHIFT) & 7
  return Color.named(color(ext)) | ((style === 0 ? Rendition.Underline.single : style) << Rendition.UNDERLINE_SHIFT)
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
  // The rendition of the previous cell: neighbours mostly share it.
  let fgBefore = 0
  let bgBefore = 0
  let extendedBefore: Xterm.ExtendedAttributes | undefined
  let foreground = 0
  let background = 0
  let underline = 0
  let link: Rendition.Hyperlink | undefined

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
      if (bg === 0) continue
      words[at + Cell.BACKGROUND] = color(bg)
      if (words[at + Cell.BACKGROUND] !== 0) blank = false
      continue
    }

    blank = false
    const width = wide ? 2 : 1
    if ((content & Xterm.IS_COMBINED) === 0) words[at] = Cell.glyph(content & Cell.CODE_POINT_BITS, width)
    else {
      const text = line._combined[x] as string
      words[at] = Cell.glyph(text.codePointAt(0) as number, width) | Cell.CLUSTER
      clusters ??= new Map()
      clusters.set(x, text)
    }
    const extended = (bg & Xterm.Background.hasExtended) === 0 ? undefined : line._extendedAttrs[x]
    if (fg !== fgBefore || bg !== bgBefore || extended !== extendedBefore) {
      fgBefore = fg
      bgBefore = bg
      extendedBefore = extended
      foreground = foregroundOf(fg, bg)
      background = backgroundOf(fg, bg)
      underline = underlineOf(fg, extended)
      link = extended === undefined || extended.urlId === 0 ? undefined : linkOf(extended.urlId)
      if (link !== undefined) underline |= Rendition.LINKED
    }
    for (let half = 0; half < width; half++) {
      const cell = at + half * Cell.WORDS
      words[cell + Cell.FOREGROUND] = foreground
      words[cell + Cell.BACKGROUND] = background
      words[cell + Cell.UNDERLINE] = underline
      if (link === undefined) continue
      links ??= new Map()
      links.set(x + half, link)
    }
    // The glyph word of the right half remains 0.
    if (wide) x++
  }

  if (blank) return Row.blank(columns)
  const row = { words, wraps: false, clusters, links }
  return wraps && endsInText(row) ? { ...row, wraps } : row
}
