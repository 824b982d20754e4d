/**
 * Passes input to a session's program: what clients type, and the replies of the session's terminal.
 *
 * Input is kept until the program starts. If the program does not read, input is kept up to a limit; replies, which the program
 * can request without end, up to a lower one. What exceeds it is dropped.
 */
import type { Running } from "./Application.ts"
import * as ByteQueue from "./ByteQueue.ts"

/** Maximum number of queued bytes of typed input. */
export const MAX_PENDING_INPUT = 16 * 1_048_576

/** Queued input, in bytes, above which the terminal's replies to the program are dropped. */
const MAX_PENDING_FOR_REPLIES = 65_536

/** Called synchronously. Neither may throw. */
export interface ProgramInputEvents {
  /** Input is about to be passed on; the program has not answered it. */
  readonly onTyped: (bytes: Uint8Array) => void
  /** Input was dropped, for the first time since input was last accepted. */
  readonly onOverflow: () => void
}

export interface ProgramInput {
  /** Types bytes that are not empty. */
  readonly type: (bytes: Uint8Array) => void
  /** Types a reply that output requested. */
  readonly reply: (bytes: Uint8Array) => void
  /**
   * Interprets output by `print`. The replies that it requests are typed after it: the program may print while it receives one.
   */
  readonly printing: (print: () => void) => void
  /** The program runs: passes on what is queued, and from now on what is typed. */
  readonly start: (program: Pick<Running, "pending" | "write">) => void
  /** The program has ended: drops what is queued and what is typed. */
  readonly end: () => void
}

export const make = ({ onOverflow, onTyped }: ProgramInputEvents): ProgramInput => {
  /** Input from before the program runs. */
  const waiting = ByteQueue.make()
  /** Replies to the output that is being interpreted. */
  const replies = ByteQueue.make()
  let isPrinting = false
  let program: Pick<Running, "pending" | "write"> | undefined
  let isOver = false
  let isOverflowing = false

  const pending = (): number => program?.pending() ?? waiting.length()

  const type = (bytes: Uint8Array): void => {
    if (isOver || bytes.length === 0) return
    if (pending() + bytes.length > MAX_PENDING_INPUT) {
      if (!isOverflowing) onOverflow()
      isOverflowing = true
      return
    }
    isOverflowing = false
    onTyped(bytes)
    if (program === undefined) waiting.push(bytes)
    else program.write(bytes)
  }

  return {
    type,
    reply: (bytes) => {
      if (pending() + replies.length() >= MAX_PENDING_FOR_REPLIES) return
      if (isPrinting) replies.push(bytes)
      else type(bytes)
    },
    printing: (print) => {
      isPrinting = true
      print()
      isPrinting = false
      while (replies.length() > 0) {
        // Removed first, because the program may print, and request more, while it receives them.
        const bytes = replies.head().slice()
        replies.drop(bytes.length)
        type(bytes)
      }
    },
    start: (started) => {
      program = started
      while (waiting.length() > 0) {
        const bytes = waiting.head()
        started.write(bytes)
        waiting.drop(bytes.length)
      }
    },
    end: () => {
      isOver = true
      waiting.clear()
    }
  }
}
