/**
 * A progress line on stderr, which is erased when the wait is over.
 *
 * ssh may prompt on the same terminal at any time. So the line is drawn below the cursor, and erased from the cursor on:
 * text before the cursor may be ssh's.
 */
import type { Environment } from "../../domain/environment/Locale.ts"
import * as Stage from "../../domain/bootstrap/Stage.ts"

export interface Progress {
  /** Replaces the progress line. */
  readonly stage: (stage: Stage.Stage) => void
  /** Prints a line of ssh or the server on stdout. */
  readonly show: (line: string) => void
  /** Erases the progress line; the wait is over. */
  readonly end: () => void
}

/** Without a progress line if stderr is no terminal, or one that cannot erase a line. */
export const make = (environment: Environment): Progress => {
  const able = process.stderr.isTTY && (environment["TERM"] ?? "dumb") !== "dumb"
  // ssh may have made the terminal raw: then a line feed does not return the carriage.
  const lineEnd = process.stdout.isTTY ? "\r\n" : "\n"
  let text = ""
  let drawn = false
  const draw = () => {
    const columns = process.stderr.columns || 80
    process.stderr.write(`${WIPE}${BELOW}${text.slice(0, columns - 1)}${BACK}`)
    drawn = true
  }
  const wipe = () => {
    if (drawn) process.stderr.write(WIPE)
    drawn = false
  }
  let timer: NodeJS.Timeout | undefined
  return {
    stage: (current) => {
      if (!able) return
      text = `mosh: ${Stage.words(current)}`
      if (drawn) draw()
      else timer ??= setTimeout(draw, PATIENCE_MS)
    },
    show: (line) => {
      const wasDrawn = drawn
      wipe()
      process.stdout.write(line + lineEnd)
      if (wasDrawn) draw()
    },
    end: () => {
      clearTimeout(timer)
      wipe()
    }
  }
}

/** A wait shorter than this, ms, shows no progress line. */
const PATIENCE_MS = 200

/**
 * Erases from the cursor on. With the cursor in the first cell, tmux and GNU screen would move what ED 0 erases into their history:
 * so the cursor's line is erased first, and ED 0 follows one column further right.
 */
const WIPE = "\u001b7\u001b[K\u001b[C\u001b[J\u001b8"
/** The line below, made by scrolling where there is none; the cursor's place is kept. */
const BELOW = "\u001bD\u001b[A\u001b7\u001b[B\r"
const BACK = "\u001b8"
