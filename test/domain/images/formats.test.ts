import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { deflateSync, inflateSync } from "node:zlib"
import { ApcSplitter } from "../../../src/domain/images/ApcSplitter.ts"
import * as Image from "../../../src/domain/images/Image.ts"
import * as ImageStore from "../../../src/domain/images/ImageStore.ts"
import * as Iterm2File from "../../../src/domain/images/Iterm2File.ts"
import * as KittyCommand from "../../../src/domain/images/KittyCommand.ts"
import * as Png from "../../../src/domain/images/Png.ts"
import { SixelDecoder } from "../../../src/domain/images/SixelDecoder.ts"
import * as SixelEncoder from "../../../src/domain/images/SixelEncoder.ts"
import * as ImageMessage from "../../../src/domain/wire/streams/ImageMessage.ts"

const number = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))
const Sketch = Schema.Struct({
  width: number(1, 40),
  height: number(1, 30),
  seed: number(1, 1_000_000),
  colors: number(1, 200)
})

/** A bitmap of a few colours, all of which sixel graphics can name, and transparent pixels. */
const bitmapOf = ({ colors, height, seed, width }: typeof Sketch.Type): Png.Bitmap => {
  const rgba = new Uint8Array(width * height * 4)
  let state = seed
  const next = (below: number) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return Math.floor((state / 2_147_483_648) * below)
  }
  const palette = Array.from({ length: colors }, () => [0, 1, 2].map(() => Math.round((next(101) * 255) / 100)))
  for (let i = 0; i < rgba.length; i += 4) if (next(5) > 0) rgba.set([...(palette[next(colors)] ?? []), 255], i)
  return { width, height, rgba }
}

const encode = (bitmap: Png.Bitmap) => Png.encode(bitmap, deflateSync)
const decode = (file: Uint8Array) =>
  Png.decode(file, (bytes, maxOutputLength) => {
    try {
      return inflateSync(bytes, { maxOutputLength })
    } catch {
      return undefined
    }
  })
const sixel = (text: string) => {
  const decoder = new SixelDecoder()
  for (const character of text) decoder.put(character.charCodeAt(0))
  return decoder.finish()
}
const pixel = (bitmap: Png.Bitmap | undefined, x: number, y: number) =>
  bitmap && [...bitmap.rgba.subarray((y * bitmap.width + x) * 4, (y * bitmap.width + x) * 4 + 4)]

describe("PNG files", () => {
  it.prop("give back the pixels of which they were made", [Sketch], ([sketch]) => {
    const bitmap = bitmapOf(sketch)
    const file = encode(bitmap)
    expect(Png.sizeOf(file)).toEqual({ width: bitmap.width, height: bitmap.height })
    expect(decode(file)).toEqual(bitmap)
  })

  it("are refused if they are too large, cut, or something else", () => {
    const file = encode(bitmapOf({ width: 3, height: 2, seed: 1, colors: 2 }))
    expect(Png.sizeOf(file.subarray(0, 32))).toBeUndefined()
    expect(Png.sizeOf(new TextEncoder().encode("\x1b[c".repeat(20)))).toBeUndefined()
    expect(decode(file.subarray(0, 50))).toBeUndefined()
    const huge = file.slice()
    new DataView(huge.buffer).setUint32(16, Image.MAX_PIXEL_SIDE + 1)
    expect(Png.sizeOf(huge)).toBeUndefined()
    new DataView(huge.buffer).setUint32(16, 0)
    expect(Png.sizeOf(huge)).toBeUndefined()
  })
})

