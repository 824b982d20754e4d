/**
 * Writes bytes to a pseudo-terminal's input without blocking.
 *
 * Bytes are written directly to the non-blocking master, as many as the kernel accepts. The rest is retried at
 * increasing intervals until the program has read everything. The socket that reads the master is not used for writing:
 * a failed write would destroy the socket, and lose the program's last output.
 */
import * as Fs from "node:fs"
import * as ByteQueue from "../../server/ByteQueue.ts"

/** Maximum number of bytes written per turn of the event loop, so that a fast reader cannot block it. */
const TURN_BYTES = 1 << 18
const FIRST_RETRY_MS = 1
const LAST_RETRY_MS = 32

/** The input of one pty. Its functions are synchronous and never throw. */
export interface PtyInput {
  /** Writes bytes; a copy of those that the kernel does not accept is queued. */
  readonly write: (bytes: Uint8Array) => void
  /** Number of bytes that have not been written yet. */
  readonly pending: () => number
  /** Drops queued bytes. Must be called before the descriptor is closed. */
  readonly close: () => void
}

/** Creates the input of the pty whose master is `fd`. */
export const make = (fd: number): PtyInput => {
  const queue = ByteQueue.make()
  let closed = false
  let timer: NodeJS.Timeout | undefined
  let retry = FIRST_RETRY_MS

  const close = () => {
    closed = true
    queue.clear()
    clearTimeout(timer)
  }

  /** Writes bytes once; returns how many the kernel accepted, possibly 0. */
  const offer = (bytes: Uint8Array): number => {
    try {
      return Fs.writeSync(fd, bytes)
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : undefined
      if (code === "EINTR") return offer(bytes)
      // Any other error means that the terminal has ended, so its input is useless.
      if (code !== "EAGAIN") close()
      return 0
    }
  }

  const later = (milliseconds: number) => {
    clearTimeout(timer)
    timer = setTimeout(drain, milliseconds)
  }

  const drain = () => {
    let written = 0
    while (queue.length() > 0 && written < TURN_BYTES) {
      const taken = offer(queue.head())
      if (taken === 0) break
      written += taken
      queue.drop(taken)
    }
    if (queue.length() === 0) return
    retry = written > 0 ? FIRST_RETRY_MS : Math.min(2 * retry, LAST_RETRY_MS)
    later(retry)
  }

  return {
    write: (bytes) => {
      if (closed || bytes.length === 0) return
      const wasEmpty = queue.length() === 0
      const taken = wasEmpty ? offer(bytes) : 0
      if (closed || taken === bytes.length) return
      queue.push(bytes.subarray(taken))
      if (wasEmpty) {
        retry = FIRST_RETRY_MS
        later(retry)
      }
    },
    pending: () => queue.length(),
    close
  }
}
