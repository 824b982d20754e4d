/**
 * Writes the shortest bytes to a receiver whose cursor position, rendition and cursor visibility are known.
 */
import * as Cell from "../terminal/Cell.ts"
import * as Color from "../terminal/Color.ts"
import type { Frame } from "../terminal/Frame.ts"
import * as Rendition from "../terminal/Rendition.ts"
import type { Row } from "../terminal/Row.ts"
import type { Capabilities } from "./Capabilities.ts"
import * as CellText from "./CellText.ts"
import * as JoinDoubt from "./JoinDoubt.ts"
import * as OscText from "./OscText.ts"
import * as Sgr from "./Sgr.ts"
import * as WidthDoubt from "./WidthDoubt.ts"

const SINGLE = Rendition.Underline.single << Rendition.UNDERLINE_SHIFT

/** Characters from which on one string is made of them first: without V8's optimisations it is cheaper. */
const LONG_TEXT = 16

export class TerminalWriter {
  /** What was written so far. */
  out = ""
  readonly capabilities: Capabilities
  private readonly columns: number
  private row: number
  /** Equal to `columns` while a wrap is pending. */
  private column: number
  private visible: boolean
  /** How uncertain the column is. */
  private doubt = WidthDoubt.SURE
  private foreground: number
  private background: number
  private underline: number
  private link: Rendition.Hyperlink | undefined

  /** The receiver shows `frame`, and is about to show one of `columns` columns. */
  constructor(capabilities: Capabilities, frame: Frame, columns: number) {
    const { cursor, pen } = frame
    this.capabilities = capabilities
    this.columns = columns
    this.row = cursor.row
    this.column = cursor.column
    this.visible = cursor.visible
    this.foreground = this.colored(pen.foreground & capabilities.foreground)
    this.background = this.colored(pen.background & capabilities.background)
    this.underline = this.underlineWord(pen.underline)
    this.link = capabilities.links ? pen.link : undefined
  }

  /** Clears a screen of `rows` rows that may hold anything, and goes home with the default rendition. */
  clear(rows: number): void {
    this.out += "\x1b[r\x1b[m"
    if (this.capabilities.links) this.out += "\x1b]8;;\x07"
    this.foreground = this.background = this.underline = 0
    this.link = undefined
    if (this.capabilities.inPlace) this.clearAbove(rows, rows)
    else this.out += "\x1b[H\x1b[2J"
    this.out += "\x1b[?25l"
    this.home()
    this.visible = false
  }

  /** Moves the cursor before drawing, and hides it, because users would see it move. */
  approach(row: number, column: number, doubt: number): void {
    if (row === this.row && column === this.column) {
      if (this.doubt === WidthDoubt.SURE) return
      if (this.doubt === WidthDoubt.LIKELY && doubt === WidthDoubt.LIKELY) return
    }
    if (this.capabilities.drawsAtOnce) this.show(false)
    this.move(row, column)
  }

  move(row: number, column: number): void {
    const down = row - this.row
    const right = column - this.column
    if (this.doubt !== WidthDoubt.SURE) {
      this.position(row, column)
    } else if (column === 0 && down >= 0 && down < (this.capabilities.inPlace ? 1 : 5)) {
      // LF always follows CR: on a terminal in cooked output mode, LF also moves to column 0.
      if (right !== 0) this.out += "\r"
      if (down !== 0) this.out += "\n".repeat(down)
    } else if (down !== 0 || this.column === this.columns) {
      this.position(row, column)
    } else if (right < 0 && right >= -4) {
      this.out += "\b".repeat(-right)
    } else if (right > 0 && this.capabilities.editing) {
      this.out += right === 1 ? "\x1b[C" : `\x1b[${right}C`
    } else if (right !== 0) {
      this.position(row, column)
    }
    this.row = row
    this.column = column
    this.doubt = WidthDoubt.SURE
  }

  show(visible: boolean): void {
    if (visible === this.visible) return
    this.out += visible ? "\x1b[?25h" : "\x1b[?25l"
    this.visible = visible
  }

  /** Sets the rendition of the text that follows. */
  style(rendition: Rendition.Rendition): void {
    this.restyle(rendition.foreground, rendition.background, rendition.underline, rendition.link)
  }