describe("sixel graphics", () => {
  it.prop("of our encoder give back the pixels", [Sketch], ([sketch]) => {
    const bitmap = bitmapOf(sketch)
    const text = SixelEncoder.encode(bitmap)
    expect(text).toMatch(/^\x1bP0;1q[\x21-\x7e]*\x1b\\$/)
    expect(sixel(text.slice(text.indexOf("q") + 1, -2))).toEqual(bitmap)
  })

  it("draw repeated columns, bands and registers", () => {
    const drawn = sixel("#2;1;0;50;100#1;2;100;0;0!3~$#2!2?@-#1~")
    expect([drawn?.width, drawn?.height]).toEqual([3, 12])
    expect(pixel(drawn, 0, 0)).toEqual([255, 0, 0, 255])
    // Hue 0 is blue.
    expect(pixel(drawn, 2, 0)).toEqual([0, 0, 255, 255])
    expect(pixel(drawn, 0, 11)).toEqual([255, 0, 0, 255])
    expect(pixel(drawn, 1, 11)).toEqual([0, 0, 0, 0])
  })

  it("stay within their bounds", () => {
    const wide = sixel("!65535~" + "-!65535~".repeat(400))
    expect((wide?.width ?? 0) * (wide?.height ?? 0)).toBeLessThanOrEqual(Image.MAX_PIXELS)
    expect(sixel('"1;1;99999;99999')).toBeUndefined()
    expect(sixel("")).toBeUndefined()
  })
})

describe("kitty graphics commands", () => {
  it("are read as keys and payload", () => {
    const command = KittyCommand.parse("a=T,f=100,i=7,z=-3;QUJD")
    expect(command?.payload).toBe("QUJD")
    expect(command && [KittyCommand.number(command, "i"), KittyCommand.number(command, "z")]).toEqual([7, 0])
    for (const text of ["a", "a=TT", "a=T,,i=1", "é=1", "i=12345678901"])
      expect(KittyCommand.parse(text)).toBeUndefined()
  })

  it("are answered if they have a number, and as quietly as they ask", () => {
    const reply = (text: string, result: string) => {
      const command = KittyCommand.parse(text)
      return command && KittyCommand.reply(command, result)
    }
    expect(reply("i=3,p=4", "OK")).toBe("\x1b_Gi=3,p=4;OK\x1b\\")
    expect(reply("i=3,q=1", "OK")).toBe("")
    expect(reply("i=3,q=1", "EINVAL:no")).toBe("\x1b_Gi=3;EINVAL:no\x1b\\")
    expect(reply("i=3,q=2", "EINVAL:no")).toBe("")
    expect(reply("a=T", "OK")).toBe("")
  })
})

describe("ApcSplitter", () => {
  const PIECES = [
    "a",
    "\x1b[1m",
    "\x1b_Ga=q;AA==\x1b\\",
    "\x1b_x",
    "\x1b",
    "\\",
    "_",
    "\x18",
    "b\x1b_G\x1b[c",
    "\x1b\x1b_Gz\x1b\\"
  ]
  const split = (bytes: Uint8Array, size: number) => {
    let rest = ""
    const strings: Array<string> = []
    const find = (searched: Uint8Array) => Buffer.from(searched).indexOf("\x1b_")
    const splitter = new ApcSplitter(64, find, {
      onRest: (part) => (rest += Buffer.from(part).toString("latin1")),
      onString: (part) => strings.push(Buffer.from(part).toString("latin1"))
    })
    for (let at = 0; at < bytes.length; at += size) splitter.write(bytes.subarray(at, at + size))
    return { rest, strings }
  }

  it("takes strings from the output, and leaves empty ones", () => {
    expect(split(Buffer.from("a\x1b_Gi=1;AA\x1b\\b\x1b[c"), 100)).toEqual({
      rest: "a\x1b_\x1b\\b\x1b[c",
      strings: ["Gi=1;AA"]
    })
    // Another sequence ends the string.
    expect(split(Buffer.from("\x1b_Gi=1\x1b[31mx"), 100)).toEqual({ rest: "\x1b_\x1b\\\x1b[31mx", strings: [] })
    expect(split(Buffer.from(`\x1b_${"x".repeat(65)}\x1b\\y`), 100)).toEqual({ rest: "\x1b_\x1b\\y", strings: [] })
  })

  it.prop(
    "finds the same however the output is split",
    [Schema.Array(Schema.Literals(PIECES)), number(1, 9)],
    ([pieces, size]) => {
      const bytes = Buffer.from(pieces.join(""))
      expect(split(bytes, size)).toEqual(split(bytes, Infinity))
    }
  )
})

