/**
 * The capabilities of a receiver of host strings: another end of effect-mosh, a stock mosh client, or the user's terminal.
 *
 * `FrameDiff` omits everything in a `Frame` that the receiver cannot show.
 *
 * ```ts
 * import { Capabilities } from "effect-mosh"
 *
 * export const mine = Capabilities.fromTerm({ term: process.env["TERM"] ?? "dumb" })
 * export const monochrome = { ...mine, foreground: mine.foreground & ~0x3ffffff, background: mine.background & ~0x3ffffff }
 * ```
 */
import * as DesktopNotification from "../events/DesktopNotification.ts"
import * as Rendition from "../terminal/Rendition.ts"
import type * as NotificationDiff from "./NotificationDiff.ts"

/** The capabilities of a receiver. */
export interface Capabilities {
  /** The bits of the foreground word (`Rendition`) that it can show. */
  readonly foreground: number
  /** As `foreground`, of the background word. */
  readonly background: number
  /** As `foreground`, of the underline word. */
  readonly underline: number
  /**
   * How palette colours below 16 are sent: as the program requested them (by name or index); by name, `31` and `91`; or like
   * a stock server, `31` and `38;5;9`.
   */
  readonly palette: "requested" | "names" | "stock"
  /** Underline styles and underline colours, both by SGR with colons. Otherwise every style is sent as a single line. */
  readonly underlineStyles: boolean
  /** `OSC 8`. */
  readonly links: boolean
  /** `OSC 0`, `1` and `2`. */
  readonly titles: boolean
  /** The letters of the `OSC 52` selections that it keeps. */
  readonly selections: string
  /** The longest `OSC 52` text that it accepts, characters; longer ones are not sent. */
  readonly clipboardLimit: number
  /**
   * Which clipboard writes are sent: those that change the text; all; or all with their numbers, which only our own ends
   * understand.
   */
  readonly clipboard: "changes" | "writes" | "numbered writes"
  /** BEL. */
  readonly bells: boolean
  /** The forms of notifications that it shows, or `numbered`, which only our own ends understand. */
  readonly notifications: NotificationDiff.Receiver
  /**
   * Marks of lines: `placed` where the cursor is, which only `NativeScrollback` does, or `numbered`, which only our own ends
   * understand.
   */
  readonly marks: "none" | "placed" | "numbered"
  /** The sequences of `Properties`. */
  readonly properties: boolean
  /** DECSCUSR. */
  readonly cursorShape: boolean
  /**
   * Mode 1007, and mouse encoding 1016. Otherwise 1016 is sent as 1006, which has the same syntax, unless the program requested
   * another encoding, too.
   */
  readonly modernModes: boolean
  /** The modes of `KeyboardModes`. */
  readonly keyboard: boolean
  /** It chooses among all requested mouse modes. Otherwise only the last one is sent. */
  readonly mouseRequests: boolean
  /** ECH, `CSI n X`. */
  readonly eraseCharacters: boolean
  /** Erasing uses the current background colour. Otherwise coloured blanks are sent as spaces. */
  readonly backgroundErase: boolean
  /** CUF, IL and DL. */
  readonly editing: boolean
  /** It draws while it reads, so the cursor is hidden during updates. */
  readonly drawsAtOnce: boolean
  /** It uses our width table, so the cursor's position is known after any character. */
  readonly sameWidths: boolean
  /**
   * Which cells it may join into one cluster, so that they are drawn apart: none; a character to the cell on its left; or
   * also, after a joiner, whatever is printed next at any position (tmux). In the last case, final joiners are omitted.
   */
  readonly joins: "none" | "left" | "next"
  /** The text that is sent for each cell in a short run of empty cells. */
  readonly emptyCell: string
  /**
   * It keeps a history of rows that scroll off its screen, which drawing must not change: every row is drawn where it is,
   * without scrolling, line feeds, DL and ED, and a row that ceases to wrap is erased first.
   */
  readonly inPlace: boolean
  /** A row that EL erases still continues the row above; only ED ends that. Matters only with `inPlace`. */
  readonly keepsWraps: boolean
}

/** A code that stock mosh never sends and ignores; between our own ends it prints an empty cell. */
export const EMPTY_CELL = "\x7f"

