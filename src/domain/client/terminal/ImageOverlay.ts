/**
 * Draws images over the grey cells that take their place on the user's terminal.
 *
 * Cells are drawn as text first. Then the images are drawn where the terminal does not show them: those that are new or have
 * moved, and those that drawing text may have moved or erased. Every byte is made here of numbers within their bounds and of
 * base64, or by `SixelEncoder`; the kitty graphics protocol is used with `q=2`, so that the terminal does not reply.
 *
 * | terminal's protocol | image                                     | placement                                             |
 * | ------------------- | ----------------------------------------- | ----------------------------------------------------- |
 * | kitty               | transmitted once                          | of each piece, moved and deleted by its number        |
 * | sixel               | decoded, cut and scaled                   | drawn again whenever text may have erased it          |
 * | iterm2              | only images of which no part is hidden    | likewise                                              |
 */
import * as Image from "../../images/Image.ts"
import * as ImageCells from "../../images/ImageCells.ts"
import type { Cursor } from "../../terminal/Frame.ts"
import * as Row from "../../terminal/Row.ts"
import type { TerminalReport } from "../../terminal/TerminalReport.ts"

export interface Overlay {
  /** What the terminal has of each image (kitty). */
  readonly transmitted: ReadonlyMap<number, Image.Image>
  /** The pieces that the terminal shows, by what and where they are, and the numbers of their placements. */
  readonly placed: ReadonlyMap<string, Placed>
  readonly lastPlacement: number
  /** The grey rows over which they were drawn. */
  readonly rows: ReadonlyArray<Row.Row>
  /** Whether the terminal may show placements that are not known here. */
  readonly isUnknown: boolean
}

interface Placed {
  readonly image: Image.Image
  readonly placement: number
}

export const initial: Overlay = {
  transmitted: new Map(),
  placed: new Map(),
  lastPlacement: 0,
  rows: [],
  isUnknown: false
}

/** The terminal may show anything, and may have lost the images. */
export const unknown: Overlay = { ...initial, isUnknown: true }

/** The terminal, and what it shall show. */
export interface Drawing {
  readonly terminal: Pick<TerminalReport, "images" | "cell">
  readonly images: ReadonlyMap<number, Image.Image>
  /** The text that was written to draw `rows`. */
  readonly text: string
  /** The rows that the terminal shows, of `ImageCells.withoutImages`. */
  readonly rows: ReadonlyArray<Row.Row>
  readonly cursor: Cursor
  /**
   * Encodes bytes, and a part of a picture, scaled to a size, as sixel graphics; `undefined` if the picture cannot be decoded.
   */
  readonly encode: Encoding
}

export interface Encoding {
  readonly base64: (bytes: Uint8Array) => string
  readonly sixel: (picture: Image.Picture, part: Image.Rectangle, size: Image.Pixels) => string | undefined
}

