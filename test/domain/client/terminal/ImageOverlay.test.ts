import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as ImageOverlay from "../../../../src/domain/client/terminal/ImageOverlay.ts"
import * as FramePatch from "../../../../src/domain/display/FramePatch.ts"
import type * as Image from "../../../../src/domain/images/Image.ts"
import * as ImageCells from "../../../../src/domain/images/ImageCells.ts"
import * as Color from "../../../../src/domain/terminal/Color.ts"
import * as Frame from "../../../../src/domain/terminal/Frame.ts"
import type { TerminalReport } from "../../../../src/domain/terminal/TerminalReport.ts"

const SIZE = { columns: 20, rows: 8 }
const cell = { width: 10, height: 20 }
const image: Image.Image = {
  picture: { png: new Uint8Array(6000).fill(65), width: 50, height: 60 },
  source: { x: 0, y: 0, width: 50, height: 60 },
  columns: 5,
  rows: 3,
  cell
}

/** A frame with the image at a place. */
const at = (y: number, x: number, id = 1) => {
  let text = ""
  for (let row = 0; row < 3 && y + row < SIZE.rows; row++) {
    const color = ImageCells.foreground(id, row)
    text += `\x1b[${y + row + 1};${x + 1}H\x1b[38;2;${Color.red(color)};${Color.green(color)};${Color.blue(color)}m`
    for (let column = 0; column < 5; column++)
      text += String.fromCodePoint(ImageCells.CHARACTER, ImageCells.FIRST_MARK + column)
  }
  return FramePatch.patch(Frame.blank(SIZE), `${text}\x1b[m\x1b[H`)
}

const encode: ImageOverlay.Encoding = {
  base64: (bytes) => Buffer.from(bytes).toString("base64"),
  sixel: (_, part, size) => `<${part.x},${part.y} ${part.width}x${part.height} to ${size.width}x${size.height}>`
}

const make = (images: TerminalReport["images"], known = new Map([[1, image]]), size = cell) => {
  let overlay = ImageOverlay.initial
  return (frame: Frame.Frame, text = "") => {
    const { cursor, rows } = ImageCells.withoutImages(frame)
    const [next, out] = ImageOverlay.draw(overlay, {
      terminal: { images, cell: size },
      images: known,
      text,
      rows,
      cursor,
      encode
    })
    overlay = next
    return out
  }
}

const PLACE = "\x1b_Ga=p,i=1835991041,p=1,x=0,y=0,w=50,h=60,C=1,q=2\x1b\\"

