/**
 * Reduces the memory of xterm's terminals, of which a process may have thousands: by 45 kB each.
 */
import type { Core } from "./Internals.ts"

/** Code points that xterm decodes at a time. */
const CODE_POINTS = 4096

/** Buffers that no terminal uses now: mostly one, for all terminals. */
const free: Array<Uint32Array> = []
const NONE = new Uint32Array(0)

/** Frees the terminal's own memory for decoded bytes. From now on, its bytes are parsed by `withBuffer`. */
export const install = ({ _inputHandler: handler }: Core): void => {
  handler._parseBuffer = NONE
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
 * Frees what the lists of handlers have allocated ahead: 17 places in each of 200 lists, most of which have one handler. To be
 * called when all handlers are registered. A handler cannot be disposed of afterwards.
 */
export const trimHandlers = ({ _inputHandler: { _parser: parser } }: Core): void => {
  const tables = [parser._escHandlers, parser._csiHandlers, parser._oscParser._handlers, parser._dcsParser._handlers]
  for (const table of tables) {
    for (const identifier of Object.keys(table)) table[identifier] = table[identifier]?.slice()
  }
}
