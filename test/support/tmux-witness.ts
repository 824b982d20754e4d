/**
 * A second emulator for a tmux pane: an `@xterm/headless` that reads every byte that the program wrote.
 */
import xterm from "@xterm/headless"
import { closeSync, fstatSync, openSync, readSync } from "node:fs"
import * as CharWidth from "../../src/domain/terminal/CharWidth.ts"

/** What the bytes painted, beyond the text. */
export interface Painting {
  /** Per row, runs of cells with the same style as `style|text`; blanks of the default style are omitted. */
  readonly rows: ReadonlyArray<string>
  /** The window title, without the prefix that a mosh client puts before it. */
  readonly title: string
  /** What OSC 52 put on the clipboard, by selection. */
  readonly clipboard: Readonly<Record<string, string>>
  readonly bells: number
  /** The texts of OSC 9, in order. */
  readonly notifications: ReadonlyArray<string>
  /** The directory, as OSC 7 set it last. */
  readonly directory: string
  readonly bracketedPaste: boolean
  readonly focusEvents: boolean
  /** tmux does not show it after the program's end. */
  readonly cursorVisible: boolean
  /** DECSCUSR's number, as last set. */
  readonly cursorShape: number
}

/** What `@xterm/headless` 6 keeps of a cell but does not declare. */
interface Extended {
  readonly extended: {
    readonly underlineStyle: number
    readonly underlineColor: number
    readonly urlId: number
  }
}

interface Internals {
  readonly _core: {
    readonly coreService: { readonly isCursorHidden: boolean }
    readonly _oscLinkService: { readonly getLinkData: (id: number) => { readonly uri: string } | undefined }
  }
}

const CHUNK = 65_536

/** xterm packs a character's properties into a number: whether it joins the one before, and its width from bit 1. */
const properties = (width: number, joins: boolean): number => (width << 1) | (joins ? 1 : 0)

const GLIBC_WIDTHS: xterm.IUnicodeVersionProvider = {
  version: "glibc",
  wcwidth: (codePoint) => Math.max(0, CharWidth.of(codePoint)) as 0 | 1 | 2,
  charProperties: (codePoint, preceding) => {
    const width = Math.max(0, CharWidth.of(codePoint))
    const widthBefore = (preceding >> 1) & 3
    return width === 0 && widthBefore > 0 ? properties(widthBefore, true) : properties(width, false)
  }
}

export class TmuxWitness {
  readonly #terminal: xterm.Terminal
  readonly #file: number
  readonly #buffer = Buffer.alloc(CHUNK)
  readonly #clipboard: Record<string, string> = {}
  #position = 0
  readonly #notifications: Array<string> = []
  #directory = ""
  #bells = 0
  #title = ""
  #cursorShape = 0

  /** Watches the bytes that `file` gathers. */
  constructor(file: string, size: { readonly columns: number; readonly rows: number }) {
    this.#file = openSync(file, "r")
    this.#terminal = new xterm.Terminal({ cols: size.columns, rows: size.rows, scrollback: 0, allowProposedApi: true })
    this.#terminal.unicode.register(GLIBC_WIDTHS)
    this.#terminal.unicode.activeVersion = GLIBC_WIDTHS.version
    this.#terminal.onBell(() => this.#bells++)
    this.#terminal.onTitleChange((title) => {
      this.#title = title.replace(/^\[mosh\] /, "")
    })
    this.#terminal.parser.registerOscHandler(9, (text) => this.#notifications.push(text) > 0)
    this.#terminal.parser.registerOscHandler(7, (text) => {
      this.#directory = text
      return true
    })
    this.#terminal.parser.registerOscHandler(52, (data) => {
      const [selection = "", text = ""] = data.split(";")
      this.#clipboard[selection] = text
      return true
    })
    this.#terminal.parser.registerCsiHandler({ intermediates: " ", final: "q" }, ([shape]) => {
      this.#cursorShape = Number(shape ?? 0)
      return false
    })
  }

  async resize(size: { readonly columns: number; readonly rows: number }): Promise<void> {
    await this.#read()
    this.#terminal.resize(size.columns, size.rows)
  }

  async look(): Promise<Painting> {
    await this.#read()
    const rows = Array.from({ length: this.#terminal.rows }, (_, y) => this.#row(y))
    return {
      rows,
      title: this.#title,
      clipboard: { ...this.#clipboard },
      bells: this.#bells,
      notifications: [...this.#notifications],
      directory: this.#directory,
      bracketedPaste: this.#terminal.modes.bracketedPasteMode,
      focusEvents: this.#terminal.modes.sendFocusMode,
      cursorVisible: !this.#internals()._core.coreService.isCursorHidden,
      cursorShape: this.#cursorShape
    }
  }

  close(): void {
    closeSync(this.#file)
    this.#terminal.dispose()
  }

  #internals(): Internals {
    return this.#terminal as unknown as Internals
  }

  async #read(): Promise<void> {
    // Reads only what is there now: a program that floods would keep this loop busy.
    const { size } = fstatSync(this.#file)
    while (this.#position < size) {
      const length = readSync(this.#file, this.#buffer, 0, CHUNK, this.#position)
      this.#position += length
      const bytes = this.#buffer.subarray(0, length)
      await new Promise<void>((resolve) => this.#terminal.write(bytes, resolve))
    }
  }

  #row(y: number): string {
    const buffer = this.#terminal.buffer.active
    const line = buffer.getLine(buffer.baseY + y)
    if (line === undefined) return ""
    const runs: Array<{ readonly style: string; text: string }> = []
    for (let x = 0; x < this.#terminal.cols; x++) {
      const cell = line.getCell(x)
      if (cell === undefined || cell.getWidth() === 0) continue
      const text = cell.getChars() || " "
      const style = this.#style(cell, text === " ")
      const last = runs.at(-1)
      if (last?.style === style) last.text += text
      else runs.push({ style, text })
    }
    const end = runs.at(-1)
    if (end?.style === "") end.text = end.text.trimEnd()
    return runs
      .filter((run) => run.text !== "")
      .map((run) => `${run.style}|${run.text}`)
      .join(" ")
  }

  /** A cell's style in words; for a blank, only what is visible on a blank. */
  #style(cell: xterm.IBufferCell, blank: boolean): string {
    const { underlineStyle, underlineColor, urlId } = (cell as unknown as Extended).extended
    const link = urlId === 0 ? undefined : this.#internals()._core._oscLinkService.getLinkData(urlId)
    const inverse = cell.isInverse() !== 0
    const lined = cell.isUnderline() !== 0 || cell.isStrikethrough() !== 0 || cell.isOverline() !== 0
    const ink = !blank || inverse || lined
    return [
      ink && !cell.isFgDefault() && `fg ${colour(cell.isFgRGB(), cell.getFgColor())}`,
      !cell.isBgDefault() && `bg ${colour(cell.isBgRGB(), cell.getBgColor())}`,
      ink && cell.isBold() && "bold",
      ink && cell.isDim() && "dim",
      !blank && cell.isItalic() && "italic",
      ink && cell.isBlink() && "blink",
      inverse && "inverse",
      !blank && cell.isInvisible() && "invisible",
      cell.isStrikethrough() && "strike",
      cell.isOverline() && "overline",
      cell.isUnderline() && `underline ${underlineStyle}${underlineColor === -1 ? "" : ` ${underlineColor}`}`,
      link !== undefined && `link ${link.uri}`
    ]
      .filter(Boolean)
      .join(" ")
  }
}

const colour = (rgb: boolean, value: number): string => (rgb ? `#${value.toString(16).padStart(6, "0")}` : `${value}`)
