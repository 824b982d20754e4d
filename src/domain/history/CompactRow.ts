/**
 * A row as bytes: its text, then the renditions of runs of cells. The history keeps rows in this form, and a history stream
 * carries them in it (docs/spec/history.md, section 4). 80 columns of plain text take 85 bytes; a `Row` takes 1280.
 *
 * ```
 * flags     1 byte: 01 the row wraps; 02 cells of the text may have an explicit width; 04 or 08 the program erased the row, by
 *           `CSI 2 J` or by `CSI J` (`Erasure`); the other bits are 0
 * columns   2 bytes, big-endian, 1 to `MAX_COLUMNS`
 * length    2 bytes, big-endian
 * text      length bytes of UTF-8: the cells from the left, an empty one as U+007F, a wide one once, marks behind their base
 *           A cell with an explicit width (`ClusterLayout`) is its width, U+0001 or U+0002, its text, and U+0000.
 * runs      up to the end, each:
 *   columns    varint, at least 1; runs begin at column 0 and follow one another
 *   parts      1 byte: 01 foreground, 02 background, 04 underline, 08 link, 10 the link of the nearest linked run before
 *   words      for each of the first three bits: the word of `Rendition`, 4 bytes, big-endian; 0 if absent
 *   link       for bit 08: its parameters and its target, each as a varint length and ASCII
 * ```
 *
 * Cells beyond the text are empty; cells beyond the runs have the default rendition.
 *
 * Laws: `decode(encode(row))` equals `row` for every well-formed row whose hyperlinks are valid (`OscText.isLink`) and whose
 * bytes number at most `MAX_BYTES`. Of another row, `encode` drops the links, then the renditions, then the combining
 * marks, as far as necessary. `decode` accepts any bytes and yields only well-formed rows.
 */
import * as Result from "effect/Result"
import * as Erasure from "./Erasure.ts"
import * as OscText from "../display/OscText.ts"
import * as Varint from "../wire/streams/Varint.ts"
import * as Cell from "../terminal/Cell.ts"
import * as CharWidth from "../terminal/CharWidth.ts"
import * as ClusterLayout from "../terminal/ClusterLayout.ts"
import * as ClusterRules from "../terminal/ClusterRules.ts"
import { COLOR_BITS } from "../terminal/Color.ts"
import { isBackground, isForeground, isUnderline } from "../terminal/RenditionWords.ts"
import * as Rendition from "../terminal/Rendition.ts"
import * as Row from "../terminal/Row.ts"
import { RowEditor } from "../terminal/RowEditor.ts"

/** The maximum number of columns: that of a screen (`ResizeMessage`). */
export const MAX_COLUMNS = 4096

/** The maximum size of a compact row, bytes. Only rows made for the purpose come near it. */
export const MAX_BYTES = 65_536

/** The character that represents an empty cell in the text. */
export const EMPTY_CELL = 0x7f

const WRAPS = 0x01
const EXPLICIT = 0x02
/** What ends the text of a cell with an explicit width. */
const END_OF_CELL = 0

const FOREGROUND = 0x01
const BACKGROUND = 0x02
const UNDERLINE = 0x04
const LINK = 0x08
const SAME_LINK = 0x10

/** Buffers for a row that is being encoded. Synchronous code can use the same buffers for every row. */
export interface Parts {
  readonly text: Uint8Array
  textLength: number
  /** Whether cells of the text have an explicit width. */
  isExplicit: boolean
  readonly runs: Uint8Array
  runsLength: number
}

/** Buffers for any row. */
export const parts = (): Parts => ({
  text: new Uint8Array(MAX_BYTES),
  textLength: 0,
  isExplicit: false,
  runs: new Uint8Array(MAX_BYTES),
  runsLength: 0
})

/** Size of everything before the text, bytes. */
export const HEAD = 5

/** Writes everything before a text of `length` bytes. */
export const writeHead = (
  bytes: Uint8Array,
  at: number,
  columns: number,
  wraps: boolean,
  length: number,
  isExplicit = false
): void => {
  bytes[at] = (wraps ? WRAPS : 0) | (isExplicit ? EXPLICIT : 0)
  bytes[at + 1] = columns >>> 8
  bytes[at + 2] = columns & 0xff
  bytes[at + 3] = length >>> 8
  bytes[at + 4] = length & 0xff
}

