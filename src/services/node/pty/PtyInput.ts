/**
 * Bytes on their way into a pseudo-terminal.
 *
 * They are written straight to the non-blocking master, as many as the kernel takes at once; the rest is tried again a
 * little later, until a slow program has read everything. Not through the socket that reads the master: a failing write
 * would destroy that socket, and with it the program's last output.
 */
import * as Fs from "node:fs"
import * as ByteQueue from "../../server/ByteQueue.ts"

/** At most this many bytes are written in one turn of the event loop, so that a fast reader cannot hold it. */
const TURN_BYTES = 1 << 18
const FIRST_RETRY_MS = 1
const LAST_RETRY_MS = 32

export interface PtyInput {
  /** Takes a copy of what cannot be written at once. */
  readonly write: (bytes: Uint8Array) => void
  /** How many bytes the program has not taken yet. */
  readonly pending: () => number
  /** Forgets what is pending. To be called before the descriptor is closed. */
  readonly close: () => void
}

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

  /** How many bytes the kernel took now; 0 when it takes none. */
  const offer = (bytes: Uint8Array): number => {
    try {
      return Fs.writeSync(fd, bytes)
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : undefined
      if (code === "EINTR") return offer(bytes)
      // Any other error is the terminal's end: nobody will read this.
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
    pending: queue.length,
    close
  }
}
