/**
 * A line on stderr that tells a person who waits what for. It is gone when the wait is over.
 *
 * ssh may ask something meanwhile, on the same terminal and without our knowing. So the line stands below the cursor, and
 * it is wiped from the cursor on: what is before it may be ssh's.
 */
import type { Environment } from "../../domain/environment/Locale.ts"
import * as Stage from "../../domain/bootstrap/Stage.ts"

export interface Progress {
  /** Replaces what was told before. */
  readonly tell: (stage: Stage.Stage) => void
  /** Prints a line of somebody else's on stdout. */
  readonly show: (line: string) => void
  /** There is nothing to wait for any more. */
  readonly end: () => void
}

/** Silent, but for what it shows, where stderr is no terminal, or one that cannot wipe a line. */
export const make = (environment: Environment): Progress => {
  const able = process.stderr.isTTY && (environment["TERM"] ?? "dumb") !== "dumb"
  // ssh may have made the terminal raw, and then a line feed alone is only that.
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
    tell: (stage) => {
      if (!able) return
      text = `mosh: ${Stage.words(stage)}`
      if (drawn) draw()
      else timer ??= setTimeout(draw, PATIENCE_MS)
    },
    show: (line) => {
      const told = drawn
      wipe()
      process.stdout.write(line + lineEnd)
      if (told) draw()
    },
    end: () => {
      clearTimeout(timer)
      wipe()
    }
  }
}

/** What is over sooner than this needs no words. */
const PATIENCE_MS = 200

const WIPE = "\u001b[J"
/** The line below, made by scrolling where there is none; the cursor's place is kept. */
const BELOW = "\u001bD\u001b[A\u001b7\u001b[B\r"
const BACK = "\u001b8"