/** The size of a row with such parts, bytes. */
export const size = ({ runsLength, textLength }: Parts): number => HEAD + textLength + runsLength

/** Writes a row with such parts at `at`, where `size` bytes must be left. */
export const write = (bytes: Uint8Array, at: number, columns: number, wraps: boolean, parts: Parts): void => {
  const { isExplicit, runs, runsLength, text, textLength } = parts
  writeHead(bytes, at, columns, wraps, textLength, isExplicit)
  bytes.set(text.subarray(0, textLength), at + HEAD)
  bytes.set(runs.subarray(0, runsLength), at + HEAD + textLength)
}

/** Encodes the cells of a row, so that it has at most `MAX_BYTES`. */
export const fill = (parts: Parts, row: Row.Row): void => {
  for (let level = 0; ; level++) {
    const text = writeText(parts, row, level < 3)
    const runs = level < 2 ? writeRuns(parts.runs, row, level < 1) : 0
    if (text < 0 || runs < 0) continue
    parts.textLength = text
    parts.runsLength = runs
    if (size(parts) <= MAX_BYTES) return
  }
}

const shared = parts()

/** Whether cells of a compact row have an explicit width, which peers without `Features.widths` do not understand. */
export const isExplicit = (bytes: Uint8Array): boolean => ((bytes[0] ?? 0) & EXPLICIT) !== 0

/** A compact row for peers without `Features.widths`. */
export const plain = (bytes: Uint8Array): Uint8Array => {
  const row = isExplicit(bytes) ? Result.getOrUndefined(decode(bytes)) : undefined
  return row === undefined ? bytes : Erasure.copy(bytes, encode(ClusterLayout.row(row, ClusterRules.NONE)))
}

/** Encodes a row. */
export const encode = (row: Row.Row): Uint8Array => {
  fill(shared, row)
  const bytes = new Uint8Array(size(shared))
  write(bytes, 0, Row.columns(row), row.wraps, shared)
  return bytes
}

/** Room that one cell or one run without a link needs, bytes. */
const MARGIN = 64

/** Writes the text. Returns its length, or -1 if it is too long. */
const writeText = (parts: Parts, row: Row.Row, marks: boolean): number => {
  const { clusters, words } = row
  const { text: out } = parts
  parts.isExplicit = false
  let end = words.length
  while (end > 0 && words[end - Cell.WORDS] === Cell.EMPTY) end -= Cell.WORDS
  let length = 0
  for (let at = 0; at < end; at += Cell.WORDS) {
    if (length > MAX_BYTES - MARGIN) return -1
    const glyph = words[at] ?? 0
    if (glyph === Cell.RIGHT_HALF) continue
    const codePoint = Cell.codePointOf(glyph)
    const text = (glyph & Cell.CLUSTER) === 0 ? undefined : clusters?.get(at / Cell.WORDS)
    if (text !== undefined && marks && !ClusterLayout.isPlain(text, Cell.widthOf(glyph))) {
      if (length > MAX_BYTES - MARGIN - 3 * text.length) return -1
      parts.isExplicit = true
      out[length++] = Cell.widthOf(glyph)
      for (const character of text) length = writeCodePoint(out, length, character.codePointAt(0) ?? 0)
      out[length++] = END_OF_CELL
      continue
    }
    if (codePoint < 0x80) out[length++] = codePoint === 0 ? EMPTY_CELL : codePoint
    else length = writeCodePoint(out, length, codePoint)
    if (text === undefined) continue
    if (!marks) {
      for (let x = CharWidth.of(codePoint); x < Cell.widthOf(glyph); x++) out[length++] = EMPTY_CELL
      continue
    }
    for (let i = codePoint < 0x10000 ? 1 : 2; i < text.length && length <= MAX_BYTES - MARGIN;) {
      const mark = text.codePointAt(i) ?? 0
      length = writeCodePoint(out, length, mark)
      i += mark < 0x10000 ? 1 : 2
    }
  }
  return length
}

