/**
 * One image on its way to a client: the header of a stream of kind `images`. The content of the stream is the PNG file. The
 * server sends it to clients with `Features.images` whose terminal shows images; the client finishes its half of the stream once
 * it has the image (docs/spec/images.md).
 *
 * All fields are varints:
 *
 * ```
 * id               the image's number, 1 to 65535; an image that has it already is replaced
 * length           bytes of the PNG file, 1 to 8 MiB
 * width, height    of the picture, pixels, 1 to 4096
 * x, y, w, h       the part of the picture that is shown, pixels, within the picture; w and h at least 1
 * columns, rows    the cells that it occupies, 1 to 240
 * cell, cellHeight the size of a cell for which the part is not scaled, pixels; 0 and 0: it is scaled to fill its cells
 * ```
 *
 * What follows in the header is ignored.
 */
import * as Image from "../../images/Image.ts"
import * as ImageCells from "../../images/ImageCells.ts"
import * as TerminalReport from "../../terminal/TerminalReport.ts"
import * as Varint from "./Varint.ts"

/** A header, and how many bytes follow. */
export interface Message extends Omit<Image.Image, "picture"> {
  readonly id: number
  readonly length: number
  readonly size: Image.Pixels
}

const FIELDS = 12

export const encode = ({ cell, columns, id, length, rows, size, source }: Message): Uint8Array => {
  const cursor = { bytes: new Uint8Array(FIELDS * 4), at: 0 }
  const fields = [id, length, size.width, size.height, source.x, source.y, source.width, source.height, columns, rows]
  for (const field of [...fields, cell?.width ?? 0, cell?.height ?? 0]) Varint.write(cursor, field)
  return cursor.bytes.slice(0, cursor.at)
}

/** `undefined` if it is malformed, or any field is out of its range. */
export const decode = (header: Uint8Array): Message | undefined => {
  const cursor: Varint.Cursor = { bytes: header, at: 0 }
  const fields: Array<number> = []
  while (fields.length < FIELDS) {
    const field = Varint.read(cursor)
    if (field === undefined) return undefined
    fields.push(field)
  }
  const [id = 0, length = 0, width = 0, height = 0, x = 0, y = 0, w = 0, h = 0] = fields
  const [columns = 0, rows = 0, cellWidth = 0, cellHeight = 0] = fields.slice(8)
  const isWithin = w >= 1 && h >= 1 && x + w <= width && y + h <= height
  const isUnscaled = cellWidth > 0 || cellHeight > 0
  if (
    !isFrom1(id, ImageCells.MAX_ID) ||
    !isFrom1(length, Image.MAX_BYTES) ||
    !Image.isPictureSize({ width, height }) ||
    !isWithin ||
    !isFrom1(columns, ImageCells.MAX_SIDE) ||
    !isFrom1(rows, ImageCells.MAX_SIDE) ||
    (isUnscaled &&
      !(isFrom1(cellWidth, TerminalReport.LARGEST_CELL) && isFrom1(cellHeight, TerminalReport.LARGEST_CELL)))
  )
    return undefined
  return {
    id,
    length,
    size: { width, height },
    source: { x, y, width: w, height: h },
    columns,
    rows,
    cell: isUnscaled ? { width: cellWidth, height: cellHeight } : undefined
  }
}

const isFrom1 = (value: number, most: number): boolean => value >= 1 && value <= most
