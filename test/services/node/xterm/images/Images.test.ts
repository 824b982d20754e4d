/**
 * The images that programs show, on the emulator's screen.
 */
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { deflateSync } from "node:zlib"
import * as Image from "../../../../../src/domain/images/Image.ts"
import * as ImageCells from "../../../../../src/domain/images/ImageCells.ts"
import * as Png from "../../../../../src/domain/images/Png.ts"
import * as History from "../../../../../src/domain/history/History.ts"
import * as Row from "../../../../../src/domain/terminal/Row.ts"
import * as TerminalReport from "../../../../../src/domain/terminal/TerminalReport.ts"
import { Emulator } from "../../../../../src/services/server/Emulator.ts"
import * as XtermEmulator from "../../../../../src/services/node/xterm/XtermEmulator.ts"
import { makeScreen } from "../screen.ts"

setFlagsFromString("--expose-gc")
const gc = runInNewContext("gc") as () => void
const heapUsed = (): number => {
  gc()
  return process.memoryUsage().heapUsed
}

type TestScreen = Effect.Success<ReturnType<typeof makeScreen>>

const on = (name: string, body: (screen: TestScreen) => void) =>
  it.effect(name, () => Effect.map(makeScreen(40, 10), body).pipe(Effect.scoped, Effect.provide(XtermEmulator.layer)))

const report: TerminalReport.TerminalReport = {
  ...TerminalReport.UNKNOWN,
  images: "sixel",
  cell: { width: 10, height: 20 }
}
const bitmap = (width: number, height: number): Png.Bitmap => ({
  width,
  height,
  rgba: Uint8Array.from({ length: width * height * 4 }, (_, i) => (i % 4 === 3 ? 255 : i % 251))
})
const pngOf = (width: number, height: number) => Png.encode(bitmap(width, height), deflateSync)
const PNG = Buffer.from(pngOf(35, 45)).toString("base64")
/** Two bands of 20 columns. */
const SIXEL = '\x1bP0;1q"1;1;20;12#0;2;100;0;0#0!20~-#0!20~\x1b\\'

const piece = (id: number, y: number, x: number, height: number, width: number): ImageCells.Piece => ({
  id,
  row: 0,
  column: 0,
  y,
  x,
  height,
  width
})
const pieces = (screen: TestScreen) => ImageCells.pieces(screen.frame().rows)