/** Writes a code point as UTF-8. Returns the index after it. */
export const writeCodePoint = (out: Uint8Array, at: number, codePoint: number): number => {
  let length = at
  if (codePoint < 0x80) out[length++] = codePoint
  else if (codePoint < 0x800) out[length++] = 0xc0 | (codePoint >>> 6)
  else {
    if (codePoint < 0x10000) out[length++] = 0xe0 | (codePoint >>> 12)
    else {
      out[length++] = 0xf0 | (codePoint >>> 18)
      out[length++] = 0x80 | ((codePoint >>> 12) & 0x3f)
    }
    out[length++] = 0x80 | ((codePoint >>> 6) & 0x3f)
  }
  if (codePoint >= 0x80) out[length++] = 0x80 | (codePoint & 0x3f)
  return length
}

/** Writes the runs. Returns their length, or -1 if they are too long. */
const writeRuns = (out: Uint8Array, row: Row.Row, links: boolean): number => {
  const { words } = row
  const cursor = { bytes: out, at: 0 }
  const columns = Row.columns(row)
  /** The end of the last run with another rendition than the default one. */
  let end = 0
  let linked: Rendition.Hyperlink | undefined
  for (let from = 0, to = 0; from < columns; from = to) {
    if (cursor.at > MAX_BYTES - MARGIN) return -1
    const at = from * Cell.WORDS
    const foreground = words[at + Cell.FOREGROUND] ?? 0
    const background = words[at + Cell.BACKGROUND] ?? 0
    const underlineWord = words[at + Cell.UNDERLINE] ?? 0
    const link = links ? linkAt(row, from) : undefined
    // The right half of a wide character has the rendition of the left one.
    for (to = from + 1; to < columns; to++) {
      const next = to * Cell.WORDS
      if (words[next] === Cell.RIGHT_HALF) continue
      if (
        words[next + Cell.FOREGROUND] !== foreground ||
        words[next + Cell.BACKGROUND] !== background ||
        words[next + Cell.UNDERLINE] !== underlineWord ||
        (links && (underlineWord & Rendition.LINKED) !== 0 && !Rendition.linkEquals(link, linkAt(row, to)))
      )
        break
    }
    const underline = underlineWord & ~Rendition.LINKED
    const isKnown = link !== undefined && Rendition.linkEquals(link, linked)
    const has = writeRun(
      cursor,
      to - from,
      foreground,
      background,
      underline,
      link === undefined ? 0 : isKnown ? SAME_LINK : LINK
    )
    if (link !== undefined && !isKnown) {
      if (cursor.at + link.params.length + link.uri.length > MAX_BYTES - MARGIN) return -1
      writeAscii(cursor, link.params)
      writeAscii(cursor, link.uri)
    }
    linked = link ?? linked
    if (has !== 0) end = cursor.at
  }
  return end
}

/** Writes a run without the texts of its link. Returns the bits of its parts. */
export const writeRun = (
  cursor: Varint.Cursor,
  columns: number,
  foreground: number,
  background: number,
  underline: number,
  link = 0
): number => {
  const has =
    (foreground === 0 ? 0 : FOREGROUND) | (background === 0 ? 0 : BACKGROUND) | (underline === 0 ? 0 : UNDERLINE) | link
  Varint.write(cursor, columns)
  cursor.bytes[cursor.at++] = has
  if (foreground !== 0) writeWord(cursor, foreground)
  if (background !== 0) writeWord(cursor, background)
  if (underline !== 0) writeWord(cursor, underline)
  return has
}

/** The hyperlink of a cell, if it can be sent to a terminal. */
const linkAt = (row: Row.Row, column: number): Rendition.Hyperlink | undefined => {
  if (((row.words[column * Cell.WORDS + Cell.UNDERLINE] ?? 0) & Rendition.LINKED) === 0) return undefined
  const link = row.links?.get(column)
  return link !== undefined && OscText.isLink(link) ? link : undefined
}

const writeWord = (cursor: Varint.Cursor, word: number): void => {
  const { bytes } = cursor
  bytes[cursor.at++] = word >>> 24
  bytes[cursor.at++] = (word >>> 16) & 0xff
  bytes[cursor.at++] = (word >>> 8) & 0xff
  bytes[cursor.at++] = word & 0xff
}

