/**
 * The internals of `@xterm/headless` that this emulator uses. The package has no public way to read a screen within
 * microseconds, nor to control how text is placed in cells.
 *
 * The release is pinned, and `open` checks that every member exists, so that another release fails immediately with a
 * clear message. xterm stores a cell as three 32-bit words of `_data`:
 *
 * | word | bits 0–25                                                        | bits 26–31                                      |
 * |------|------------------------------------------------------------------|-------------------------------------------------|
 * | 0    | code point (21), combined (1), width (2)                         |                                                 |
 * | 1    | foreground: value (24), kind (2): default, 16 or 256 colours, RGB | inverse, bold, underline, blink, invisible, struck |
 * | 2    | background, alike                                                | italic, dim, has extended, protected, overline  |
 */
import type { Terminal } from "@xterm/headless"

export const CELL_WORDS = 3
export const HAS_CONTENT = 0x3fffff
/** The state of a parser outside sequences. */
export const GROUND = 0
export const IS_COMBINED = 1 << 21
/** The first word of a blank cell: no character, one column wide. */
export const BLANK = 1 << 22
export const Kind = { default: 0, palette16: 1, palette256: 2, rgb: 3 } as const
/** The bits of a colour in the second and third word. */
export const COLOR = 0x3ffffff
export const Foreground = {
  inverse: 1 << 26,
  bold: 1 << 27,
  underline: 1 << 28,
  blink: 1 << 29,
  invisible: 1 << 30,
  strikethrough: 1 << 31
} as const
export const Background = {
  italic: 1 << 26,
  dim: 1 << 27,
  hasExtended: 1 << 28,
  protected: 1 << 29,
  overline: 1 << 30
} as const

/** The underline and hyperlink of a cell. Immutable once a cell refers to it. */
export interface ExtendedAttributes {
  /** Underline color (bits 0–25) and style (bits 26–28). */
  _ext: number
  urlId: number
  clone(): ExtendedAttributes
}

export interface Attributes {
  fg: number
  bg: number
  extended: ExtendedAttributes
  updateExtended(): void
}

export interface BufferLine {
  _data: Uint32Array
  _combined: { [column: number]: string }
  _extendedAttrs: { [column: number]: ExtendedAttributes | undefined }
  isWrapped: boolean
  length: number
  resize(columns: number, fill: unknown): boolean
  clone(): BufferLine
  copyFrom(line: BufferLine): void
  getString(column: number): string
  setCellFromCodepoint(column: number, codePoint: number, width: number, attributes: Attributes): void
  addCodepointToCell(column: number, codePoint: number, width: number): void
}

export interface Buffer {
  readonly lines: {
    readonly length: number
    maxLength: number
    get(index: number): BufferLine | undefined
    set(index: number, line: BufferLine): void
  }
  readonly ybase: number
  x: number
  y: number
  scrollTop: number
  scrollBottom: number
  readonly savedCurAttrData: Attributes
  getNullCell(): unknown
  readonly tabs: { readonly [column: number]: boolean | undefined }
  nextStop(column?: number): number
  prevStop(column?: number): number
}

export interface Params {
  readonly length: number
  readonly params: Int32Array
  hasSubParams(index: number): boolean
  /** The parameters joined to this one by colons; -1 for an empty one. */
  getSubParams(index: number): Int32Array | null
}

/** Receives a string sequence's payload in pieces. `success` is false if the string was not terminated properly. */
export interface OscHandler {
  start(): void
  put(data: Uint32Array, start: number, end: number): void
  end(success: boolean): boolean
}

export interface DcsHandler {
  hook(params: Params): void
  put(data: Uint32Array, start: number, end: number): void
  unhook(success: boolean): boolean
}

/** The handlers of each kind of sequence, by its identifier. */
export type Handlers = Record<string, Array<unknown> | undefined>

export interface Parser {
  _escHandlers: Handlers
  _csiHandlers: Handlers
  /** Called for an escape sequence that has no handler: its intermediate character, 0 for none, and its final one, as two bytes. */
  _escHandlerFb: (identifier: number) => void
  readonly _oscParser: { readonly _handlers: Handlers }
  readonly _dcsParser: { readonly _handlers: Handlers }
  readonly currentState: number
  /** Properties of the last printed character; 0 after anything else. REP repeats it. */
  precedingJoinState: number
  reset(): void
  /** `handler` returns whether it has handled the sequence; otherwise the handler that was registered before it is called. */
  registerCsiHandler(
    identifier: { readonly prefix?: string; readonly intermediates?: string; readonly final: string },
    handler: Sequence
  ): unknown
  registerEscHandler(identifier: { readonly final: string }, handler: () => boolean): unknown
  clearOscHandler(identifier: number): void
  registerOscHandler(identifier: number, handler: OscHandler): unknown
  clearDcsHandler(identifier: { readonly intermediates: string; readonly final: string }): void
  registerDcsHandler(
    identifier: { readonly intermediates: string; readonly final: string },
    handler: DcsHandler
  ): unknown
}