  /** Draws the character at a column of a row where the cursor is, and steps over it. */
  draw(row: Row, column: number): void {
    const { words } = row
    const at = column * Cell.WORDS
    const glyph = words[at] ?? 0
    const underline = words[at + Cell.UNDERLINE] ?? 0
    const link = (underline & Rendition.LINKED) === 0 ? undefined : row.links?.get(column)
    this.restyle(words[at + Cell.FOREGROUND] ?? 0, words[at + Cell.BACKGROUND] ?? 0, underline, link)
    const text = glyph & (Cell.CODE_POINT_BITS | Cell.CLUSTER)
    if (text >= 0x20 && text < 0x7f) {
      this.out += String.fromCharCode(text)
    } else {
      const characters = printable(row, column, glyph)
      if (!this.capabilities.sameWidths) {
        this.out += JoinDoubt.separable(characters, Cell.codePointOf(glyph), this.capabilities)
        this.doubt = doubtOf(glyph)
      } else {
        this.out += (glyph & Cell.CLUSTER) === 0 ? characters : CellText.encode(characters, Cell.widthOf(glyph))
      }
    }
    this.column = Math.min(column + Cell.widthOf(glyph), this.columns)
  }

  /** Draws ASCII from `from` up to `end` where the cursor is, in the rendition of the cell before, which was drawn last. */
  drawText({ words }: Row, from: number, end: number): void {
    if (end - from < LONG_TEXT) {
      for (let at = from * Cell.WORDS; at < end * Cell.WORDS; at += Cell.WORDS)
        this.out += String.fromCharCode((words[at] ?? 0) & Cell.CODE_POINT_BITS)
    } else {
      const codes: Array<number> = []
      for (let x = from; x < end; x++) codes.push((words[x * Cell.WORDS] ?? 0) & Cell.CODE_POINT_BITS)
      this.out += String.fromCharCode(...codes)
    }
    this.column = end
  }

  /** Draws empty cells on a background where the cursor is, and steps over them. */
  drawEmpty(count: number, background: number): void {
    this.restyle(0, background, 0, undefined)
    this.out += this.capabilities.emptyCell.repeat(count)
    this.column = Math.min(this.column + count, this.columns)
  }

  /** Empties `count` cells from the cursor on, or the rest of the row if that is `Infinity`. The cursor stays. */
  erase(count: number, background: number): void {
    this.restyle(0, background, 0, undefined)
    this.out += count === Infinity ? "\x1b[K" : count === 1 ? "\x1b[X" : `\x1b[${count}X`
  }

  /** The text that is drawn next wraps the cursor to the next row. */
  wrap(): void {
    this.row++
    this.column = 0
  }

  /**
   * Scrolls the rows from `top` up to `bottom` up by `count`, or down when negative (only with `editing`). Those left
   * behind are blank.
   */
  scroll(top: number, bottom: number, height: number, count: number): void {
    const { editing } = this.capabilities
    this.style(Rendition.DEFAULT)
    if (top === 0 && bottom === height && count > 0) {
      this.approach(height - 1, 0, WidthDoubt.SURE)
      this.out += "\n".repeat(count)
      return
    }
    // Setting and resetting the region both home the cursor.
    const region = bottom < height || !editing
    if (region) {
      if (this.capabilities.drawsAtOnce) this.show(false)
      this.out += `\x1b[${top + 1};${bottom}r`
      this.home()
    }
    if (editing) {
      this.approach(top, 0, WidthDoubt.SURE)
      this.out += `\x1b[${Math.abs(count) === 1 ? "" : Math.abs(count)}${count > 0 ? "M" : "L"}`
    } else {
      this.approach(bottom - 1, 0, WidthDoubt.SURE)
      this.out += "\n".repeat(count)
    }
    if (region) {
      this.out += "\x1b[r"
      this.home()
    }
  }