describe("the kitty graphics protocol", () => {
  on("is reported to programs if the client's terminal shows images", (screen) => {
    const query = "\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\\x1b[c"
    screen.print(query)
    expect(screen.replies()).toBe("\x1b[?62c")
    screen.know(report)
    screen.print(query)
    expect(screen.replies()).toBe("\x1b_Gi=31;OK\x1b\\\x1b[?62;4c")
  })

  on("places images in cells, and moves the cursor behind them", (screen) => {
    screen.print(`\x1b[2;3H\x1b_Ga=T,f=100;${PNG}\x1b\\`)
    expect(pieces(screen)).toEqual([piece(1, 1, 2, 3, 4)])
    expect(screen.cursor()).toEqual([3, 6])
    screen.print(`\x1b[H\x1b[2J\x1b_Ga=T,f=100,c=10,C=1;${PNG}\x1b\\`)
    expect(pieces(screen)).toEqual([piece(2, 0, 0, 7, 10)])
    expect(screen.cursor()).toEqual([0, 0])
    // At the right margin it is cut, and the cursor goes to the next line.
    screen.print(`\x1b[2J\x1b[1;38H\x1b_Ga=T,f=100;${PNG}\x1b\\`)
    expect(pieces(screen)).toEqual([piece(1, 0, 37, 3, 3)])
    expect(screen.cursor()).toEqual([3, 0])
  })

  on("cuts images at the right margin, and does not wrap them", (screen) => {
    screen.print(`\x1b[?69h\x1b[5;10s\x1b[2;9H\x1b_Ga=T,f=100;${PNG}\x1b\\`)
    expect(pieces(screen)).toEqual([piece(1, 1, 8, 3, 2)])
    expect(screen.cursor()).toEqual([4, 4])
    // An image beyond the right margin is not within the margins.
    screen.print(`\x1b[2J\x1b[1;20H${SIXEL}`)
    expect(pieces(screen)).toEqual([piece(2, 0, 19, 1, 2)])
  })

  on("accepts pixels, compressed or not, in pieces and in any chunks of output", (screen) => {
    screen.know(report)
    const { rgba } = bitmap(16, 16)
    const data = deflateSync(rgba).toString("base64")
    const [half, rest] = [data.slice(0, 400), data.slice(400)]
    const text = `\x1b_Ga=T,i=7,f=32,s=16,v=16,o=z,m=1;${half}\x1b\\\x1b_Gm=0;${rest}\x1b\\`
    for (const byte of Buffer.from(text)) screen.print(Uint8Array.of(byte))
    expect(pieces(screen)).toEqual([piece(1, 0, 0, 1, 2)])
    expect(screen.replies()).toBe("\x1b_Gi=7;OK\x1b\\")
    expect(screen.images.images.get(1)?.picture).toEqual({
      width: 16,
      height: 16,
      png: Png.encode(bitmap(16, 16), (b) => deflateSync(b, { level: 3 }))
    })
    // Placed again by its number.
    screen.print("\x1b[5;1H\x1b_Ga=p,i=7,q=1\x1b\\")
    expect(pieces(screen)).toEqual([piece(1, 0, 0, 1, 2), piece(1, 4, 0, 1, 2)])
    screen.print("\x1b_Ga=d,d=i,i=7\x1b\\")
    expect(pieces(screen)).toEqual([])
    expect(screen.text()).toEqual([])
  })

  on("refuses files, shared memory and what is malformed, and says so", (screen) => {
    screen.know(report)
    for (const keys of [
      "t=f",
      "t=s",
      "t=t",
      "f=24,s=9,v=9",
      "f=24,s=99999,v=1",
      "f=100,o=z",
      "f=7",
      "f=100",
      "U=1,f=100"
    ]) {
      const command = `a=T,i=1,${keys}`
      screen.print(`\x1b_G${command};${keys.startsWith("U") ? PNG : "AAAA"}\x1b\\`)
      expect(screen.replies()).toMatch(/^\x1b_Gi=1;E[A-Z]+:[^\x1b]+\x1b\\$/)
    }
    screen.print("\x1b_Ga=p,i=99\x1b\\\x1b_Ga=p,i=99,q=2\x1b\\\x1b_Gnonsense\x1b\\")
    expect(screen.replies()).toBe("\x1b_Gi=99;ENOENT:no such image\x1b\\")
    expect(pieces(screen)).toEqual([])
  })
})

describe("sixel graphics", () => {
  on("are placed in cells of the size that the client's terminal reported", (screen) => {
    screen.know({ ...report, cell: { width: 5, height: 6 } })
    screen.print(`\x1b[2;3H${SIXEL}`)
    expect(pieces(screen)).toEqual([piece(1, 1, 2, 2, 4)])
    // As xterm has it: in the first column and the last row.
    expect(screen.cursor()).toEqual([2, 2])
    expect(screen.images.images.get(1)).toMatchObject({
      picture: { width: 20, height: 12 },
      cell: { width: 5, height: 6 }
    })
  })

  on("scroll with the text, are cut by text, and erased", (screen) => {
    screen.know({ ...report, cell: { width: 5, height: 6 } })
    screen.print(`\x1b[10;1H${SIXEL}`)
    expect(pieces(screen)).toEqual([piece(1, 8, 0, 2, 4)])
    screen.print("\x1b[9;2Hx")
    expect(pieces(screen)).toHaveLength(3)
    screen.print("\x1b[9;1H\x1b[K")
    expect(pieces(screen)).toEqual([{ ...piece(1, 9, 0, 1, 4), row: 1 }])
    screen.print("\x1b[2J")
    expect(pieces(screen)).toEqual([])
  })

  on("leave the pen and the alternate screen as they were", (screen) => {
    screen.print(`\x1b[1;31mA\x1b[?1049h${SIXEL}\x1b[?1049l`)
    expect(pieces(screen)).toEqual([])
    screen.print(`${SIXEL}B`)
    expect(screen.rendition(0, 1)).toEqual(screen.rendition(0, 0))
  })
})

