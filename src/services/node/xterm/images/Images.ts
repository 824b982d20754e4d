/**
 * Reads the images that programs show: sixel graphics, the kitty graphics protocol, and inline images of iTerm2
 * (docs/spec/images.md).
 */
import { createHash } from "node:crypto"
import { ApcSplitter } from "../../../../domain/images/ApcSplitter.ts"
import * as ByteBuilder from "../../../../domain/images/ByteBuilder.ts"
import * as Image from "../../../../domain/images/Image.ts"
import * as ImageFileSize from "../../../../domain/images/ImageFileSize.ts"
import * as ImageStore from "../../../../domain/images/ImageStore.ts"
import * as Iterm2File from "../../../../domain/images/Iterm2File.ts"
import * as Png from "../../../../domain/images/Png.ts"
import { SixelDecoder } from "../../../../domain/images/SixelDecoder.ts"
import * as TerminalReport from "../../../../domain/terminal/TerminalReport.ts"
import type { TerminalKnowledge } from "../../../server/Emulator.ts"
import * as ImagePainter from "./ImagePainter.ts"
import type { Core, DcsHandler, OscHandler } from "../Internals.ts"
import type { Margins } from "../margins/Margins.ts"
import { KittyImages } from "./KittyImages.ts"
import * as PngFile from "./PngFile.ts"
import type { ReplyQueue } from "../replies/ReplyQueue.ts"

/** The images of one emulator. */
export interface Images {
  /** Passes output on to `parse`, without the commands of the kitty graphics protocol, which it obeys. */
  readonly write: (bytes: Uint8Array) => void
  /** Whether `write` is not within such a command. */
  readonly isIdle: () => boolean
  readonly store: ImageStore.ImageStore
  readonly know: (knowledge: TerminalKnowledge) => void
  /** Whether the client's terminal, as far as it is known now, shows images. */
  readonly areShown: () => boolean
  /** Performs a full reset. */
  readonly reset: () => void
}

/** Maximum length of a string with an image in base64, bytes. */
const MAX_STRING = Math.ceil((Image.MAX_BYTES * 4) / 3) + Iterm2File.MAX_ARGUMENTS

const BEGINNING = "\x1b_"
const KITTY = 0x47
const SIXEL = { intermediates: "", final: "q" }
const ITERM2 = 1337

export interface Options {
  readonly margins: Margins
  readonly replies: ReplyQueue
  readonly parse: (bytes: Uint8Array) => void
  /** Rows have changed without a call of `parse`. */
  readonly onChange: () => void
}

