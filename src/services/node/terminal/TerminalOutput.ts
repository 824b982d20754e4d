/**
 * Writes to standard output without blocking: what the reader does not accept at once is buffered and retried.
 *
 * Writes to `process.stdout` block in the kernel while a terminal is slow, and block the whole session with them. So
 * output goes to a separate, non-blocking file description wherever the system can open the terminal or pipe again.
 * Making the shared description non-blocking would affect every program on this terminal. If it cannot be opened again
 * (a socket, or no /proc), writes may block. Decision 0006 gives the reasons.
 */
import * as Fs from "node:fs"

/** Standard output. Its functions are synchronous and never throw. */
export interface TerminalOutput {
  /** Writes text, or appends it to the buffer. */
  readonly write: (text: string) => void
  /** Whether text is buffered. */
  readonly busy: () => boolean
  /**
   * Writes the buffer and `text`, waiting up to `PATIENCE` for the reader: for when the process is about to exit or
   * stop.
   */
  readonly finish: (text: string) => void
  /** Stops retrying, and closes the separate description. */
  readonly close: () => void
}

const STDOUT = 1
/** The interval between two attempts, ms; it doubles from the first value to the last. */
const FIRST_RETRY = 1
const LAST_RETRY = 16
/** How long `finish` waits for a reader that accepts nothing, ms. */
const PATIENCE = 500

/** Opens standard output. `onDrain` is called when the buffer is empty again, `onGone` when the reader has gone. */
export const make = (onDrain: () => void, onGone: () => void): TerminalOutput => {
  const fd = reopen()
  let held: Buffer | undefined
  let timer: NodeJS.Timeout | undefined
  let gone = false

  /** Writes what the reader accepts now, and returns the rest; `undefined` if there is none. */
  const push = (bytes: Buffer): Buffer | undefined => {
    let left = bytes
    while (left.length > 0) {
      try {
        left = left.subarray(Fs.writeSync(fd, left))
      } catch (error) {
        if (codeOf(error) === "EINTR") continue
        if (codeOf(error) === "EAGAIN") return left
        gone = true
        return undefined
      }
    }
    return undefined
  }

  const retry = (delay: number): void => {
    timer = setTimeout(() => {
      timer = undefined
      if (held === undefined) return
      const before = held.length
      held = push(held)
      if (gone) onGone()
      else if (held === undefined) onDrain()
      else retry(held.length < before ? FIRST_RETRY : Math.min(delay * 2, LAST_RETRY))
    }, delay)
  }

  return {
    write: (text) => {
      if (gone || text === "") return
      const bytes = Buffer.from(text)
      if (held !== undefined) {
        held = Buffer.concat([held, bytes])
        return
      }
      held = push(bytes)
      // Reported on a later tick, as from a callback: the caller is not prepared for it here.
      if (gone) setImmediate(onGone)
      else if (held !== undefined) retry(FIRST_RETRY)
    },
    busy: () => held !== undefined,
    finish: (text) => {
      clearTimeout(timer)
      if (gone) return
      let left: Buffer | undefined = Buffer.concat([held ?? Buffer.alloc(0), Buffer.from(text)])
      held = undefined
      let waited = 0
      while (waited < PATIENCE) {
        const before: number = left.length
        left = push(left)
        if (left === undefined) return
        waited = left.length < before ? 0 : waited + LAST_RETRY
        sleep(LAST_RETRY)
      }
    },
    close: () => {
      clearTimeout(timer)
      if (fd !== STDOUT) Fs.closeSync(fd)
    }
  }
}

/** Standard output, opened again if that is possible and useful: writing to a file never blocks. */
const reopen = (): number => {
  try {
    const stat = Fs.fstatSync(STDOUT)
    if (!stat.isCharacterDevice() && !stat.isFIFO()) return STDOUT
    const { O_NOCTTY, O_NONBLOCK, O_WRONLY } = Fs.constants
    return Fs.openSync("/proc/self/fd/1", O_WRONLY | O_NONBLOCK | O_NOCTTY)
  } catch {
    return STDOUT
  }
}

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined

const sleep = (millis: number): void => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, millis)
}