describe("Iterm2File", () => {
  const extent = (text: string) =>
    Iterm2File.extentOf(
      Iterm2File.parse(text),
      { width: 200, height: 100 },
      { width: 10, height: 20 },
      { columns: 80, rows: 24 }
    )

  it("computes the cells of an image", () => {
    expect(extent("inline=1")).toEqual({ columns: 20, rows: 5, isScaled: false })
    expect(extent("width=40")).toEqual({ columns: 40, rows: 10, isScaled: true })
    expect(extent("height=50%")).toEqual({ columns: 48, rows: 12, isScaled: true })
    expect(extent("width=100px;height=100px;preserveAspectRatio=0")).toEqual({ columns: 10, rows: 5, isScaled: true })
    expect(extent("width=10;height=10")).toEqual({ columns: 10, rows: 3, isScaled: true })
    expect(extent("width=99999;height=99999;preserveAspectRatio=0")).toEqual({
      columns: 240,
      rows: 240,
      isScaled: true
    })
  })
})

const message: ImageMessage.Message = {
  id: 300,
  length: 507,
  size: { width: 100, height: 90 },
  source: { x: 10, y: 0, width: 90, height: 80 },
  columns: 9,
  rows: 4,
  cell: { width: 10, height: 20 }
}

describe("ImageMessage", () => {
  it("reads what it writes", () => {
    expect(ImageMessage.decode(ImageMessage.encode(message))).toEqual(message)
    const scaled = { ...message, cell: undefined }
    expect(ImageMessage.decode(ImageMessage.encode(scaled))).toEqual(scaled)
    // The example of docs/spec/images.md.
    expect(Buffer.from(ImageMessage.encode(message)).toString("hex")).toBe("412c41fb4064405a0a00405a405009040a14")
  })

  it("refuses what is out of bounds", () => {
    const refused = (change: Partial<ImageMessage.Message>) =>
      expect(ImageMessage.decode(ImageMessage.encode({ ...message, ...change }))).toBeUndefined()
    refused({ id: 0 })
    refused({ id: 65536 })
    refused({ length: Image.MAX_BYTES + 1 })
    refused({ size: { width: 4097, height: 90 } })
    refused({ source: { x: 11, y: 0, width: 90, height: 80 } })
    refused({ columns: 241 })
    refused({ rows: 0 })
    refused({ cell: { width: 0, height: 20 } })
    expect(ImageMessage.decode(ImageMessage.encode(message).subarray(0, 17))).toBeUndefined()
  })
})

describe("ImageStore", () => {
  const image = (bytes: number): Image.Image => ({
    // Only the length matters.
    picture: { png: { length: bytes } as Uint8Array, width: 1, height: 1 },
    source: { x: 0, y: 0, width: 1, height: 1 },
    columns: 1,
    rows: 1,
    cell: undefined
  })

  it("gives the same number to the same content in the same cells", () => {
    const store = ImageStore.make()
    const one = image(10)
    expect(ImageStore.add(store, "a", one)).toBe(1)
    expect(ImageStore.add(store, "a", { ...one })).toBe(1)
    expect(ImageStore.add(store, "a", { ...one, columns: 2 })).toBe(2)
    expect(store.bytes).toBe(10)
  })

  it("drops the oldest image if all together would be larger than its bound", () => {
    const store = ImageStore.make()
    const most = Math.floor(Image.MAX_KEPT / Image.MAX_BYTES)
    for (let i = 1; i <= most; i++) ImageStore.add(store, String(i), image(Image.MAX_BYTES))
    expect(store.images.size).toBe(most)
    ImageStore.add(store, "one more", image(Image.MAX_BYTES))
    expect([...store.images.keys()]).toEqual(Array.from({ length: most }, (_, i) => i + 2))
  })

  it.prop("keeps the newest within its bounds", [Schema.Array(number(1, Image.MAX_BYTES))], ([sizes]) => {
    const store = ImageStore.make()
    sizes.forEach((bytes, i) => {
      const id = ImageStore.add(store, String(i), image(bytes))
      expect(store.images.has(id)).toBe(true)
      const pictures = [...store.images.values()]
      expect(store.bytes).toBe(pictures.reduce((sum, { picture }) => sum + picture.png.length, 0))
      expect(store.bytes).toBeLessThanOrEqual(Image.MAX_KEPT)
      expect(store.numbers.size).toBeLessThanOrEqual(ImageStore.MAX_IMAGES + 1)
    })
  })
})