/** Another end of effect-mosh: everything in a `Frame`. */
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
  bells: true,
  notifications: "numbered",
  marks: "numbered",
  properties: true,
  cursorShape: true,
  modernModes: true,
  keyboard: true,
  mouseRequests: true,
  eraseCharacters: true,
  backgroundErase: true,
  editing: true,
  drawsAtOnce: false,
  sameWidths: true,
  joins: "none",
  emptyCell: EMPTY_CELL,
  inPlace: false,
  keepsWraps: false
}

/** An end of effect-mosh that does not understand notifications and properties. */
export const withoutEvents: Capabilities = { ...full, notifications: [], marks: "none", properties: false }

/** An end of effect-mosh that does not understand the numbers of clipboard writes, either (0.1.0). */
export const withoutCopies: Capabilities = { ...withoutEvents, clipboard: "changes" }

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
  bells: true,
  notifications: [],
  marks: "none",
  properties: false,
  cursorShape: false,
  modernModes: false,
  keyboard: false,
  mouseRequests: false,
  eraseCharacters: true,
  backgroundErase: true,
  editing: false,
  drawsAtOnce: false,
  sameWidths: false,
  joins: "none",
  emptyCell: " ",
  inPlace: false,
  keepsWraps: false
}

/** The known facts about the user's terminal. */
export interface TerminalFacts {
  /** `TERM`. */
  readonly term: string
  /** `TERM_PROGRAM`, by which some terminals identify themselves. */
  readonly termProgram?: string | undefined
  /** Number of colours in its terminfo entry. Default: derived from `term`. */
  readonly colors?: number | undefined
}

/** Terminals that accept a title (spec 10.2, and later ones), by the start of `TERM`. */
const TITLED =
  /^(xterm|rxvt|kterm|Eterm|alacritty|screen|tmux|foot|wezterm|konsole|st-|vte|gnome|iterm|mintty|contour|ghostty|kitty|rio)/
/** Those among them with underline styles, hyperlinks, cursor shapes and the newer modes. */
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
/**
 * The forms of notifications that terminals show, by `TERM` and `TERM_PROGRAM`. Others are sent the form that the program
 * used, as by ssh.
 */
const NOTIFICATIONS: ReadonlyArray<readonly [RegExp, ReadonlyArray<DesktopNotification.Form>]> = [
  [/kitty/, [99, 777, 9]],
  [/ghostty|WezTerm|wezterm|WarpTerminal/, [777, 9]],
  [/^foot/, [777, 99, 9]],
  [/iTerm|^iterm/, [9]],
  [/^(vte|gnome|konsole|contour|rxvt-unicode)/, [777]]
]
/** Seen in kitty 0.26. */
const KEEPS_WRAPS = /^xterm-kitty/
/** Terminals without `il1` and `dl`. */
const NO_EDITING = /^(vt100|dumb)/

/**
 * The capabilities of the user's terminal, by its names alone, because pure code cannot read terminfo. An unknown terminal
 * counts as an xterm without newer features, which stock mosh assumes of every terminal. Colours are sent unchanged.
 */
export const fromTerm = (facts: TerminalFacts): Capabilities => {
  const { term } = facts
  const names = `${term} ${facts.termProgram ?? ""}`
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
    bells: true,
    notifications: modern
      ? (NOTIFICATIONS.find(([terminal]) => terminal.test(names))?.[1] ?? DesktopNotification.FORMS)
      : [],
    marks: modern ? "placed" : "none",
    properties: modern,
    cursorShape: modern || term.startsWith("rxvt") || term.startsWith("st-"),
    modernModes: modern,
    // `LocalModes` sets them, as far as the terminal answers that it knows them.
    keyboard: false,
    mouseRequests: true,
    eraseCharacters: !NO_ERASE_CHARACTERS.test(term),
    backgroundErase: !NO_BACKGROUND_ERASE.test(term),
    editing: !NO_EDITING.test(term),
    drawsAtOnce: true,
    sameWidths: false,
    joins: MULTIPLEXER.test(term) ? "next" : "left",
    emptyCell: " ",
    inPlace: false,
    keepsWraps: KEEPS_WRAPS.test(term)
  }
}