type Sequence = (params: Params) => boolean

/** xterm's interpreter. xterm calls its methods through the object, so assigning a method replaces it. */
export interface InputHandler {
  _activeBuffer: Buffer
  _curAttrData: Attributes
  _utf8Decoder: { decode(input: Uint8Array, target: Uint32Array): number; clear(): void }
  readonly _parser: Parser
  /** The code points of the bytes that `parse` interprets. */
  _parseBuffer: Uint32Array
  /** `charset`: the table of the active character set; `undefined` for ASCII. */
  readonly _charsetService: { readonly charset: object | undefined }
  /** `start` to `end`: the rows that may have changed since `parse` began. */
  readonly _dirtyRowTracker: { readonly start: number; readonly end: number; markDirty(row: number): void }
  /** Rows that may have changed since the last `parse`; `undefined` means all. */
  onRequestRefreshRows(listener: (rows: { readonly start: number; readonly end: number } | undefined) => void): unknown
  parse(bytes: Uint8Array): void
  print: (codePoints: Uint32Array, start: number, end: number) => void
  setModePrivate: Sequence
  resetModePrivate: Sequence
  setCursorStyle: Sequence
  softReset: Sequence
  fullReset: () => boolean
  setMode: Sequence
  resetMode: Sequence
  index: () => boolean
  reverseIndex: () => boolean
  nextLine: () => boolean
  carriageReturn: () => boolean
  backspace: () => boolean
  tab: () => boolean
  cursorUp: Sequence
  cursorDown: Sequence
  cursorForward: Sequence
  cursorBackward: Sequence
  cursorNextLine: Sequence
  cursorPrecedingLine: Sequence
  cursorCharAbsolute: Sequence
  charPosAbsolute: Sequence
  cursorPosition: Sequence
  linePosAbsolute: Sequence
  hPositionRelative: Sequence
  insertChars: Sequence
  deleteChars: Sequence
  insertColumns: Sequence
  deleteColumns: Sequence
  scrollLeft: Sequence
  scrollRight: Sequence
  setScrollRegion: Sequence
  selectProtected: Sequence
  eraseChars: Sequence
  eraseInLine: (params: Params, respectProtect?: boolean) => boolean
  screenAlignmentPattern: () => boolean
  /** Keeps the cursor within the screen or, with origin mode, within the margins. */
  _restrictCursor: (lastColumn?: number) => void
  /** Places the cursor, counted from the margins with origin mode. */
  _setCursor: (column: number, row: number) => void
  /** Moves the cursor. */
  _moveCursor: (columns: number, rows: number) => void
  /** The rendition of erased cells: the current background. Valid until the next call. */
  _eraseAttrData: () => Attributes
  lineFeed: () => boolean
  saveCursor: () => boolean
  restoreCursor: () => boolean
  charAttributes: Sequence
  eraseInDisplay: (params: Params, respectProtect?: boolean) => boolean
  repeatPrecedingCharacter: Sequence
  scrollUp: Sequence
  scrollDown: Sequence
  insertLines: Sequence
  deleteLines: Sequence
  cursorForwardTab: Sequence
  cursorBackwardTab: Sequence
  sendDeviceAttributesPrimary: Sequence
  sendDeviceAttributesSecondary: Sequence
  deviceStatus: Sequence
  deviceStatusPrivate: Sequence
  windowOptions: Sequence
  requestStatusString: (request: string, params: Params) => boolean
  /** DECRQM, of an ANSI or else of a private mode. */
  requestMode: (params: Params, ansi: boolean) => boolean
  /** `designation`: which of the four sets, and the character set, as in the escape sequence. */
  selectCharset: (designation: string) => boolean
}

/** What is to be released with its owner. */
export interface Store {
  readonly add: <Part>(part: Part) => Part
  readonly dispose: () => void
}

/** A part of a terminal that owns others. */
export interface Disposable {
  _store: Store
}

export interface Core extends Disposable {
  readonly rows: number
  readonly cols: number
  readonly _bufferService: {
    /** Scrolls the region of the active buffer by one line. `isWrapped`: the new line continues the one above. */
    scroll: (attributes: unknown, isWrapped?: boolean) => void
  }
  readonly _inputHandler: InputHandler
  readonly buffers: { readonly normal: Buffer; readonly alt: Buffer }
  /** The options, and an object that sets them through functions. */
  readonly optionsService: { options: object; readonly rawOptions: { readonly convertEol: boolean } }
  readonly coreService: {
    isCursorHidden: boolean
    readonly modes: { insertMode: boolean }
    readonly decPrivateModes: {
      origin: boolean
      readonly reverseWraparound: boolean
      readonly applicationCursorKeys: boolean
      readonly applicationKeypad: boolean
      readonly wraparound: boolean
    }
    triggerDataEvent(data: string): void
  }
}