export const install = (core: Core, { margins, onChange, parse, replies }: Options): Images => {
  const handler = core._inputHandler
  const store = ImageStore.make()
  let report = TerminalReport.UNKNOWN
  let cell = Image.DEFAULT_CELL

  const keep = (content: string, image: Image.Image): number => ImageStore.add(store, content, image)
  const kitty = new KittyImages({
    core,
    margins,
    keep,
    cell: () => cell,
    // A program concludes from a reply that the terminal shows images.
    reply: (text) => replies.query(({ images }) => (images === undefined ? "" : text))
  })
  const splitter = new ApcSplitter(
    MAX_STRING,
    (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf(BEGINNING, 0, "latin1"),
    {
      onRest: parse,
      onString: (bytes) => {
        if (bytes[0] !== KITTY) return
        try {
          kitty.receive(Buffer.from(bytes.subarray(1)).toString("latin1"))
        } catch {
          // A defect of xterm loses the command, but not the session.
        }
        onChange()
      }
    }
  )

  let decoder: SixelDecoder | undefined
  const sixel: DcsHandler = {
    hook: () => {
      decoder = new SixelDecoder()
    },
    put: (data, start, end) => {
      for (let i = start; i < end; i++) decoder?.put(data[i] as number)
    },
    unhook: (success) => {
      const bitmap = success ? decoder?.finish() : undefined
      decoder = undefined
      if (bitmap === undefined) return true
      const picture = PngFile.of(bitmap)
      const { height, width } = bitmap
      const [columns, rows] = [Image.cellsOf(width, cell.width), Image.cellsOf(height, cell.height)]
      const source = { x: 0, y: 0, width, height }
      const id = picture && keep(contentOf(picture), { picture, source, columns, rows, cell })
      ImagePainter.paint(core, margins, { id, columns, rows })
      return true
    }
  }
  handler._parser.registerDcsHandler(SIXEL, sixel)

  const showFile = (file: Iterm2File.Arguments, base64: string): void => {
    if (!Iterm2File.isInline(file)) return
    const content = new Uint8Array(Buffer.from(base64, "base64"))
    const png = Png.sizeOf(content)
    const size = png ?? ImageFileSize.of(content)
    if (size === undefined) return
    const { columns, isScaled, rows } = Iterm2File.extentOf(file, size, cell, { columns: core.cols, rows: core.rows })
    const picture = { ...size, png: content }
    const source = { x: 0, y: 0, ...size }
    // GIF and JPEG files cannot be sent: their cells stay grey.
    const id = png && keep(contentOf(picture), { picture, source, columns, rows, cell: isScaled ? undefined : cell })
    const buffer = handler._activeBuffer
    const { x, y } = buffer
    const stays = Iterm2File.staysAtCursor(file)
    const last = ImagePainter.lastColumn(core, margins)
    ImagePainter.paint(core, margins, { id, columns, rows: stays ? Math.min(rows, core.rows - y) : rows })
    if (stays) buffer.y = y
    buffer.x = stays ? x : Math.min(Math.min(x, core.cols - 1) + columns, last)
  }
  handler._parser.registerOscHandler(ITERM2, iterm2Strings(showFile))

  return {
    write: (bytes) => splitter.write(bytes),
    isIdle: () => splitter.isIdle,
    store,
    know: (knowledge) => {
      if (knowledge === "Expected") return
      report = knowledge === "Unknown" ? TerminalReport.UNKNOWN : knowledge
      cell = report.cell ?? Image.DEFAULT_CELL
    },
    areShown: () => report.images !== undefined,
    reset: () => kitty.reset()
  }
}

const contentOf = ({ png }: Image.Picture): string => createHash("sha256").update(png).digest("base64")

const FILE = /^File=([^:]*):/
const MULTIPART = "MultipartFile="
const PART = "FilePart="
const END = "FileEnd"
/** The first letters of these. Other strings of the same OSC are not collected. */
const FIRST = new Set(["F".charCodeAt(0), "M".charCodeAt(0)])

/** Collects files, whole or in parts. Strings of the same OSC that are something else are left to other handlers. */
const iterm2Strings = (onFile: (file: Iterm2File.Arguments, base64: string) => void): OscHandler => {
  const string = ByteBuilder.make(MAX_STRING)
  let isRead = true
  /** The file whose next part is expected, and its base64 so far. */
  let multipart: Iterm2File.Arguments | undefined
  const base64 = ByteBuilder.make(MAX_STRING)

  const receive = (text: Buffer): boolean => {
    const startsWith = (prefix: string) => text.toString("latin1", 0, prefix.length) === prefix
    if (startsWith(PART)) {
      if (multipart !== undefined) ByteBuilder.append(base64, text.subarray(PART.length))
    } else if (startsWith(MULTIPART)) {
      multipart = Iterm2File.parse(text.toString("latin1", MULTIPART.length))
      ByteBuilder.clear(base64)
    } else if (text.length === END.length && startsWith(END)) {
      const [file, content] = [multipart, ByteBuilder.take(base64)]
      multipart = undefined
      if (file !== undefined && content !== undefined) onFile(file, textOf(content))
    } else {
      const all = textOf(text)
      const [whole, file] = FILE.exec(all) ?? []
      if (whole === undefined || file === undefined) return false
      onFile(Iterm2File.parse(file), all.slice(whole.length))
    }
    return true
  }

  return {
    start: () => {
      ByteBuilder.clear(string)
      isRead = true
    },
    put: (data, start, end) => {
      if (string.length === 0 && start < end && !FIRST.has(data[start] as number)) isRead = false
      if (!isRead) return
      const part = new Uint8Array(end - start)
      for (let i = start; i < end; i++) part[i - start] = Math.min(data[i] as number, 0x7f)
      ByteBuilder.append(string, part)
    },
    end: (success) => {
      const text = ByteBuilder.take(string)
      return success && isRead && text !== undefined && text.length > 0 && receive(bufferOf(text))
    }
  }
}

const bufferOf = ({ buffer, byteLength, byteOffset }: Uint8Array): Buffer => Buffer.from(buffer, byteOffset, byteLength)
const textOf = (bytes: Uint8Array): string => bufferOf(bytes).toString("latin1")