describe("ImageOverlay", () => {
  it("transmits an image to kitty once, in pieces, and places it", () => {
    const draw = make("kitty")
    const first = draw(at(1, 2))
    const commands = first.split("\x1b\\")
    expect(commands[0]).toMatch(/^\x1b_Ga=t,f=100,t=d,i=1835991041,q=2,m=1;[A-Za-z0-9+/]{4096}$/)
    expect(commands[1]).toMatch(/^\x1b_Gm=0,q=2;[A-Za-z0-9+/=]+$/)
    expect(first.endsWith(`\x1b[2;3H${PLACE}\x1b[1;1H`)).toBe(true)
    expect(draw(at(1, 2))).toBe("")
    const moved = draw(at(2, 2))
    expect(moved).toContain("\x1b[3;3H\x1b_Ga=p,i=1835991041,p=2,")
    expect(moved).toContain("\x1b_Ga=d,d=i,i=1835991041,p=1,q=2\x1b\\")
    expect(moved).not.toContain("a=t")
    // Text that scrolls may have moved the image.
    expect(draw(at(2, 2), "\x1b[8;1H\n")).toContain("\x1b_Ga=d,d=a,q=2\x1b\\\x1b[3;3H\x1b_Ga=p,i=1835991041,p=2,")
    expect(draw(Frame.blank(SIZE))).toBe("\x1b_Ga=d,d=i,i=1835991041,p=2,q=2\x1b\\\x1b[1;1H")
    expect(draw(Frame.blank(SIZE))).toBe("")
  })

  it("transmits and places everything again on a terminal that may show anything", () => {
    const { cursor, rows } = ImageCells.withoutImages(at(1, 2))
    const terminal = { images: "kitty", cell } as const
    const drawing = { terminal, images: new Map([[1, image]]), text: "", rows, cursor, encode }
    const [known, out] = ImageOverlay.draw(ImageOverlay.unknown, drawing)
    expect(out.startsWith("\x1b_Ga=d,d=a,q=2\x1b\\\x1b_Ga=t,")).toBe(true)
    expect(out.endsWith(`${PLACE}\x1b[1;1H`)).toBe(true)
    expect(ImageOverlay.draw(known, drawing)[1]).toBe("")
  })

  it("shows the visible parts of an image", () => {
    const cut = FramePatch.patch(at(6, 2), "\x1b[7;5Hx\x1b[H")
    const out = make("kitty")(cut)
    expect(out).toContain("\x1b[7;3H\x1b_Ga=p,i=1835991041,p=1,x=0,y=0,w=20,h=20,")
    expect(out).toContain("\x1b[7;6H\x1b_Ga=p,i=1835991041,p=2,x=30,y=0,w=20,h=20,")
    expect(out).toContain("\x1b[8;3H\x1b_Ga=p,i=1835991041,p=3,x=0,y=20,w=50,h=20,")
  })

  it("draws sixel graphics again if text may have erased them, and not otherwise", () => {
    const draw = make("sixel")
    const shown = at(1, 2)
    expect(draw(shown)).toBe("\x1b[2;3H<0,0 50x60 to 50x60>\x1b[1;1H")
    expect(draw(shown)).toBe("")
    expect(draw(FramePatch.patch(shown, "\x1b[2;9Hbeside\x1b[7;1Hbelow\x1b[H"))).toBe("")
    expect(draw(FramePatch.patch(shown, "\x1b[2;1Hx\x1b[H"))).toContain("<0,0 50x60 to 50x60>")
    expect(draw(FramePatch.patch(shown, "\x1b[2;1Hx\x1b[H"), "\x1b[2J")).toContain("<0,0 50x60 to 50x60>")
  })

  it("scales sixel graphics to the cells, and leaves room so that the terminal does not scroll", () => {
    expect(make("sixel", undefined, { width: 6, height: 13 })(at(1, 2))).toContain("<0,0 50x60 to 30x39>")
    const scaled = new Map([[1, { ...image, cell: undefined }]])
    expect(make("sixel", scaled, { width: 8, height: 16 })(at(1, 2))).toContain("<0,0 50x60 to 40x48>")
    expect(make("sixel")(at(5, 2))).toContain("<0,0 50x54 to 50x54>")
  })

  it("shows images of which nothing is hidden by the protocol of iTerm2", () => {
    const out = make("iterm2")(at(1, 2))
    expect(out).toMatch(
      /^\x1b\[2;3H\x1b\]1337;File=inline=1;size=6000;width=5;height=3;preserveAspectRatio=1;doNotMoveCursor=1:[A-Za-z0-9+/=]+\x07\x1b\[1;1H$/
    )
    expect(make("iterm2")(at(6, 2))).toBe("")
  })

  it("writes nothing for images that are not known, and to terminals that show none", () => {
    expect(make("kitty")(at(1, 2, 9))).toBe("")
    expect(make(undefined)(at(1, 2))).toBe("")
  })

  const Place = Schema.Tuple([
    Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 7 })),
    Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 15 }))
  ])
  it.prop("leaves exactly the placements of the last frame on kitty", [Schema.Array(Place)], ([places]) => {
    const draw = make("kitty")
    const shown = new Map<string, string>()
    for (const [y, x] of places) {
      const out = draw(at(y, x))
      for (const [, row, column, number] of out.matchAll(/\x1b\[(\d+);(\d+)H\x1b_Ga=p,i=\d+,p=(\d+)/g))
        shown.set(number ?? "", `${row};${column}`)
      for (const [, number] of out.matchAll(/a=d,d=i,i=\d+,p=(\d+)/g)) shown.delete(number ?? "")
      expect([...shown.values()]).toEqual([`${y + 1};${x + 1}`])
    }
  })
})