const HANDLER_METHODS: ReadonlyArray<keyof InputHandler> = [
  "onRequestRefreshRows",
  "parse",
  "print",
  "setModePrivate",
  "resetModePrivate",
  "setCursorStyle",
  "softReset",
  "fullReset",
  "setMode",
  "resetMode",
  "index",
  "reverseIndex",
  "nextLine",
  "carriageReturn",
  "backspace",
  "tab",
  "cursorUp",
  "cursorDown",
  "cursorForward",
  "cursorBackward",
  "cursorNextLine",
  "cursorPrecedingLine",
  "cursorCharAbsolute",
  "charPosAbsolute",
  "cursorPosition",
  "linePosAbsolute",
  "hPositionRelative",
  "insertChars",
  "deleteChars",
  "insertColumns",
  "deleteColumns",
  "scrollLeft",
  "scrollRight",
  "setScrollRegion",
  "selectProtected",
  "eraseChars",
  "eraseInLine",
  "screenAlignmentPattern",
  "_restrictCursor",
  "_setCursor",
  "_moveCursor",
  "_eraseAttrData",
  "lineFeed",
  "saveCursor",
  "restoreCursor",
  "charAttributes",
  "eraseInDisplay",
  "repeatPrecedingCharacter",
  "scrollUp",
  "scrollDown",
  "insertLines",
  "deleteLines",
  "cursorForwardTab",
  "cursorBackwardTab",
  "sendDeviceAttributesPrimary",
  "sendDeviceAttributesSecondary",
  "deviceStatus",
  "deviceStatusPrivate",
  "windowOptions",
  "requestStatusString",
  "requestMode",
  "selectCharset"
]

const isCore = (core: Core | undefined): core is Core => {
  const handler = core?._inputHandler
  const line = handler?._activeBuffer?.lines?.get(0)
  return (
    handler !== undefined &&
    HANDLER_METHODS.every((name) => typeof handler[name] === "function") &&
    typeof core?._bufferService?.scroll === "function" &&
    typeof core._store?.add === "function" &&
    typeof handler._utf8Decoder?.decode === "function" &&
    typeof handler._dirtyRowTracker?.markDirty === "function" &&
    typeof handler._dirtyRowTracker.start === "number" &&
    typeof handler._dirtyRowTracker.end === "number" &&
    handler._parseBuffer instanceof Uint32Array &&
    typeof handler._parser?.registerDcsHandler === "function" &&
    typeof handler._parser.registerCsiHandler === "function" &&
    typeof handler._parser._escHandlers === "object" &&
    typeof handler._parser._escHandlerFb === "function" &&
    typeof handler._parser._csiHandlers === "object" &&
    typeof handler._parser._oscParser?._handlers === "object" &&
    typeof handler._parser._dcsParser?._handlers === "object" &&
    typeof handler._parser.precedingJoinState === "number" &&
    handler._parser.currentState === GROUND &&
    typeof handler._charsetService === "object" &&
    handler._charsetService.charset === undefined &&
    typeof handler._curAttrData?.extended?._ext === "number" &&
    typeof core?.optionsService?.options === "object" &&
    typeof core.optionsService.rawOptions?.convertEol === "boolean" &&
    typeof core?.coreService?.isCursorHidden === "boolean" &&
    typeof core.coreService.modes?.insertMode === "boolean" &&
    typeof core.coreService.decPrivateModes?.applicationCursorKeys === "boolean" &&
    typeof core.coreService.decPrivateModes.applicationKeypad === "boolean" &&
    typeof core.coreService.decPrivateModes.wraparound === "boolean" &&
    typeof core.buffers?.normal?.getNullCell === "function" &&
    typeof core.buffers.normal.lines?.set === "function" &&
    line?._data instanceof Uint32Array &&
    line._data.length === CELL_WORDS * core.cols &&
    typeof line._combined === "object" &&
    typeof line._extendedAttrs === "object" &&
    typeof line.clone === "function" &&
    typeof line.copyFrom === "function" &&
    typeof line.setCellFromCodepoint === "function"
  )
}

/** The internals of a terminal. Throws if this is not the release of xterm that they were written for. */
export const open = (terminal: Terminal): Core => {
  const { _core: core } = terminal as unknown as { readonly _core?: Core }
  if (!isCore(core)) throw new Error("@xterm/headless is not the release (6.0.0) that effect-mosh was made for")
  return core
}