  /** Clears the first `rows` of `height` rows with ED 1, which moves nothing into a history, and goes home. */
  clearAbove(rows: number, height: number): void {
    this.style(Rendition.DEFAULT)
    // xterm.js 6 throws if all of the last row is erased by ED 1.
    this.out += rows < height ? `\x1b[${rows};${this.columns}H\x1b[1J` : `\x1b[${rows};1H\x1b[1J\x1b[K`
    // ED 1 fills rows with blanks in VTE, which would re-wrap them to two rows when it is narrowed; EL removes these. The first row
    // is last, because alacritty 0.11 keeps it.
    for (let row = Math.min(rows, height - 1); row > 0; row--) this.out += `\x1b[${row === 1 ? "" : `${row};1`}H\x1b[K`
    this.home()
  }

  /** Scrolls `count` rows out at the top of a region of `rows` rows, which starts at the top of the screen. */
  scrollOut(rows: number, count: number): void {
    // Line feeds would fill the new rows with a background.
    this.style(Rendition.DEFAULT)
    this.position(rows - 1, 0)
    this.out += "\n".repeat(count)
    this.row = rows - 1
    this.column = 0
    this.doubt = WidthDoubt.SURE
  }

  /** `frame` with the cursor and pen that the receiver has now. */
  state(frame: Frame): Frame {
    const { columns, row, visible } = this
    const cursor = { ...frame.cursor, row, column: Math.min(this.column, columns - 1), visible }
    const pen = {
      foreground: this.foreground,
      background: this.background,
      underline: this.underline,
      link: this.link
    }
    return { ...frame, cursor, pen }
  }

  /** The cursor was moved home. */
  home(): void {
    this.row = this.column = 0
    this.doubt = WidthDoubt.SURE
  }

  private position(row: number, column: number): void {
    this.out += row === 0 && column === 0 ? "\x1b[H" : `\x1b[${row + 1};${column + 1}H`
  }

  private restyle(
    foreground: number,
    background: number,
    underline: number,
    link: Rendition.Hyperlink | undefined
  ): void {
    const { capabilities } = this
    const f = this.colored(foreground & capabilities.foreground)
    const b = this.colored(background & capabilities.background)
    const u = this.underlineWord(underline)
    if (f !== this.foreground || b !== this.background || u !== this.underline) {
      const byIndexFrom = capabilities.palette === "stock" ? 8 : 16
      this.out += Sgr.encode(this.foreground, this.background, this.underline, f, b, u, byIndexFrom)
      this.foreground = f
      this.background = b
      this.underline = u
    }
    if (link !== this.link && capabilities.links) this.relink(link)
  }

  private relink(link: Rendition.Hyperlink | undefined): void {
    const target = link !== undefined && OscText.isLink(link) ? link : undefined
    // BEL, not ST: it leaves a pending wrap alone (spec 8.1).
    if (!Rendition.linkEquals(target, this.link)) {
      this.out += target === undefined ? "\x1b]8;;\x07" : `\x1b]8;${target.params};${target.uri}\x07`
    }
    this.link = target
  }

  /** A word with its colour in the form that the receiver is sent. */
  private colored(word: number): number {
    return this.capabilities.palette === "requested" ? word : Color.named(word)
  }

  private underlineWord(word: number): number {
    const { capabilities } = this
    const u = word & capabilities.underline & ~Rendition.LINKED
    return capabilities.underlineStyles || (u & Rendition.UNDERLINE_BITS) === 0
      ? u
      : (u & ~Rendition.UNDERLINE_BITS) | SINGLE
  }
}

/** The text of a cell with a character; a space where it could be taken for a control. */
const printable = (row: Row, column: number, glyph: number): string => {
  const codePoint = Cell.codePointOf(glyph)
  if (codePoint < 0xa0 && (codePoint < 0x20 || codePoint >= 0x7f)) return " "
  const text = String.fromCodePoint(Math.min(codePoint, 0x10ffff))
  const cluster = (glyph & Cell.CLUSTER) === 0 ? undefined : row.clusters?.get(column)
  return cluster !== undefined && OscText.isClean(cluster) ? cluster : text.toWellFormed()
}

/** How uncertain the cursor's column is after a cell. */
export const doubtOf = (glyph: number): number => {
  if ((glyph & Cell.CLUSTER) !== 0) return WidthDoubt.UNSURE
  return WidthDoubt.of(Cell.codePointOf(glyph))
}
