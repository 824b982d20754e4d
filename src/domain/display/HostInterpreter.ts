/**
 * Applies one host string to a frame: the parser of spec 8.1, with the functions that mosh servers use.
 *
 * Code points are read directly from the string. A sequence keeps at most 31 parameters and no text, so its memory is
 * bounded whatever a peer sends.
 */
import type { Cursor, Frame } from "../terminal/Frame.ts"
import { cursorEquals } from "../terminal/Frame.ts"
import * as KeptMarks from "../events/KeptMarks.ts"
import * as KeyboardModes from "../keyboard/KeyboardModes.ts"
import * as Modes from "../terminal/Modes.ts"
import * as Properties from "../events/Properties.ts"
import * as Rendition from "../terminal/Rendition.ts"
import { EMPTY_CELL, full } from "./Capabilities.ts"
import * as CellText from "./CellText.ts"
import * as Effort from "./Effort.ts"
import * as NotificationDiff from "./NotificationDiff.ts"
import * as OscText from "./OscText.ts"
import * as FrameWeight from "../terminal/FrameWeight.ts"
import { ScreenEditor } from "./ScreenEditor.ts"
import * as Sgr from "./Sgr.ts"

const BEL = 0x07
const BS = 0x08
const LF = 0x0a
const CR = 0x0d
const CAN = 0x18
const SUB = 0x1a
const ESC = 0x1b
const BACKSLASH = 0x5c
const DEL = EMPTY_CELL.charCodeAt(0)
const REPLACEMENT = 0xfffd

/** The identity of a `CSI` sequence: private marker and intermediate, in the bits above the final character. */
const M = 0x6d
const QUESTION = 0x3f << 24
const GREATER = 0x3e << 24
const EQUALS = 0x3d << 24
const SPACE = 0x20 << 16

/** The numbers of OSC strings that set properties, as text. */
const PROPERTIES = new Set(Properties.IDENTIFIERS.map(String))
const LONGEST_IDENTIFIER = 5

const PARAMETERS = 31
const PARAMETER_LIMIT = 65535

/** The number of a clipboard write. */
const WRITE_NUMBER = /^\d{1,15}$/
/** The selections of a clipboard write, and its number. */
const MOST_SELECTIONS = full.selections.length + "=".length + 15

/** Bytes that the hyperlinks of one frame may hold. Further hyperlinks are ignored. */
const LINKS = 32 * 1024 * 1024

export class HostInterpreter {
  private readonly base: Frame
  private readonly screen: ScreenEditor
  private readonly effort: Effort.Effort
  private host = ""
  private at = 0
  private visible: boolean
  private shape: number
  private modes: Modes.Modes
  private title: string | undefined
  private iconTitle: string | undefined
  private bells: number
  private clipboard: Frame["clipboard"]
  private copies: Frame["copies"]
  private notifications: Frame["notifications"]
  private marks: Frame["marks"]
  private properties: Frame["properties"]
  /** The parameters of the sequence being read; a missing one is -1. */
  private readonly parameters: Array<number> = []
  private count = 0
  /** Which parameters were joined to the one before by a colon, as bits. */
  private colons = 0
  /** The links of this host string, by parameters and target. */
  private readonly links = new Map<string, Rendition.Hyperlink>()
  /** Size of the frame's links, bytes; `undefined` before the first link of the host string. */
  private linksWeight: number | undefined

  /** `effort` is what the instruction has cost so far; the work of this host string is added to it. */
  constructor(base: Frame, effort: Effort.Effort) {
    this.base = base
    this.effort = effort
    this.screen = new ScreenEditor(base, effort)
    this.visible = base.cursor.visible
    this.shape = base.cursor.shape
    this.modes = base.modes
    this.title = base.title
    this.iconTitle = base.iconTitle
    this.bells = base.bells
    this.clipboard = base.clipboard
    this.copies = base.copies
    this.notifications = base.notifications
    this.marks = base.marks
    this.properties = base.properties
  }