describe("images of iTerm2", () => {
  on("are placed in the cells that they ask for", (screen) => {
    screen.print(`\x1b]1337;File=name=YQ==;inline=1;width=8;height=2;preserveAspectRatio=0:${PNG}\x07`)
    expect(pieces(screen)).toEqual([piece(1, 0, 0, 2, 8)])
    expect(screen.cursor()).toEqual([1, 8])
    const parts = [PNG.slice(0, 100), PNG.slice(100)].map((part) => `\x1b]1337;FilePart=${part}\x07`)
    screen.print(
      `\x1b[5;1H\x1b]1337;MultipartFile=inline=1;doNotMoveCursor=1\x07${parts.join("")}\x1b]1337;FileEnd\x07`
    )
    expect(pieces(screen)).toEqual([piece(1, 0, 0, 2, 8), piece(2, 4, 0, 3, 4)])
    expect(screen.cursor()).toEqual([4, 0])
    // A download, and another string of the same number.
    screen.print(`\x1b]1337;File=name=YQ==:${PNG}\x07\x1b]1337;SetUserVar=a=Yg==\x07`)
    expect(pieces(screen)).toHaveLength(2)
    expect(screen.frame().properties.variables.get("a")).toBe("Yg==")
  })

  on("shows GIF and JPEG files as grey cells of their size", (screen) => {
    screen.know(report)
    const gif = Buffer.from([...Buffer.from("GIF89a"), 35, 0, 45, 0, 0, 0]).toString("base64")
    screen.print(`\x1b[2;3H\x1b]1337;File=inline=1:${gif}\x07`)
    expect(pieces(screen)).toEqual([])
    const isGrey = (row: number, column: number) => screen.rendition(row, column).background === ImageCells.GREY
    expect([isGrey(1, 2), isGrey(3, 5), isGrey(1, 1), isGrey(3, 6), isGrey(4, 2)]).toEqual([
      true,
      true,
      false,
      false,
      false
    ])
    expect(screen.cursor()).toEqual([3, 6])
  })
})

it.effect("rows of images that leave the screen are grey in the history", () =>
  Effect.gen(function* () {
    const history = History.make(100)
    const screen = yield* (yield* Emulator).make({ size: { columns: 40, rows: 4 }, onReply: () => undefined, history })
    screen.know(report)
    screen.write(Buffer.from(`\x1b_Ga=T,f=100;${PNG}\x1b\\\r\n\n\n\n`))
    const [row] = [...History.rows(history, 0)]
    expect(row && ImageCells.ids([row])).toEqual(new Set())
    expect(row && Row.rendition(row, 3).background).toBe(ImageCells.GREY)
    expect(row && Row.rendition(row, 4).background).toBe(0)
  }).pipe(Effect.scoped, Effect.provide(XtermEmulator.layer))
)

it.effect("images of a session take bounded memory", () =>
  Effect.gen(function* () {
    const screen = yield* (yield* Emulator).make({ size: { columns: 40, rows: 4 }, onReply: () => undefined })
    const noise = Buffer.from(Uint8Array.from({ length: 1_000_000 * 4 }, (_, i) => (i * 2654435761) >>> 13))
    for (let i = 0; i < 10; i++) {
      noise[0] = i
      const png = Png.encode({ width: 1000, height: 1000, rgba: new Uint8Array(noise) }, (b) =>
        deflateSync(b, { level: 0 })
      )
      screen.write(Buffer.from(`\x1b_Ga=T,f=100,i=${i + 1};${Buffer.from(png).toString("base64")}\x1b\\`))
    }
    expect(screen.images.images.size).toBe(8)
    expect(screen.images.bytes).toBeLessThanOrEqual(Image.MAX_KEPT)
    expect(screen.images.images.has(10)).toBe(true)
  }).pipe(Effect.scoped, Effect.provide(XtermEmulator.layer))
)

it.effect("a transmission in any number of short parts takes bounded memory", () =>
  Effect.gen(function* () {
    const screen = yield* (yield* Emulator).make({ size: { columns: 40, rows: 4 }, onReply: () => undefined })
    const growth = (first: string, part: string): number => {
      screen.write(Buffer.from(first))
      const before = heapUsed()
      const parts = Buffer.from(part.repeat(10_000))
      for (let i = 0; i < 20; i++) screen.write(parts)
      return heapUsed() - before
    }
    expect(growth("\x1b_Ga=T,f=32,s=4000,v=2000,m=1;AAAA\x1b\\", "\x1b_Gm=1;\x1b\\")).toBeLessThan(1_000_000)
    expect(growth("\x1b]1337;MultipartFile=inline=1\x07", "\x1b]1337;FilePart=A\x07")).toBeLessThan(1_000_000)
  }).pipe(Effect.scoped, Effect.provide(XtermEmulator.layer))
)
