/**
 * Reduces the memory of xterm's terminals, of which a process may have thousands: by 110 kB each.
 */
import type { Terminal } from "@xterm/headless"
import type { Core, Disposable, Handlers, Store } from "./Internals.ts"

/** Code points that xterm decodes at a time. */
const CODE_POINTS = 4096

/** Buffers that no terminal uses now: mostly one, for all terminals. */
const free: Array<Uint32Array> = []
const NONE = new Uint32Array(0)

/**
 * Frees the terminal's own memory for decoded bytes: from now on, its bytes are parsed by `withBuffer`. It also frees the two
 * functions for each option, twice, by which xterm validates options and reports changes. No option is set but by
 * sequences, with valid values, and nothing in this build listens for those.
 */
export const install = (terminal: Terminal, core: Core): void => {
  core._inputHandler._parseBuffer = NONE
  core.optionsService.options = core.optionsService.rawOptions
  Object.assign(terminal, { _publicOptions: core.optionsService.rawOptions })
}

/** Lends a terminal memory for decoded bytes while `parse` runs. Meanwhile another terminal may parse: a reply wakes programs. */
export const withBuffer = ({ _inputHandler: handler }: Core, parse: () => void): void => {
  const before = handler._parseBuffer
  const buffer = free.pop() ?? new Uint32Array(CODE_POINTS)
  handler._parseBuffer = buffer
  try {
    parse()
  } finally {
    handler._parseBuffer = before
    free.push(buffer)
  }
}

/**
 * Frees the functions, five for each of forty parts, by which xterm takes a terminal apart. It is released as a whole, with its
 * session. To be called when the terminal is complete.
 */
export const forgetParts = (terminal: Terminal, core: Core): void => {
  const { alt, normal } = core.buffers
  const parts = [
    terminal,
    ...Object.values(terminal),
    ...Object.values(core),
    ...Object.values(core._inputHandler),
    normal.lines,
    alt.lines
  ]
  for (const part of parts) if (isDisposable(part)) part._store = NO_STORE
}

const NO_STORE: Store = { add: (part) => part, dispose: () => undefined }

const isDisposable = (part: unknown): part is Disposable =>
  typeof part === "object" && part !== null && "_store" in part

/**
 * Frees what the tables of handlers hold without need: 17 places in each of 200 lists, most of which have one handler, and 126
 * functions that select a character set. To be called when all handlers are registered. A handler cannot be disposed of
 * afterwards.
 */
export const trimHandlers = ({ _inputHandler: handler }: Core): void => {
  const parser = handler._parser
  const charsets = (charsetSelections ??= charsetSelectionsIn(parser._escHandlers))
  parser._escHandlers = trimmed(parser._escHandlers, charsets)
  parser._csiHandlers = trimmed(parser._csiHandlers)
  for (const { _handlers: table } of [parser._oscParser, parser._dcsParser]) {
    for (const identifier of Object.keys(table)) table[identifier] = table[identifier]?.slice()
  }
  parser._escHandlerFb = (identifier) => {
    if (charsets.has(identifier)) handler.selectCharset(String.fromCharCode(identifier >> 8, identifier & 0xff))
  }
}

/** The identifiers of the escape sequences that select a character set, the same in all terminals. */
let charsetSelections: ReadonlySet<number> | undefined

/** An identifier has the intermediate character in its second byte, and the final one in its first. */
const charsetSelectionsIn = (table: Handlers): ReadonlySet<number> =>
  new Set(
    Object.keys(table)
      .map(Number)
      .filter((identifier) => identifier > 0xff && "()*+-./".includes(String.fromCharCode(identifier >> 8)))
  )

/** A copy without spare places, and without some of the handlers. */
const trimmed = (table: Handlers, without: ReadonlySet<number> = new Set()): Handlers => {
  const copy: Handlers = Object.setPrototypeOf({}, null)
  for (const identifier of Object.keys(table))
    if (!without.has(Number(identifier))) copy[identifier] = table[identifier]?.slice()
  return copy
}
