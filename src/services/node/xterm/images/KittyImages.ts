/**
 * The kitty graphics protocol, as far as programs send the data themselves: transmission and placement of still images, and
 * deletion. Data in files and shared memory is refused, because a program can always send it directly; animation, too.
 */
import { createHash } from "node:crypto"
import { inflateSync } from "node:zlib"
import * as ByteBuilder from "../../../../domain/images/ByteBuilder.ts"
import * as Image from "../../../../domain/images/Image.ts"
import * as KittyCommand from "../../../../domain/images/KittyCommand.ts"
import * as Png from "../../../../domain/images/Png.ts"
import * as ImagePainter from "./ImagePainter.ts"
import * as PngFile from "./PngFile.ts"
import type { Core } from "../Internals.ts"
import type { Margins } from "../margins/Margins.ts"

/** A picture that a program has sent. */
interface Sent {
  readonly picture: Image.Picture
  readonly content: string
  /** The images that show it. */
  readonly shown: Set<number>
}

export interface Options {
  readonly core: Core
  readonly margins: Margins
  /** Keeps an image that is shown, and returns its number. */
  readonly keep: (content: string, image: Image.Image) => number
  readonly cell: () => Image.Pixels
  readonly reply: (text: string) => void
}

const OK = "OK"
const MAX_SHOWN = 1024

export class KittyImages {
  private readonly options: Options
  /** By the program's number: `i`, or the negative of `I`. */
  private readonly sent = new Map<number, Sent>()
  private bytes = 0
  /** The transmission whose next part is expected. */
  private open: KittyCommand.KittyCommand | undefined
  /** Its data so far. */
  private readonly data = ByteBuilder.make(MAX_DATA)

  constructor(options: Options) {
    this.options = options
  }

  reset(): void {
    this.sent.clear()
    this.bytes = 0
    this.close()
  }

  /** Obeys the command in an APC string. */
  receive(text: string): void {
    const part = KittyCommand.parse(text)
    if (part === undefined) return
    const command = (this.open ??= part)
    ByteBuilder.append(this.data, Buffer.from(part.payload, "base64"))
    if (KittyCommand.number(part, "m") === 1) return
    const data = ByteBuilder.take(this.data)
    this.close()
    const result = data === undefined ? "EFBIG:the image is too large" : this.obey(command, data)
    if (result !== undefined) this.options.reply(KittyCommand.reply(command, result))
  }

  /** Forgets the transmission. */
  private close(): void {
    this.open = undefined
    ByteBuilder.clear(this.data)
  }

  private obey(command: KittyCommand.KittyCommand, data: Uint8Array): string | undefined {
    switch (KittyCommand.letter(command, "a", "t")) {
      case "q": {
        const picture = pictureOf(command, data)
        return typeof picture === "string" ? picture : OK
      }
      case "t":
        return this.transmit(command, data).result
      case "T": {
        const { result, sent } = this.transmit(command, data)
        return sent === undefined ? result : this.place(command, sent)
      }
      case "p": {
        const sent = this.sent.get(nameOf(command))
        return sent === undefined ? "ENOENT:no such image" : this.place(command, sent)
      }
      case "d":
        this.remove(command)
        return undefined
      default:
        return "EINVAL:animation is not supported"
    }
  }

  private transmit(
    command: KittyCommand.KittyCommand,
    data: Uint8Array
  ): { readonly result: string; readonly sent?: Sent } {
    const picture = pictureOf(command, data)
    if (typeof picture === "string") return { result: picture }
    const content = createHash("sha256").update(picture.png).digest("base64")
    const sent = { picture, content, shown: new Set<number>() }
    const name = nameOf(command)
    if (name !== 0) {
      this.forget(name)
      this.sent.set(name, sent)
      this.bytes += picture.png.length
      for (const old of this.sent.keys()) {
        if (this.bytes <= Image.MAX_KEPT || old === name) break
        this.forget(old)
      }
    }
    return { result: OK, sent }
  }

  private forget(name: number): void {
    this.bytes -= this.sent.get(name)?.picture.png.length ?? 0
    this.sent.delete(name)
  }

