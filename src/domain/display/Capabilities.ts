/**
 * What a receiver of host strings understands: another end of effect-mosh, a stock mosh client, or a person's terminal.
 *
 * Everything a `Frame` says beyond it is left out when a difference is drawn for that receiver.
 *
 * ```ts
 * import { Capabilities } from "effect-mosh"
 *
 * export const mine = Capabilities.fromTerm({ term: process.env["TERM"] ?? "dumb" })
 * export const monochrome = { ...mine, foreground: mine.foreground & ~0x3ffffff, background: mine.background & ~0x3ffffff }
 * ```
 */
import * as Rendition from "../terminal/Rendition.ts"

/** What a receiver understands. */
export interface Capabilities {
  /** The bits of the foreground word (`Rendition`) that it can show. */
  readonly foreground: number
  /** As `foreground`, of the background word. */
  readonly background: number
  /** As `foreground`, of the underline word. */
  readonly underline: number
  /**
   * How it is sent palette colours below 16: as they were requested, by name or index; by their names, `31` and `91`; or as
   * a stock server sends them, `31` and `38;5;9`.
   */
  readonly palette: "requested" | "names" | "stock"
  /** Styles other than a single line, and underline colours, both with colons in SGR. Else every style is a single line. */
  readonly underlineStyles: boolean
  /** `OSC 8`. */
  readonly links: boolean
  /** `OSC 0`, `1` and `2`. */
  readonly titles: boolean
  /** The letters of the `OSC 52` selections that it keeps. */
  readonly selections: string
  /** The longest `OSC 52` text that it takes whole; a longer one is not sent at all. */
  readonly clipboardLimit: number
  /**
   * What it is sent of a clipboard: only another text than before; every write; or every write with its number, which
   * only our own ends read.
   */
  readonly clipboard: "changes" | "writes" | "numbered writes"
  /** DECSCUSR. */
  readonly cursorShape: boolean
  /** Mode 1007, and mouse encoding 1016 (else sent as 1006, which has the same syntax, unless another was requested). */
  readonly modernModes: boolean
  /** It picks from all mouse modes that were requested. Else only the last one is sent. */
  readonly mouseRequests: boolean
  /** ECH, `CSI n X`. */
  readonly eraseCharacters: boolean
  /** Erasing gives the background colour in force. Else a coloured blank is sent as spaces. */
  readonly backgroundErase: boolean
  /** CUF, IL and DL. */
  readonly editing: boolean
  /** It draws while it reads: the cursor is hidden meanwhile. */
  readonly drawsAtOnce: boolean
  /** It has our own width table, so the cursor is known after any character. */
  readonly sameWidths: boolean
  /**
   * What it may join, so that nothing is drawn where it would: no cells; a character to the cell left of it; also, after a
   * joiner, whatever is printed next, wherever that is (tmux). Joiners at the end of cells are left out then.
   */
  readonly joins: "none" | "left" | "next"
  /** What a short run of empty cells is sent as, once each. */
  readonly emptyCell: string
  /**
   * It keeps a history of rows that scroll off its screen, which drawing must not change: every row is drawn where it is,
   * without scrolling, line feeds, DL and ED, and a row that ceases to wrap is erased first.
   */
  readonly inPlace: boolean
}

/** A code that stock mosh never sends and ignores; between our own ends it prints an empty cell. */
export const EMPTY_CELL = "\x7f"

/** Another end of effect-mosh: everything a `Frame` says. */
export const full: Capabilities = {
  foreground: -1,
  background: -1,
  underline: -1,
  palette: "requested",
  underlineStyles: true,
  links: true,
  titles: true,
  selections: "cpqs01234567",
  clipboardLimit: 1 << 20,
  clipboard: "numbered writes",
  cursorShape: true,
  modernModes: true,
  mouseRequests: true,
  eraseCharacters: true,
  backgroundErase: true,
  editing: true,
  drawsAtOnce: false,
  sameWidths: true,
  joins: "none",
  emptyCell: EMPTY_CELL,
  inPlace: false
}

