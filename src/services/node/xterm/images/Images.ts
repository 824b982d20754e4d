/**
 * Reads the images that programs show: sixel graphics, the kitty graphics protocol, and inline images of iTerm2
 * (docs/spec/images.md).
 */
import { createHash } from "node:crypto"
import { ApcSplitter } from "../../../../domain/images/ApcSplitter.ts"
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
  let bytes = Buffer.alloc(0)
  let length = 0
  let isRead = true
  let multipart: { readonly file: Iterm2File.Arguments; base64: string } | undefined

  const receive = (text: string): boolean => {
    const [whole, file] = FILE.exec(text) ?? []
    if (whole !== undefined && file !== undefined) onFile(Iterm2File.parse(file), text.slice(whole.length))
    else if (text.startsWith(MULTIPART))
      multipart = { file: Iterm2File.parse(text.slice(MULTIPART.length)), base64: "" }
    else if (text.startsWith(PART)) {
      if (multipart === undefined) return true
      multipart.base64 += text.slice(PART.length)
      if (multipart.base64.length > MAX_STRING) multipart = undefined
    } else if (text === END) {
      const ended = multipart
      multipart = undefined
      if (ended !== undefined) onFile(ended.file, ended.base64)
    } else return false
    return true
  }

  return {
    start: () => {
      length = 0
      isRead = true
    },
    put: (data, start, end) => {
      if (length === 0 && start < end && !FIRST.has(data[start] as number)) isRead = false
      if (!isRead) return
      const needed = length + end - start
      if (needed > MAX_STRING) {
        isRead = false
        return
      }
      if (needed > bytes.length) {
        const larger = Buffer.alloc(Math.min(MAX_STRING, Math.max(4096, 2 * needed)))
        bytes.copy(larger)
        bytes = larger
      }
      for (let i = start; i < end; i++) bytes[length++] = Math.min(data[i] as number, 0x7f)
    },
    end: (success) => {
      const isHandled = success && isRead && length > 0 && receive(bytes.toString("latin1", 0, length))
      bytes = Buffer.alloc(0)
      return isHandled
    }
  }
}
