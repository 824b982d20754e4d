/**
 * Standard output without waiting: what the reader does not take at once is held back and tried again.
 *
 * `process.stdout` waits in the kernel for a slow terminal, and the whole session waits with it. So output goes to a
 * file description of its own, which does not wait, wherever the system lets a terminal or pipe be opened again; setting
 * the shared one not to wait would change it for every program on this terminal. Where it cannot be (a socket, or no
 * /proc), writes may wait.
 */
import * as Fs from "node:fs"

export interface TerminalOutput {
  readonly write: (text: string) => void
  readonly busy: () => boolean
  /** Writes what is held back and `text`, waiting up to `PATIENCE` for the reader: for when there is no later. */
  readonly finish: (text: string) => void
  readonly close: () => void
}

const STDOUT = 1
/** ms between two tries; they double. */
const FIRST_RETRY = 1
const LAST_RETRY = 16
/** ms that `finish` waits for a reader that takes nothing. */
const PATIENCE = 500

export const make = (onDrain: () => void, onGone: () => void): TerminalOutput => {
  const fd = reopen()
  let held: Buffer | undefined
  let timer: NodeJS.Timeout | undefined
  let gone = false

  /** Writes what can be written now; what is left otherwise. */
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
      // Told later, as from a callback: the caller is in the middle of something.
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

/** Standard output, opened once more if that is possible and of use: a file never makes its writer wait. */
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
