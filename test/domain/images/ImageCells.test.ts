import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as Result from "effect/Result"
import * as FramePatch from "../../../src/domain/display/FramePatch.ts"
import * as ImageCells from "../../../src/domain/images/ImageCells.ts"
import * as Screen from "../../../src/domain/objects/Screen.ts"
import { Features } from "../../../src/domain/ssp/SyncObject.ts"
import * as Cell from "../../../src/domain/terminal/Cell.ts"
import * as Color from "../../../src/domain/terminal/Color.ts"
import * as Frame from "../../../src/domain/terminal/Frame.ts"
import * as Row from "../../../src/domain/terminal/Row.ts"

const SIZE = { columns: 30, rows: 12 }
const columns = Array.from({ length: SIZE.columns }, (_, x) => x)
const number = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))
const Box = Schema.Struct({
  id: number(1, ImageCells.MAX_ID),
  row: number(0, ImageCells.MAX_SIDE - 12),
  column: number(0, ImageCells.MAX_SIDE - 30),
  y: number(0, 11),
  x: number(0, 29),
  height: number(1, 12),
  width: number(1, 30)
})

/** The text that prints part of an image. */
const printed = ({ column, height, id, row, width, x, y }: typeof Box.Type): string => {
  let text = ""
  for (let i = 0; i < Math.min(height, SIZE.rows - y); i++) {
    const color = ImageCells.foreground(id, row + i)
    text += `\x1b[${y + i + 1};${x + 1}H\x1b[38;2;${Color.red(color)};${Color.green(color)};${Color.blue(color)}m`
    for (let j = 0; j < Math.min(width, SIZE.columns - x); j++)
      text += String.fromCodePoint(ImageCells.CHARACTER, ImageCells.FIRST_MARK + column + j)
  }
  return text + "\x1b[m"
}

const draw = (boxes: ReadonlyArray<typeof Box.Type>) =>
  FramePatch.patch(Frame.blank(SIZE), "\x1b[31mtext\x1b[m" + boxes.map(printed).join(""))
const Boxes = Schema.Array(Box).check(Schema.isMaxLength(4))

describe("ImageCells", () => {
  it("gives the parts of an image back", () => {
    const frame = draw([{ id: 0xabcd, row: 2, column: 5, y: 1, x: 3, height: 4, width: 6 }])
    expect(ImageCells.part(frame.rows[2] as Row.Row, 4)).toEqual({ id: 0xabcd, row: 3, column: 6 })
    expect(ImageCells.part(frame.rows[0] as Row.Row, 0)).toBeUndefined()
    expect(ImageCells.pieces(frame.rows)).toEqual([{ id: 0xabcd, row: 2, column: 5, y: 1, x: 3, height: 4, width: 6 }])
    expect(ImageCells.ids(frame.rows)).toEqual(new Set([0xabcd]))
  })

  it("cuts an image by what is written over it", () => {
    const frame = draw([{ id: 7, row: 0, column: 0, y: 0, x: 5, height: 3, width: 5 }])
    const cut = FramePatch.patch(frame, "\x1b[2;8Hx")
    expect(ImageCells.pieces(cut.rows)).toEqual([
      { id: 7, row: 0, column: 0, y: 0, x: 5, height: 1, width: 5 },
      { id: 7, row: 1, column: 0, y: 1, x: 5, height: 1, width: 2 },
      { id: 7, row: 1, column: 3, y: 1, x: 8, height: 1, width: 2 },
      { id: 7, row: 2, column: 0, y: 2, x: 5, height: 1, width: 5 }
    ])
    expect(ImageCells.pieces(FramePatch.patch(frame, "\x1b[2J").rows)).toEqual([])
  })

  it.prop("covers each cell of an image by one piece", [Boxes], ([boxes]) => {
    const { rows } = draw(boxes)
    const covered: Array<string> = []
    for (const { column, height, id, row, width, x, y } of ImageCells.pieces(rows)) {
      for (let i = 0; i < height; i++)
        for (let j = 0; j < width; j++) covered.push([y + i, x + j, id, row + i, column + j].join())
    }
    const cells = rows.flatMap((row, y) =>
      columns.flatMap((x) => {
        const part = ImageCells.part(row, x)
        return part === undefined ? [] : [[y, x, part.id, part.row, part.column].join()]
      })
    )
    expect(covered.toSorted()).toEqual(cells.toSorted())
  })

  it.prop("puts grey cells of the same width in the place of images", [Boxes], ([boxes]) => {
    const frame = draw(boxes)
    const grey = ImageCells.withoutImages(frame)
    expect(ImageCells.pieces(grey.rows)).toEqual([])
    expect(ImageCells.withoutImages(grey)).toBe(grey)
    expect(grey.rows.every((row, y) => ImageCells.original(row) === frame.rows[y])).toBe(true)
    const isRight = (row: Row.Row, after: Row.Row, x: number): boolean =>
      ImageCells.part(row, x) === undefined
        ? Row.cellEquals(row, after, x)
        : after.words[x * Cell.WORDS] === Cell.EMPTY && Row.rendition(after, x).background === ImageCells.GREY
    frame.rows.forEach((row, y) => {
      expect(columns.filter((x) => !isRight(row, grey.rows[y] as Row.Row, x))).toEqual([])
    })
  })

  it.prop("carries images to our own ends as they are, and grey cells to stock", [Boxes], ([boxes]) => {
    const screen = { frame: draw(boxes), echoAck: 0n }
    const blank = Screen.blank(SIZE)
    const sent = (target: Screen.Screen, features: number) => {
      const bytes = Screen.object.diff(blank, target, features)
      return bytes.length === 0 ? blank.frame : Result.getOrThrow(Screen.object.patch(blank, bytes)).frame
    }
    const all = Features.frames | Features.copies | Features.events | Features.terminal | Features.images
    expect(ImageCells.pieces(sent(screen, all).rows)).toEqual(ImageCells.pieces(screen.frame.rows))
    const grey = ImageCells.withoutImages(screen.frame)
    const atStock = sent({ ...screen, frame: grey }, Features.stock)
    expect(Frame.lines(atStock)).toEqual(Frame.lines(grey))
    const backgrounds = ({ rows }: Frame.Frame) =>
      rows.map((row) => columns.map((x) => Row.rendition(row, x).background))
    expect(backgrounds(atStock)).toEqual(backgrounds(grey))
  })
})