const writeAscii = (cursor: Varint.Cursor, text: string): void => {
  Varint.write(cursor, text.length)
  for (let i = 0; i < text.length; i++) cursor.bytes[cursor.at++] = text.charCodeAt(i)
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

/** Decodes a row. A failure names what a row cannot contain. */
export const decode = (bytes: Uint8Array): Result.Result<Row.Row, string> => {
  if (bytes.length > MAX_BYTES) return Result.fail("a row of too many bytes")
  const flags = bytes[0]
  if (flags === undefined || (flags & ~(WRAPS | EXPLICIT | Erasure.FLAGS)) !== 0) return Result.fail("unknown flags")
  if ((flags & Erasure.FLAGS) === Erasure.FLAGS) return Result.fail("a row that was erased twice")
  const columns = ((bytes[1] ?? 0) << 8) | (bytes[2] ?? 0)
  if (columns < 1 || columns > MAX_COLUMNS) return Result.fail("a bad number of columns")
  const length = ((bytes[3] ?? 0) << 8) | (bytes[4] ?? 0)
  if (HEAD + length > bytes.length) return Result.fail("a text beyond the end")
  const wraps = (flags & WRAPS) !== 0
  const plain = HEAD + length === bytes.length ? decodePlain(bytes, columns, wraps) : undefined
  if (plain !== undefined) return Result.succeed(plain)
  let text: string
  try {
    text = decoder.decode(bytes.subarray(HEAD, HEAD + length))
  } catch {
    return Result.fail("a text that is not UTF-8")
  }
  const cursor = { bytes, at: HEAD + length }
  const row = new RowEditor(Row.blank(columns))
  const refused = new RowReader(row, new RunReader(cursor), (flags & EXPLICIT) !== 0).read(text)
  if (refused !== undefined) return Result.fail(refused)
  row.wraps = wraps
  if (row.wraps !== wraps) return Result.fail("a row that wraps without a last character")
  return Result.succeed(row.row())
}

const FIRST_PRINTABLE = 0x20

/**
 * Decodes a row of ASCII in the default rendition, as most are, in one pass. `undefined` if it is none, or not well-formed.
 * Law: the result is that of the way for all rows.
 */
const decodePlain = (bytes: Uint8Array, columns: number, wraps: boolean): Row.Row | undefined => {
  const length = bytes.length - HEAD
  if (length > columns || (wraps && (length < columns || bytes[HEAD + columns - 1] === EMPTY_CELL))) return undefined
  const blank = Row.blank(columns)
  if (length === 0) return blank
  const words = blank.words.slice()
  for (let at = HEAD, to = 0; at < bytes.length; at++, to += Cell.WORDS) {
    const byte = bytes[at] as number
    if (byte < FIRST_PRINTABLE || byte > EMPTY_CELL) return undefined
    if (byte !== EMPTY_CELL) words[to] = Cell.glyph(byte, 1)
  }
  return { words, wraps, clusters: undefined, links: undefined }
}

/** Writes the cells of one row from its text and its runs. */
class RowReader {
  private readonly row: RowEditor
  private readonly runs: RunReader
  private column = 0
  /** The column of the character that marks join; -1 if there is none. */
  private base = -1
  private readonly isExplicit: boolean
  /** The width and the text so far of the cell with an explicit width that is being read. */
  private columns = 0
  private cluster = ""

  constructor(row: RowEditor, runs: RunReader, isExplicit: boolean) {
    this.row = row
    this.runs = runs
    this.isExplicit = isExplicit
  }

  /** Reads everything. Returns what is wrong with the row, or `undefined`. */
  read(text: string): string | undefined {
    const { row, runs } = this
    for (const character of text) {
      const refused = this.columns === 0 ? this.cell(character.codePointAt(0) ?? 0) : this.part(character)
      if (refused !== undefined) return refused
    }
    if (this.columns !== 0) return "a cell without an end"
    for (; this.column < row.columns && !runs.isOver(); this.column++) {
      const refused = this.empty()
      if (refused !== undefined) return refused
    }
    return runs.isOver() ? undefined : "renditions beyond the last column"
  }

  private cell(codePoint: number): string | undefined {
    const { row, runs } = this
    if (this.isExplicit && (codePoint === 1 || codePoint === 2)) {
      this.columns = codePoint
      this.cluster = ""
      return undefined
    }
    const isEmpty = codePoint === EMPTY_CELL
    const width = isEmpty ? 1 : CharWidth.of(codePoint)
    if (width < 0) return "a character that cannot be printed"
    if (width === 0) {
      if (this.base < 0) return "a mark without a character"
      return row.canCombine(this.base) ? void row.combine(this.base, codePoint) : "too many marks"
    }
    if (this.column + width > row.columns) return "a text beyond the last column"
    if (isEmpty) {
      const refused = this.empty()
      this.base = -1
      this.column++
      return refused
    }
    const pen = runs.next(width)
    if (typeof pen === "string") return pen
    row.put(this.column, codePoint, width, pen)
    this.base = this.column
    this.column += width
    return undefined
  }

  /** Reads a character of a cell with an explicit width. */
  private part(character: string): string | undefined {
    const { cluster, columns, row } = this
    if (character !== String.fromCharCode(END_OF_CELL)) {
      this.cluster += character
      return this.cluster.length > ClusterRules.MAX_BYTES ? "a cell with too much text" : undefined
    }
    if (!ClusterLayout.isCluster(cluster, columns)) return "a cell whose text cannot be printed"
    if (this.column + columns > row.columns) return "a text beyond the last column"
    const pen = this.runs.next(columns)
    if (typeof pen === "string") return pen
    row.putCluster(this.column, OscText.copy(cluster), columns, pen)
    this.base = -1
    this.column += columns
    this.columns = 0
    return undefined
  }

  private empty(): string | undefined {
    const pen = this.runs.next(1)
    if (typeof pen === "string") return pen
    const { background, foreground, link, underline } = pen
    if (foreground !== 0 || underline !== 0 || link !== undefined || (background & ~COLOR_BITS) !== 0)
      return "an empty cell with attributes"
    if (background !== 0) this.row.erase(this.column, this.column + 1, background)
    return undefined
  }
}

/** Reads the renditions of the cells from the left. */
class RunReader {
  private readonly cursor: Varint.Cursor
  private pen = Rendition.DEFAULT
  /** How many columns of the current run are left. */
  private left = 0
  private link: Rendition.Hyperlink | undefined

  constructor(cursor: Varint.Cursor) {
    this.cursor = cursor
  }

  isOver(): boolean {
    return this.left === 0 && this.cursor.at === this.cursor.bytes.length
  }

  /** The rendition of the next `columns` columns, or what is wrong with it. */
  next(columns: number): Rendition.Rendition | string {
    if (this.isOver()) return Rendition.DEFAULT
    if (this.left === 0) {
      const refused = this.run()
      if (refused !== undefined) return refused
    }
    if (this.left < columns) return "a rendition for half a character"
    this.left -= columns
    return this.pen
  }

  private run(): string | undefined {
    const { cursor } = this
    const columns = Varint.read(cursor)
    const parts = cursor.bytes[cursor.at++]
    if (columns === undefined || columns < 1 || parts === undefined || parts > 0x1f) return "a malformed run"
    const foreground = this.word(parts & FOREGROUND)
    const background = this.word(parts & BACKGROUND)
    const underline = this.word(parts & UNDERLINE)
    let link: Rendition.Hyperlink | undefined
    if ((parts & LINK) !== 0) {
      const params = this.ascii()
      const uri = params === undefined ? undefined : this.ascii()
      if (params === undefined || uri === undefined) return "a malformed link"
      link = { params, uri }
      if ((parts & SAME_LINK) !== 0 || !OscText.isLink(link)) return "a link that no terminal takes"
      this.link = link
    } else if ((parts & SAME_LINK) !== 0) {
      link = this.link
      if (link === undefined) return "a link that was not sent"
    }
    if (!isForeground(foreground) || !isBackground(background) || !isUnderline(underline)) return "an unknown rendition"
    this.left = columns
    this.pen = { foreground, background, underline, link }
    return undefined
  }

  /** A word, if it is present; -1 if it is cut short. */
  private word(isPresent: number): number {
    if (isPresent === 0) return 0
    const { bytes } = this.cursor
    const at = this.cursor.at
    this.cursor.at += 4
    if (this.cursor.at > bytes.length) return -1
    return (
      (((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)) >>>
      0
    )
  }

  private ascii(): string | undefined {
    const { cursor } = this
    const length = Varint.read(cursor)
    if (length === undefined || length > cursor.bytes.length - cursor.at) return undefined
    let text = ""
    for (let i = 0; i < length; i++) text += String.fromCharCode(cursor.bytes[cursor.at++] ?? 0)
    return text
  }
}
