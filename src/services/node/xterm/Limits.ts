/**
 * Bounds the time and memory that hostile output can cost, and corrects defects of xterm.
 */
import type { Core, DcsHandler, OscHandler, Params } from "./Internals.ts"

const printable = (codePoint: number): string =>
  codePoint < 0x20 || (codePoint >= 0x7f && codePoint < 0xa0) ? "" : String.fromCodePoint(codePoint)

/** How to handle control strings. */
interface BoundedOptions {
  /** Passed on with each string, so that handlers share a function. Default: 0. */
  readonly identifier?: number
  /** If it does not claim its strings, xterm also calls the handler that was registered before. Default: it claims them. */
  readonly claims?: boolean
}

/** The string that is handled. */
interface Received {
  readonly identifier: number
  /** How it ended: BEL, or else ST. A reply ends as the query did: scripts read up to the terminator that they sent. */
  readonly terminator: string
}

type OnString = (text: string, received: Received) => void

const BEL = 0x07
const ST = "\x1b\\"

/**
 * A handler for control strings of at most `limit` code points. Longer strings are ignored; control characters in a
 * string are removed.
 */
export const bounded = (
  limit: number,
  onEnd: OnString,
  { claims = true, identifier = 0 }: BoundedOptions = {}
): OscHandler => new BoundedString(limit, onEnd, identifier, claims)

/** A class, because each terminal has thirty of them, and these share their functions. */
class BoundedString implements OscHandler, Received {
  readonly identifier: number
  terminator = ST
  private text = ""
  private length = 0
  private readonly limit: number
  private readonly onEnd: OnString
  private readonly claims: boolean

  constructor(limit: number, onEnd: OnString, identifier: number, claims: boolean) {
    this.limit = limit
    this.onEnd = onEnd
    this.identifier = identifier
    this.claims = claims
  }

  start(): void {
    this.text = ""
    this.length = 0
  }

  put(data: Uint32Array, start: number, end: number): void {
    this.length += end - start
    // xterm does not pass the terminator on. It follows the text, unless the output was cut there.
    this.terminator = data[end] === BEL ? "\x07" : ST
    if (this.length > this.limit) this.text = ""
    else for (let i = start; i < end; i++) this.text += printable(data[i] as number)
  }

  end(success: boolean): boolean {
    if (success && this.length <= this.limit) this.onEnd(this.text, this)
    this.text = ""
    return this.claims
  }
}

/** OSC sequences whose handlers in xterm are replaced: the palette and special colours. */
const REPLACED_OSC = [4, 10, 11, 12, 104, 110, 111, 112]

/** Maximum length of the name of a setting in DECRQSS, characters. */
const MAX_STATUS_REQUEST = 8

const REQUEST_STATUS = { intermediates: "$", final: "q" }

export const install = (core: Core): void => {
  const handler = core._inputHandler
  for (const identifier of REPLACED_OSC) handler._parser.clearOscHandler(identifier)

  let params: Params | undefined
  const request = bounded(MAX_STATUS_REQUEST, (text) => {
    if (params !== undefined) handler.requestStatusString(text, params)
  })
  const status: DcsHandler = {
    hook: (hooked) => {
      params = hooked
      request.start()
    },
    put: (data, start, end) => request.put(data, start, end),
    unhook: (success) => request.end(success)
  }
  handler._parser.clearDcsHandler(REQUEST_STATUS)
  handler._parser.registerDcsHandler(REQUEST_STATUS, status)

  // xterm repeats these as often as requested, up to 2^31 times, although the screen is empty or the cursor at its edge
  // long before.
  const rows = () => core.rows
  const columns = () => core.cols
  const atMost = (limit: () => number, sequence: (params: Params) => boolean) => (params: Params) => {
    if ((params.params[0] ?? 0) > limit()) params.params[0] = limit()
    return sequence(params)
  }
  handler.scrollUp = atMost(rows, handler.scrollUp.bind(handler))
  handler.insertLines = atMost(rows, handler.insertLines.bind(handler))
  handler.deleteLines = atMost(rows, handler.deleteLines.bind(handler))
  handler.cursorForwardTab = atMost(columns, handler.cursorForwardTab.bind(handler))
  handler.cursorBackwardTab = atMost(columns, handler.cursorBackwardTab.bind(handler))
  handler.repeatPrecedingCharacter = atMost(() => core.cols * core.rows, handler.repeatPrecedingCharacter.bind(handler))

  // Lines scrolled in from above have the current background, as inserted lines do; xterm omits it.
  handler.scrollDown = (params) => {
    const buffer = handler._activeBuffer
    const { x, y } = buffer
    buffer.y = buffer.scrollTop
    handler.insertLines(params)
    buffer.x = x
    buffer.y = y
    return true
  }

  // Erasing up to the screen's last cell makes xterm access a line below the screen, and throw.
  const eraseInDisplay = handler.eraseInDisplay.bind(handler)
  handler.eraseInDisplay = (params, respectProtect) => {
    const { x, y } = handler._activeBuffer
    if (params.params[0] === 1 && y >= core.rows - 1 && x >= core.cols - 1 && respectProtect !== true) {
      params.params[0] = 2
    }
    return eraseInDisplay(params, respectProtect)
  }

  // xterm's DECSC omits the underline's style and colour, so DECRC would restore others.
  const saveCursor = handler.saveCursor.bind(handler)
  handler.saveCursor = () => {
    handler._activeBuffer.savedCurAttrData.extended = handler._curAttrData.extended
    return saveCursor()
  }
  const restoreCursor = handler.restoreCursor.bind(handler)
  handler.restoreCursor = () => {
    const { urlId } = handler._curAttrData.extended
    const extended = handler._activeBuffer.savedCurAttrData.extended.clone()
    extended.urlId = urlId
    handler._curAttrData.extended = extended
    restoreCursor()
    handler._curAttrData.updateExtended()
    return true
  }
}