  run(host: string): Frame {
    const { screen } = this
    this.host = host
    while (this.at < host.length && !screen.exhausted) {
      const code = host.charCodeAt(this.at++)
      if (code >= 0x20 && code < DEL) screen.print(code)
      else if (code === DEL) screen.printEmpty()
      else if (code < 0x20) this.control(code)
      else if (code < 0xa0) this.c1(code)
      else if (code < 0xd800 || code > 0xdfff) screen.print(code)
      else screen.print(this.surrogates())
    }
    return this.frame()
  }

  private frame(): Frame {
    const { base, screen, shape, visible } = this
    const cursor: Cursor = { row: screen.row, column: screen.column, visible, shape }
    return {
      size: base.size,
      rows: screen.finish(),
      cursor: cursorEquals(cursor, base.cursor) ? base.cursor : cursor,
      pen: Rendition.equals(screen.pen, base.pen) ? base.pen : screen.pen,
      modes: Modes.equals(this.modes, base.modes) ? base.modes : this.modes,
      title: this.title,
      iconTitle: this.iconTitle,
      bells: this.bells,
      clipboard: this.clipboard,
      copies: this.copies,
      notifications: this.notifications,
      marks: this.marks,
      properties: this.properties
    }
  }

  /** The code point whose first unit was just read; a lone surrogate is U+FFFD. */
  private surrogates(): number {
    const codePoint = this.host.codePointAt(this.at - 1) ?? REPLACEMENT
    if (codePoint < 0x10000) return REPLACEMENT
    this.at++
    return codePoint
  }

  private control(code: number): void {
    const { screen } = this
    switch (code) {
      case BEL:
        this.bells++
        return screen.settle()
      case BS:
        return screen.move(screen.row, screen.column - 1)
      case LF:
      case 0x0b:
      case 0x0c:
        return screen.lineFeed()
      case CR:
        return screen.move(screen.row, 0)
      case ESC:
        return this.escape()
      default:
        // HT keeps a pending wrap; mosh servers never send it.
        if (code !== 0x09) screen.settle()
    }
  }

  /** The controls 80 to 9F. Each is equivalent to ESC and a letter. */
  private c1(code: number): void {
    switch (code) {
      case 0x84:
        return this.screen.lineFeed()
      case 0x85:
        this.screen.move(this.screen.row, 0)
        return this.screen.lineFeed()
      case 0x90:
      case 0x98:
      case 0x9e:
      case 0x9f:
        return this.skipString()
      case 0x9b:
        return this.csi()
      case 0x9c:
        return
      case 0x9d:
        return this.osc()
      default:
        return this.screen.settle()
    }
  }

  private escape(): void {
    const { host } = this
    let intermediate = false
    while (this.at < host.length) {
      const code = host.charCodeAt(this.at)
      if (this.interrupts(code)) return
      this.at++
      if (code < 0x20) this.control(code)
      else if (code < 0x30) intermediate = true
      else if (code !== DEL) {
        if (!intermediate && code >= 0x40 && code < 0x60 && code !== BACKSLASH) return this.c1(code + 0x40)
        if (!intermediate && (code === 0x3d || code === 0x3e)) this.setKeyboard(KeyboardModes.setKeypad, code === 0x3d)
        // Also ST, whose ESC has already ended and dispatched the string.
        return this.screen.settle()
      }
    }
  }

  /** Whether a code ends any sequence, and is then interpreted in the ground state. */
  private interrupts(code: number): boolean {
    return code === ESC || code === CAN || code === SUB || (code >= 0x80 && code < 0xa0)
  }

  /** Skips a DCS, SOS, PM or APC string up to its end. */
  private skipString(): void {
    while (this.at < this.host.length && !this.interrupts(this.host.charCodeAt(this.at))) this.at++
  }