/** Controls that may move or erase more than the cells that are drawn: scrolling, clearing, other screens. */
const UNSETTLING = /\n|\x1b\[[\d;]*[JLMST]|\x1b[DEMc]|\x1b\[\?(?:1047|1049|47)[hl]/

/** The text to write after `text`, and the overlay then; the empty text if there is nothing to draw. */
export const draw = (overlay: Overlay, drawing: Drawing): readonly [Overlay, string] => {
  const { cursor, images, rows, terminal, text } = drawing
  if (terminal.images === undefined || (images.size === 0 && overlay.placed.size === 0)) return [overlay, ""]
  const pieces = ImageCells.pieces(rows.map(ImageCells.original)).filter(({ id }) => images.has(id))
  const isUnsettled = overlay.isUnknown || UNSETTLING.test(text)
  if (pieces.length === 0 && overlay.placed.size === 0) return [{ ...overlay, rows }, ""]
  const [next, out] =
    terminal.images === "kitty"
      ? place(overlay, drawing, pieces, isUnsettled)
      : redraw(overlay, drawing, pieces, isUnsettled)
  const position = out === "" ? "" : moveTo(cursor.row, cursor.column)
  return [{ ...next, rows, isUnknown: false }, out + position]
}

const keyOf = ({ column, height, id, row, width, x, y }: ImageCells.Piece): string =>
  [id, y, x, height, width, row, column].join()

const moveTo = (row: number, column: number): string => `\x1b[${row + 1};${column + 1}H`

type Step = readonly [Omit<Overlay, "rows" | "isUnknown">, string]

/** Added to the numbers of images, because other programs use small ones in the same terminal. */
const FIRST_ID = 0x6d6f0000
/** Maximum length of base64 in one command. */
const CHUNK = 4096
const ST = "\x1b\\"
const DELETE_VISIBLE = `\x1b_Ga=d,d=a,q=2${ST}`

const place = (
  overlay: Overlay,
  { encode, images }: Drawing,
  pieces: ReadonlyArray<ImageCells.Piece>,
  isUnsettled: boolean
): Step => {
  const transmitted = new Map(overlay.transmitted)
  const placed = new Map<string, Placed>()
  let { lastPlacement } = overlay
  let out = isUnsettled ? DELETE_VISIBLE : ""
  for (const id of transmitted.keys()) {
    if (images.has(id)) continue
    transmitted.delete(id)
    out += `\x1b_Ga=d,d=I,i=${FIRST_ID + id},q=2${ST}`
  }
  for (const piece of pieces) {
    const image = images.get(piece.id)
    const part = image && Image.pixelsOf(image, piece)
    if (image === undefined || part === undefined) continue
    if (transmitted.get(piece.id) !== image) {
      out += transmit(FIRST_ID + piece.id, image, encode)
      transmitted.set(piece.id, image)
    }
    const key = keyOf(piece)
    const before = overlay.placed.get(key)
    const isShown = before?.image === image && !isUnsettled
    const placement = before?.placement ?? ++lastPlacement
    placed.set(key, { image, placement })
    if (isShown) continue
    const names = `i=${FIRST_ID + piece.id},p=${placement}`
    const source = `x=${part.x},y=${part.y},w=${part.width},h=${part.height}`
    const isScaled = image.cell === undefined
    const cells = isScaled ? `,c=${piece.width},r=${piece.height}` : ""
    out += `${moveTo(piece.y, piece.x)}\x1b_Ga=p,${names},${source}${cells},C=1,q=2${ST}`
  }
  if (!isUnsettled) {
    for (const [key, { placement }] of overlay.placed) {
      if (placed.has(key)) continue
      const id = Number(key.slice(0, key.indexOf(",")))
      out += `\x1b_Ga=d,d=i,i=${FIRST_ID + id},p=${placement},q=2${ST}`
    }
  }
  return [{ transmitted, placed, lastPlacement }, out]
}

const transmit = (id: number, { picture }: Image.Image, { base64 }: Encoding): string => {
  const content = base64(picture.png)
  const commands: Array<string> = []
  for (let at = 0; at < content.length; at += CHUNK) {
    const more = at + CHUNK < content.length ? 1 : 0
    const keys = at === 0 ? `a=t,f=100,t=d,i=${id},q=2,m=${more}` : `m=${more},q=2`
    commands.push(`\x1b_G${keys};${content.slice(at, at + CHUNK)}${ST}`)
  }
  return commands.join("")
}

const redraw = (
  overlay: Overlay,
  drawing: Drawing,
  pieces: ReadonlyArray<ImageCells.Piece>,
  isUnsettled: boolean
): Step => {
  const { images, rows, terminal } = drawing
  const placed = new Map<string, Placed>()
  let out = ""
  for (const piece of pieces) {
    const image = images.get(piece.id)
    if (image === undefined) continue
    const key = keyOf(piece)
    placed.set(key, { image, placement: 0 })
    const isShown = overlay.placed.get(key)?.image === image && !isUnsettled && !isTouched(overlay.rows, rows, piece)
    if (isShown) continue
    const content = terminal.images === "sixel" ? sixel(image, piece, drawing) : iterm2(image, piece, drawing)
    if (content !== undefined) out += moveTo(piece.y, piece.x) + content
  }
  return [{ transmitted: overlay.transmitted, placed, lastPlacement: 0 }, out]
}

/** Whether drawing the rows may have written to the cells of a piece: to them, or to their left. */
const isTouched = (
  before: ReadonlyArray<Row.Row>,
  after: ReadonlyArray<Row.Row>,
  { height, width, x, y }: ImageCells.Piece
): boolean => {
  for (let row = y; row < y + height; row++) {
    const [a, b] = [before[row], after[row]]
    if (a === b) continue
    if (a === undefined || b === undefined || a.words.length !== b.words.length) return true
    for (let column = 0; column < x + width; column++) if (!Row.cellEquals(a, b, column)) return true
  }
  return false
}

/** Rows of pixels that sixel graphics have at a time. */
const BAND = 6

const sixel = (
  image: Image.Image,
  piece: ImageCells.Piece,
  { encode, rows, terminal }: Drawing
): string | undefined => {
  const part = Image.pixelsOf(image, piece)
  const cell = terminal.cell ?? Image.DEFAULT_CELL
  if (part === undefined) return undefined
  const perPixel = {
    x: image.cell === undefined ? (piece.width * cell.width) / part.width : cell.width / image.cell.width,
    y: image.cell === undefined ? (piece.height * cell.height) / part.height : cell.height / image.cell.height
  }
  // xterm scrolls if one more band would go beyond its last row.
  const isAtBottom = piece.y + piece.height >= rows.length
  const room = piece.height * cell.height
  const highest = isAtBottom ? room - (room % BAND) - BAND : room
  const width = Math.max(1, Math.min(piece.width * cell.width, Math.round(part.width * perPixel.x)))
  const height = Math.min(highest, Math.max(1, Math.round(part.height * perPixel.y)))
  if (height < 1 || !Image.isPictureSize({ width, height })) return undefined
  const shownHeight = Math.min(part.height, Math.max(1, Math.round(height / perPixel.y)))
  return encode.sixel(image.picture, { ...part, height: shownHeight }, { width, height })
}

const iterm2 = (image: Image.Image, piece: ImageCells.Piece, { encode }: Drawing): string | undefined => {
  const { columns, picture, rows, source } = image
  const isWhole = piece.row === 0 && piece.column === 0 && piece.width === columns && piece.height === rows
  const isUncut = source.width === picture.width && source.height === picture.height
  if (!isWhole || !isUncut) return undefined
  const keepsAspect = image.cell === undefined ? 0 : 1
  const size = `size=${picture.png.length};width=${columns};height=${rows};preserveAspectRatio=${keepsAspect}`
  return `\x1b]1337;File=inline=1;${size};doNotMoveCursor=1:${encode.base64(picture.png)}\x07`
}
