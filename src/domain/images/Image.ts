/**
 * An image that a program has shown: its content, and the cells that it occupies.
 */
import * as ImageCells from "./ImageCells.ts"

/** A size in pixels. */
export interface Pixels {
  readonly width: number
  readonly height: number
}

/** A rectangle of pixels. */
export interface Rectangle extends Pixels {
  readonly x: number
  readonly y: number
}

/** The content of an image. */
export interface Picture extends Pixels {
  /** A PNG file, at most `MAX_BYTES`, with the same width and height. */
  readonly png: Uint8Array
}

/** An image, as it is shown. */
export interface Image {
  readonly picture: Picture
  /** The part of the picture that is shown. */
  readonly source: Rectangle
  /** The cells that the whole image occupies, 1 to `ImageCells.MAX_SIDE` each. */
  readonly columns: number
  readonly rows: number
  /**
   * The size of a cell, pixels, for which one pixel of the picture is one of the screen. `undefined`: the part is scaled to
   * fill its cells.
   */
  readonly cell: Pixels | undefined
}

/** Maximum size of a picture's PNG file, bytes. */
export const MAX_BYTES = 8 * 1024 * 1024
/** Maximum width and height of a picture, pixels. */
export const MAX_PIXEL_SIDE = 4096
/** Maximum number of pixels of a picture. */
export const MAX_PIXELS = 4096 * 2304
/** Bytes of pictures that one end of a session keeps. The oldest are dropped. */
export const MAX_KEPT = 32 * 1024 * 1024
/** The size of a cell whose terminal did not report one. */
export const DEFAULT_CELL: Pixels = { width: 10, height: 20 }

/** Whether a picture may have this size. */
export const isPictureSize = ({ height, width }: Pixels): boolean =>
  Number.isSafeInteger(width) &&
  Number.isSafeInteger(height) &&
  width >= 1 &&
  height >= 1 &&
  width <= MAX_PIXEL_SIDE &&
  height <= MAX_PIXEL_SIDE &&
  width * height <= MAX_PIXELS

/** `wanted` as far as it is within the picture; a width or height of 0 means the rest of it. */
export const sourceOf = (picture: Pixels, wanted: Rectangle): Rectangle => {
  const x = Math.min(wanted.x, picture.width - 1)
  const y = Math.min(wanted.y, picture.height - 1)
  const width = Math.min(wanted.width || Infinity, picture.width - x)
  const height = Math.min(wanted.height || Infinity, picture.height - y)
  return { x, y, width, height }
}

/** The number of cells that a number of pixels needs, 1 to `ImageCells.MAX_SIDE`. */
export const cellsOf = (pixels: number, cell: number): number =>
  Math.max(1, Math.min(ImageCells.MAX_SIDE, Math.ceil(pixels / cell)))

/** The pixels of the picture that one piece of the image shows; `undefined` if it is beyond the picture. */
export const pixelsOf = (
  { cell, columns, rows, source }: Image,
  piece: Pick<ImageCells.Piece, "row" | "column" | "height" | "width">
): Rectangle | undefined => {
  const perColumn = cell?.width ?? source.width / columns
  const perRow = cell?.height ?? source.height / rows
  const x = Math.floor(piece.column * perColumn)
  const y = Math.floor(piece.row * perRow)
  const right = Math.min(source.width, Math.ceil((piece.column + piece.width) * perColumn))
  const bottom = Math.min(source.height, Math.ceil((piece.row + piece.height) * perRow))
  if (x >= right || y >= bottom) return undefined
  return { x: source.x + x, y: source.y + y, width: right - x, height: bottom - y }
}