  private csi(): void {
    const { host } = this
    let prefix = 0
    let value = -1
    // Stock mosh dispatches nothing when a colon, or a marker or parameter out of place, occurs; a wrap stays pending.
    let ignored = false
    this.count = 0
    this.colons = 0
    for (const start = this.at; this.at < host.length;) {
      const code = host.charCodeAt(this.at)
      if (this.interrupts(code)) return
      this.at++
      if (code < 0x20) {
        this.control(code)
      } else if (code < 0x30) {
        // No sequence that is implemented has two intermediates.
        prefix |= (prefix & 0xff) === 0 ? code : 0xff
      } else if (code < 0x3a) {
        if ((prefix & 0xff) !== 0) ignored = true
        value = Math.min(Math.max(value, 0) * 10 + code - 0x30, PARAMETER_LIMIT + 1)
      } else if (code < 0x3c) {
        this.parameter(value)
        value = -1
        if (code === 0x3a && this.count < PARAMETERS) this.colons |= 1 << this.count
      } else if (code < 0x40) {
        if (this.at !== start + 1) ignored = true
        prefix |= code << 8
      } else if (code !== DEL) {
        if (code >= 0xd800 && code <= 0xdfff) this.surrogates()
        this.parameter(value)
        if (ignored || (this.colons !== 0 && code !== M)) return
        return this.dispatch((prefix << 16) | code)
      }
    }
  }

  private parameter(value: number): void {
    if (this.count < PARAMETERS) this.parameters[this.count++] = value > PARAMETER_LIMIT ? -1 : value
  }

  /** A parameter that counts from 1; 0 or none is `otherwise`. */
  private positive(i: number, otherwise: number): number {
    const value = i < this.count ? (this.parameters[i] ?? -1) : -1
    return value < 1 ? otherwise : value
  }

  private dispatch(sequence: number): void {
    const { screen, base } = this
    const { columns, rows } = base.size
    this.effort.spent += Effort.SEQUENCE
    switch (sequence) {
      case M:
        screen.pen = Sgr.apply(screen.pen, this.parameters, this.count, this.colons)
        return
      case QUESTION | 0x68: // h
        for (let i = 0; i < this.count; i++) this.setMode(this.parameters[i] ?? -1, true)
        return
      case QUESTION | 0x6c: // l
        for (let i = 0; i < this.count; i++) this.setMode(this.parameters[i] ?? -1, false)
        return
      case 0x48: // H
        return screen.move(this.positive(0, 1) - 1, this.positive(1, 1) - 1)
      case 0x43: // C
        return screen.move(screen.row, screen.column + this.positive(0, 1))
      case 0x4b: // K
        if (this.positive(0, 0) === 0) screen.erase(screen.column, columns)
        return screen.settle()
      case 0x58: // X
        screen.erase(screen.column, screen.column + this.positive(0, 1))
        return screen.settle()
      case 0x4a: // J
        if (this.positive(0, 0) === 2) screen.clear(0, rows)
        return screen.settle()
      case 0x72: // r
        screen.settle()
        return screen.setRegion(this.positive(0, 1) - 1, this.positive(1, rows))
      case 0x4c: // L
        return screen.insertLines(this.positive(0, 1))
      case M - 0x20: // M
        return screen.insertLines(-this.positive(0, 1))
      case SPACE | 0x71: // q
        this.shape = this.positive(0, 0) <= 6 ? this.positive(0, 0) : this.shape
        return screen.settle()
      case GREATER | M:
        this.setKeyboard(KeyboardModes.modify, this.positive(0, 0), this.positive(1, 0))
        return screen.settle()
      case GREATER | 0x66: // f
        this.setKeyboard(KeyboardModes.format, this.positive(0, 0), this.positive(1, 0))
        return screen.settle()
      case EQUALS | 0x75: // u
        if (this.positive(1, 1) === 1) this.setKeyboard(KeyboardModes.setKitty, this.positive(0, 0))
        return screen.settle()
      default:
        return screen.settle()
    }
  }

  private setKeyboard<A extends ReadonlyArray<unknown>>(
    change: (modes: KeyboardModes.KeyboardModes, ...to: A) => KeyboardModes.KeyboardModes,
    ...to: A
  ): void {
    this.effort.spent += Effort.MODE
    this.modes = Modes.withKeyboard(this.modes, change(this.modes.keyboard, ...to))
  }

  private setMode(mode: number, on: boolean): void {
    this.effort.spent += Effort.MODE
    if (mode === 25) this.visible = on
    else this.modes = Modes.set(this.modes, mode, on)
  }