  private place(command: KittyCommand.KittyCommand, { content, picture, shown }: Sent): string {
    const { core, keep, margins } = this.options
    const number = (key: string) => KittyCommand.number(command, key)
    if (number("U") === 1) return "EINVAL:Unicode placeholders are not supported"
    const cell = this.options.cell()
    const wanted = { x: number("x"), y: number("y"), width: number("w"), height: number("h") }
    const source = Image.sourceOf(picture, wanted)
    const aspect = source.width / source.height
    const [c, r] = [number("c"), number("r")]
    const width = c > 0 ? c * cell.width : r > 0 ? r * cell.height * aspect : source.width
    const height = r > 0 ? r * cell.height : c > 0 ? (c * cell.width) / aspect : source.height
    const columns = Image.cellsOf(width, cell.width)
    const rows = Image.cellsOf(height, cell.height)
    const id = keep(content, { picture, source, columns, rows, cell: c > 0 || r > 0 ? undefined : cell })
    if (shown.size < MAX_SHOWN) shown.add(id)
    const buffer = core._inputHandler._activeBuffer
    const { x, y } = buffer
    if (number("C") === 1) {
      // The screen does not scroll, and the cursor stays.
      ImagePainter.paint(core, margins, { id, columns, rows: Math.min(rows, core.rows - y) })
      buffer.x = x
      buffer.y = y
      return OK
    }
    const last = ImagePainter.lastColumn(core, margins)
    ImagePainter.paint(core, margins, { id, columns, rows })
    buffer.x = Math.min(x, core.cols - 1) + columns
    if (buffer.x > last) {
      buffer.x = last < core.cols - 1 ? margins.left() : 0
      core._inputHandler.lineFeed()
    }
    return OK
  }

  private remove(command: KittyCommand.KittyCommand): void {
    const { core } = this.options
    const what = KittyCommand.letter(command, "d", "a")
    const { x, y } = core._inputHandler._activeBuffer
    const name = what.toLowerCase() === "n" ? -KittyCommand.number(command, "I") : KittyCommand.number(command, "i")
    const forgets = what !== what.toLowerCase()
    switch (what.toLowerCase()) {
      case "a":
        ImagePainter.remove(core, () => true)
        if (forgets) this.reset()
        return
      case "i":
      case "n": {
        const shown = this.sent.get(name)?.shown
        if (shown !== undefined) ImagePainter.remove(core, (id) => shown.has(id))
        if (forgets) this.forget(name)
        return
      }
      case "c": {
        const found = new Set<number>()
        ImagePainter.remove(core, (id, column, row) => {
          if (column === x && row === y) found.add(id)
          return false
        })
        if (found.size > 0) ImagePainter.remove(core, (id) => found.has(id))
      }
    }
  }
}

/** Maximum size of one transmission, bytes. */
const MAX_DATA = 4 * Image.MAX_PIXELS

/** The program's number of an image; 0 if it has none. */
const nameOf = (command: KittyCommand.KittyCommand): number => {
  const id = KittyCommand.number(command, "i")
  return id > 0 ? id : -KittyCommand.number(command, "I")
}

const PNG = 100

/** The picture that was transmitted, or what is wrong with it. */
const pictureOf = (command: KittyCommand.KittyCommand, data: Uint8Array): Image.Picture | string => {
  if (KittyCommand.letter(command, "t", "d") !== "d") return "EINVAL:only direct transmission is supported"
  const format = KittyCommand.number(command, "f") || 32
  const size = { width: KittyCommand.number(command, "s"), height: KittyCommand.number(command, "v") }
  const isPng = format === PNG
  const limit = isPng ? Image.MAX_BYTES : size.width * size.height * (format / 8)
  if (!isPng && format !== 24 && format !== 32) return "EINVAL:unknown format"
  if (!isPng && !Image.isPictureSize(size)) return "EINVAL:the size is missing or too large"
  const bytes = KittyCommand.letter(command, "o", "") === "z" ? inflated(data, limit) : data
  if (bytes === undefined) return "EINVAL:the data is not compressed by zlib, or too large"
  if (isPng) {
    const found = Png.sizeOf(bytes)
    return found === undefined ? "EBADPNG:not a PNG file, or too large" : { ...found, png: new Uint8Array(bytes) }
  }
  if (bytes.length < limit) return "ENODATA:less data than pixels"
  const rgba = new Uint8Array(size.width * size.height * 4)
  if (format === 32) rgba.set(bytes.subarray(0, rgba.length))
  else {
    for (let from = 0, to = 0; to < rgba.length; from += 3, to += 4) {
      rgba[to] = bytes[from] ?? 0
      rgba[to + 1] = bytes[from + 1] ?? 0
      rgba[to + 2] = bytes[from + 2] ?? 0
      rgba[to + 3] = 255
    }
  }
  return PngFile.of({ ...size, rgba }) ?? "EFBIG:the image is too large"
}

const inflated = (data: Uint8Array, limit: number): Buffer | undefined => {
  try {
    return inflateSync(data, { maxOutputLength: limit })
  } catch {
    return undefined
  }
}