/** The other end of an effect-mosh that does not read the numbers of clipboard writes (0.1.0). */
export const withoutCopies: Capabilities = { ...full, clipboard: "changes" }

/** A stock mosh client: what a stock server sends (spec 8.8), and nothing that could confuse it (spec 12.1). */
export const stock: Capabilities = {
  foreground: ~Rendition.DIM,
  background: ~(Rendition.STRIKETHROUGH | Rendition.OVERLINE),
  underline: Rendition.UNDERLINE_BITS,
  palette: "stock",
  underlineStyles: false,
  links: false,
  titles: true,
  selections: "c",
  clipboardLimit: 16384 - "52;c;".length,
  clipboard: "changes",
  cursorShape: false,
  modernModes: false,
  mouseRequests: false,
  eraseCharacters: true,
  backgroundErase: true,
  editing: false,
  drawsAtOnce: false,
  sameWidths: false,
  joins: "none",
  emptyCell: " ",
  inPlace: false
}

/** What is known of a person's terminal. */
export interface TerminalFacts {
  /** `TERM`. */
  readonly term: string
  /** `TERM_PROGRAM`, by which some terminals say who they are. */
  readonly termProgram?: string | undefined
  /** How many colours its terminfo entry names; judged by `term` when absent. */
  readonly colors?: number | undefined
}

/** Terminals that take a title (spec 10.2, and those that came later), by how `TERM` begins. */
const TITLED =
  /^(xterm|rxvt|kterm|Eterm|alacritty|screen|tmux|foot|wezterm|konsole|st-|vte|gnome|iterm|mintty|contour|ghostty|kitty|rio)/
/** Of these, the ones that know underline styles, hyperlinks, cursor shapes and the newer modes. */
const MODERN =
  /^(xterm|alacritty|tmux|foot|wezterm|konsole|vte|gnome|iterm|mintty|contour|ghostty|kitty|rio|rxvt-unicode)/
/** Terminals with 256 colours or more. */
const MANY_COLORS = /256color|direct|kitty|ghostty|alacritty|foot|wezterm/
/** Terminals whose terminfo lacks `bce`: a coloured blank must be spaces. */
const NO_BACKGROUND_ERASE = /^(screen|tmux|kterm|ansi|vt\d|cygwin|dumb|sun|putty-vt100)/
/** Terminals whose terminfo lacks `ech`. */
const NO_ERASE_CHARACTERS = /^(screen|tmux|kterm|rxvt(?!-unicode)|vt1|cygwin|dumb|sun)/
/** Terminals within another one. */
const MULTIPLEXER = /^(screen|tmux)/
/** Terminals without `il1` and `dl`. */
const NO_EDITING = /^(vt100|dumb)/

/**
 * A person's own terminal, judged by its names alone: there is no terminfo to ask in pure code. An unknown one is taken
 * for an xterm without the newer ways, which is what stock mosh takes every terminal for. Colours are sent as they are.
 */
export const fromTerm = (facts: TerminalFacts): Capabilities => {
  const { term } = facts
  const modern = MODERN.test(term) && facts.termProgram !== "Apple_Terminal"
  return {
    foreground: -1,
    background: modern ? -1 : ~Rendition.OVERLINE,
    underline: modern ? -1 : Rendition.UNDERLINE_BITS,
    palette: (facts.colors ?? (MANY_COLORS.test(term) ? 256 : 8)) >= 256 ? "requested" : "names",
    underlineStyles: modern,
    links: modern,
    titles: TITLED.test(term),
    selections: full.selections,
    clipboardLimit: full.clipboardLimit,
    clipboard: "writes",
    cursorShape: modern || term.startsWith("rxvt") || term.startsWith("st-"),
    modernModes: modern,
    mouseRequests: true,
    eraseCharacters: !NO_ERASE_CHARACTERS.test(term),
    backgroundErase: !NO_BACKGROUND_ERASE.test(term),
    editing: !NO_EDITING.test(term),
    drawsAtOnce: true,
    sameWidths: false,
    joins: MULTIPLEXER.test(term) ? "next" : "left",
    emptyCell: " ",
    inPlace: false
  }
}