  /** An OSC string. Any terminator ends it. BEL as its terminator does not ring, and leaves a wrap pending. */
  private osc(): void {
    const { host } = this
    const start = this.at
    let end = start
    let semicolon = -1
    for (; end < host.length; end++) {
      const code = host.charCodeAt(end)
      if (code === BEL || this.interrupts(code)) break
      if (code === 0x3b && semicolon < 0) semicolon = end
    }
    this.at = end
    if (end === host.length) return
    if (host.charCodeAt(end) === BEL) this.at++
    this.effort.spent += Effort.STRING
    const identifier = host.slice(start, Math.min(semicolon < 0 ? end : semicolon, start + LONGEST_IDENTIFIER))
    const text = semicolon < 0 ? "" : host.slice(semicolon + 1, end)
    if (PROPERTIES.has(identifier)) return this.setProperty(Number(identifier), text)
    if (semicolon < 0) return
    switch (identifier) {
      case "":
      case "0":
        this.title = this.iconTitle = OscText.title(text)
        return
      case "1":
        this.iconTitle = OscText.title(text)
        return
      case "2":
        this.title = OscText.title(text)
        return
      case "8":
        return this.link(text)
      case "52":
        return this.copy(text)
      case CellText.IDENTIFIER:
        return this.printCell(text)
      case "777":
        this.effort.spent += Effort.NOTIFICATION
        this.notifications = NotificationDiff.read(this.notifications, text)
        return
      case "133":
        this.effort.spent += Effort.NOTIFICATION
        this.marks = KeptMarks.read(this.marks, text)
    }
  }

  private printCell(parameters: string): void {
    const cell = CellText.decode(parameters)
    if (cell === undefined) return
    this.effort.spent += Effort.CLUSTER
    this.screen.printCluster(cell.text, cell.columns)
  }

  private setProperty(identifier: number, text: string): void {
    this.effort.spent += Effort.PROPERTIES + Effort.PROPERTY_CHARACTER * text.length
    this.properties = Properties.apply(this.properties, identifier, text)
  }

  private link(text: string): void {
    const semicolon = text.indexOf(";")
    if (semicolon < 0) return
    const link = { params: OscText.copy(text.slice(0, semicolon)), uri: OscText.copy(text.slice(semicolon + 1)) }
    const { screen } = this
    if (link.uri === "") screen.pen = { ...screen.pen, link: undefined }
    else if (OscText.isLink(link)) screen.pen = { ...screen.pen, link: this.admitted(link) }
  }

  /** The link, as one object for all its cells; `undefined` if the frame has too many links. */
  private admitted(link: Rendition.Hyperlink): Rendition.Hyperlink | undefined {
    const { base, links, screen } = this
    if (Rendition.linkEquals(link, screen.pen.link)) return screen.pen.link
    const key = `${link.params};${link.uri}`
    const known = links.get(key)
    if (known !== undefined) return known
    this.effort.spent += Effort.NEW_LINK
    this.linksWeight ??= FrameWeight.links(base)
    this.linksWeight += FrameWeight.link(link)
    if (this.linksWeight > LINKS) return undefined
    links.set(key, link)
    return link
  }

  /**
   * Stores a clipboard text unchecked: it is checked before it is sent on. Our own servers number each write, after an
   * equals sign; any other text counts as one more write.
   */
  private copy(text: string): void {
    const semicolon = text.indexOf(";")
    if (semicolon < 0 || text.length - semicolon - 1 > full.clipboardLimit) return
    const content = OscText.copy(text.slice(semicolon + 1))
    const [selections = "", number] = text.slice(0, Math.min(semicolon, MOST_SELECTIONS)).split("=")
    if (number !== undefined && !WRITE_NUMBER.test(number)) return
    this.effort.spent += Effort.CLIPBOARD
    const clipboard = new Map(this.clipboard)
    const copies = new Map(this.copies)
    for (const selection of selections.slice(0, full.selections.length)) {
      if (!full.selections.includes(selection)) continue
      clipboard.set(selection, content)
      copies.set(selection, number === undefined ? (copies.get(selection) ?? 0) + 1 : Number(number))
    }
    this.clipboard = clipboard
    this.copies = copies
  }
}
