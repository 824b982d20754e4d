/**
 * Images: what programs send, and what a server sends to a client. An input is a byte that selects the reader, then what it reads.
 */
import { deflateSync, inflateSync } from "node:zlib"
import * as ImageOverlay from "../../../src/domain/client/terminal/ImageOverlay.ts"
import * as FramePatch from "../../../src/domain/display/FramePatch.ts"
import { ApcSplitter } from "../../../src/domain/images/ApcSplitter.ts"
import * as Image from "../../../src/domain/images/Image.ts"
import * as ImageCells from "../../../src/domain/images/ImageCells.ts"
import * as KittyCommand from "../../../src/domain/images/KittyCommand.ts"
import * as Png from "../../../src/domain/images/Png.ts"
import { SixelDecoder } from "../../../src/domain/images/SixelDecoder.ts"
import * as Frame from "../../../src/domain/terminal/Frame.ts"
import * as ImageMessage from "../../../src/domain/wire/streams/ImageMessage.ts"
import { encoding } from "../../../src/services/node/terminal/ImageEncoding.ts"
import { piece, reader } from "../reader.ts"
import { law, type Target, texts } from "../target.ts"

const inflate = (bytes: Uint8Array, maxOutputLength: number): Uint8Array | undefined => {
  try {
    return inflateSync(bytes, { maxOutputLength })
  } catch {
    return undefined
  }
}

const sixel = (input: Uint8Array): void => {
  const decoder = new SixelDecoder()
  for (const byte of input) decoder.put(byte)
  const bitmap = decoder.finish()
  law(bitmap === undefined || Image.isPictureSize(bitmap), "an image beyond the bounds")
  law(
    bitmap === undefined || bitmap.rgba.length === 4 * bitmap.width * bitmap.height,
    "other pixels than the size says"
  )
}

const png = (input: Uint8Array): void => {
  const size = Png.sizeOf(input)
  const bitmap = Png.decode(input, inflate)
  law(bitmap === undefined || (size?.width === bitmap.width && size.height === bitmap.height), "another size")
}

const kitty = (input: Uint8Array): void => {
  const command = KittyCommand.parse(Buffer.from(input).toString("latin1"))
  if (command === undefined) return
  const reply = KittyCommand.reply(command, "OK")
  law(/^(?:\x1b_G(?:[iIp]=\d+,?)+;OK\x1b\\)?$/.test(reply), "a reply of another form")
}

const split = (input: Uint8Array): void => {
  const run = (size: number) => {
    const rest: Array<Uint8Array> = []
    const strings: Array<string> = []
    const find = (bytes: Uint8Array) => Buffer.from(bytes).indexOf("\x1b_")
    const splitter = new ApcSplitter(1000, find, {
      onRest: (bytes) => rest.push(bytes.slice()),
      onString: (bytes) => strings.push(Buffer.from(bytes).toString("latin1"))
    })
    for (let at = 0; at < input.length; at += size) splitter.write(input.subarray(at, at + size))
    return JSON.stringify([Buffer.concat(rest).toString("latin1"), strings])
  }
  law(run(Infinity) === run(1), "other strings in pieces")
}

/** A hostile server's header and cells: what the client writes to the terminal is of known forms only. */
const WRITTEN =
  /^(?:\x1b\[\d+;\d+H|\x1b_G[a-zA-Z0-9=,]*(?:;[A-Za-z0-9+/=]*)?\x1b\\|\x1bP0;1q[\x21-\x7e]*\x1b\\|\x1b\]1337;File=[a-zA-Z0-9=;]*:[A-Za-z0-9+/=]*\x07)*$/
const PICTURE = Png.encode({ width: 3, height: 2, rgba: new Uint8Array(24).fill(200) }, deflateSync)

const client = (input: Uint8Array): void => {
  const { piece, rest } = reader(input)
  const message = ImageMessage.decode(piece())
  const frame = FramePatch.patch(Frame.blank({ columns: 20, rows: 6 }), Buffer.from(rest()).toString("utf8"))
  const hidden = ImageCells.withoutImages(frame)
  law(ImageCells.ids(hidden.rows).size === 0, "an image that is not hidden")
  const images = new Map<number, Image.Image>()
  const whole = { x: 0, y: 0, width: 3, height: 2 }
  const picture = { png: PICTURE, width: 3, height: 2 }
  for (const id of ImageCells.ids(frame.rows))
    images.set(id, {
      picture,
      source: whole,
      columns: message?.columns ?? 2,
      rows: message?.rows ?? 2,
      cell: message?.cell
    })
  for (const protocol of ["kitty", "sixel", "iterm2"] as const) {
    const terminal = { images: protocol, cell: { width: 4, height: 8 } }
    const drawing = { terminal, images, text: "", rows: hidden.rows, cursor: frame.cursor, encode: encoding }
    const [, out] = ImageOverlay.draw(ImageOverlay.initial, drawing)
    law(WRITTEN.test(out), "bytes of another form reach the terminal")
  }
}

const READERS = [sixel, png, kitty, split, client]

const HEADER = ImageMessage.encode({
  id: 1,
  length: PICTURE.length,
  size: { width: 3, height: 2 },
  source: { x: 0, y: 0, width: 3, height: 2 },
  columns: 2,
  rows: 2,
  cell: undefined
})
const CELLS = `\x1b[38;2;0;1;0m\u{10fffd}\u{e0100}\u{10fffd}\u{e0101}\r\n\x1b[38;2;0;1;1m\u{10fffd}\u{e0100}`

export const images: Target = {
  what: "images of programs and servers",
  seeds: () => [
    Buffer.concat([Uint8Array.of(1), PICTURE]),
    ...texts(
      '\x00"1;1;20;12#0;2;100;0;0#0!20~-#0!20~$#1;1;120;50;100@',
      "\x02a=T,f=100,i=7,c=2,r=1,q=1;QUJD",
      "\x03a\x1b_Ga=q,i=1;AAAA\x1b\\b\x1b_x\x18c",
      `\x04\0${CELLS}`
    ),
    Buffer.concat([Uint8Array.of(4), piece(HEADER), Buffer.from(CELLS)])
  ],
  tokens: texts(
    "!",
    '"1;1;',
    "#1;2;",
    "$",
    "-",
    "~",
    "?",
    "\x1b_",
    "\x1b\\",
    "\x18",
    "i=",
    "I=",
    ";",
    "IDAT",
    "\u{10fffd}",
    "\u{e0100}"
  ),
  maxLength: 1024,
  budget: 300,
  quick: 2000,
  run: (input) => {
    const { byte, rest } = reader(input)
    const read = READERS[byte() % READERS.length]
    read?.(rest())
  }
}
