/**
 * Images on a screen, as cells of its rows.
 *
 * An image occupies cells like text, so it scrolls with the text, and is cut by what is written over it and erased with the
 * cells. Each of its cells names the image and the part of it that it shows:
 *
 * | what               | where                                                                  |
 * | ------------------ | ---------------------------------------------------------------------- |
 * | an image cell      | the character U+10FFFD, of width 1, with one combining character       |
 * | column in the image | the combining character: U+E0100 + column, 0 to 239                   |
 * | the image's number | the foreground, a direct colour: red the high byte, green the low one  |
 * | row in the image   | the blue share of that colour, 0 to 239                                |
 *
 * So the cells of each row differ in the combining character only, in the same way in every row, and compress well.
 *
 * Everything that shows no images gets grey cells in their place (`withoutImages`): they have the same width, so that the
 * screen is otherwise the same.
 */
import * as Cell from "../terminal/Cell.ts"
import * as Color from "../terminal/Color.ts"
import type { Frame } from "../terminal/Frame.ts"
import * as Row from "../terminal/Row.ts"

/** The character of an image cell. */
export const CHARACTER = 0x10fffd
/** The combining character of column 0. */
export const FIRST_MARK = 0xe0100
/** Maximum number of columns and of rows of an image. */
export const MAX_SIDE = 240
/** The largest number of an image; the smallest is 1. */
export const MAX_ID = 0xffff
/** The background of the cells that take an image's place. */
export const GREY: Color.Color = Color.indexed(238)

/** What one cell shows of an image. */
export interface Part {
  readonly id: number
  readonly row: number
  readonly column: number
}

/** The foreground of the cells of one row of an image. */
export const foreground = (id: number, row: number): Color.Color => Color.rgb(id >>> 8, id, row)

/** The part of an image that a cell shows; `undefined` if it shows none. */
export const part = (row: Row.Row, column: number): Part | undefined => {
  const glyph = row.words[column * Cell.WORDS] ?? 0
  if ((glyph & Cell.CLUSTER) === 0 || Cell.codePointOf(glyph) !== CHARACTER) return undefined
  const text = row.clusters?.get(column) ?? ""
  // Each of the two characters is a pair of code units.
  const mark = (text.codePointAt(2) ?? 0) - FIRST_MARK
  const color = (row.words[column * Cell.WORDS + Cell.FOREGROUND] ?? 0) & Color.COLOR_BITS
  if (text.length !== 4 || mark < 0 || mark >= MAX_SIDE || !Color.isRgb(color) || Color.isPalette(color))
    return undefined
  const id = (Color.red(color) << 8) | Color.green(color)
  return id === 0 || Color.blue(color) >= MAX_SIDE ? undefined : { id, row: Color.blue(color), column: mark }
}

/** Rows are immutable, so each is examined once. Rows without images map to themselves. */
const greyRows = new WeakMap<Row.Row, Row.Row>()
/** The rows that grey ones were made of. */
const originals = new WeakMap<Row.Row, Row.Row>()

/** The row with grey cells in the place of images; the same object if it has none. */
export const rowWithoutImages = (row: Row.Row): Row.Row => {
  if (row.clusters === undefined) return row
  const known = greyRows.get(row)
  if (known !== undefined) return known
  const columns = [...row.clusters.keys()].filter((column) => part(row, column) !== undefined)
  const grey = columns.length === 0 ? row : paintGrey(row, columns)
  greyRows.set(row, grey)
  if (grey !== row) originals.set(grey, row)
  return grey
}

const paintGrey = (row: Row.Row, columns: ReadonlyArray<number>): Row.Row => {
  const words = row.words.slice()
  const clusters = new Map(row.clusters)
  const links = row.links && new Map(row.links)
  for (const column of columns) {
    const at = column * Cell.WORDS
    words[at] = Cell.EMPTY
    words[at + Cell.FOREGROUND] = 0
    words[at + Cell.BACKGROUND] = GREY
    words[at + Cell.UNDERLINE] = 0
    clusters.delete(column)
    links?.delete(column)
  }
  return {
    words,
    wraps: row.wraps && words.at(-Cell.WORDS) !== Cell.EMPTY,
    clusters: clusters.size === 0 ? undefined : clusters,
    links: links === undefined || links.size === 0 ? undefined : links
  }
}

/** The frame with grey cells in the place of images; the same object if it has none. */
export const withoutImages = (frame: Frame): Frame =>
  frame.rows.every((row) => rowWithoutImages(row) === row)
    ? frame
    : { ...frame, rows: frame.rows.map(rowWithoutImages) }

/** The row that `rowWithoutImages` was given for this one; the row itself if it has no images. */
export const original = (row: Row.Row): Row.Row => originals.get(row) ?? row

/** A rectangle of cells that shows one part of one image. */
export interface Piece extends Part {
  /** The number of the image. */
  readonly id: number
  /** The first row and column of the part, in cells of the image. */
  readonly row: number
  readonly column: number
  /** Where it is on the screen, from 0. */
  readonly y: number
  readonly x: number
  /** Its size in cells. */
  readonly height: number
  readonly width: number
}

/** The images of a screen, from the top: an image that was overwritten in part gives several pieces. */
export const pieces = (rows: ReadonlyArray<Row.Row>): ReadonlyArray<Piece> => {
  const done: Array<Piece> = []
  let open: Array<Piece> = []
  rows.forEach((row, y) => {
    const runs = runsOf(row, y)
    if (runs.length === 0 && open.length === 0) return
    const next = runs.map((run) => {
      const above = open.find(
        (piece) =>
          piece.id === run.id &&
          piece.x === run.x &&
          piece.width === run.width &&
          piece.column === run.column &&
          piece.row + piece.height === run.row
      )
      if (above === undefined) return run
      open = open.filter((piece) => piece !== above)
      return { ...above, height: above.height + 1 }
    })
    done.push(...open)
    open = next
  })
  return [...done, ...open]
}

const NO_RUNS: ReadonlyArray<Piece> = []
const runs = new WeakMap<Row.Row, ReadonlyArray<Piece>>()

/** The runs of cells in a row that show consecutive columns of one image. */
const runsOf = (row: Row.Row, y: number): ReadonlyArray<Piece> => {
  if (row.clusters === undefined) return NO_RUNS
  let found = runs.get(row)
  if (found === undefined) {
    found = findRuns(row)
    runs.set(row, found)
  }
  return found.length === 0 ? NO_RUNS : found.map((run) => ({ ...run, y }))
}

const findRuns = (row: Row.Row): ReadonlyArray<Piece> => {
  const found: Array<Piece> = []
  for (let x = 0; x < Row.columns(row); x++) {
    const shown = part(row, x)
    if (shown === undefined) continue
    const last = found.at(-1)
    const continues =
      last !== undefined &&
      last.x + last.width === x &&
      last.id === shown.id &&
      last.row === shown.row &&
      last.column + last.width === shown.column
    if (continues) found[found.length - 1] = { ...last, width: last.width + 1 }
    else found.push({ ...shown, y: 0, x, height: 1, width: 1 })
  }
  return found
}

/** The numbers of the images that rows show. */
export const ids = (rows: ReadonlyArray<Row.Row>): ReadonlySet<number> => {
  const found = new Set<number>()
  for (const row of rows) for (const { id } of runsOf(row, 0)) found.add(id)
  return found
}
