/**
 * The session that the doctor opens: the program in it, and how its screen is read.
 *
 * Every key typed is echoed by the terminal there, one cell each. A carriage return then brings a screen full of noise,
 * and some lines of noise typed bring a last word: each takes datagrams of the full size, in its direction.
 */
import type * as Frame from "../terminal/Frame.ts"
import * as Row from "../terminal/Row.ts"

export const SIZE: Frame.Size = { columns: 100, rows: 50 }

/** How long the program runs at most, s. */
const LIFE = 60

/** Bytes of noise there, printed as two digits each: it does not compress to less, and is twice what a datagram holds. */
const NOISE_THERE = 2400
/** Rows of it that a machine without `od` does not show. */
const FULL_ROWS = 40
const LINES = 5
/** Lines that the program reads before it ends. */
const READS = LINES + 2
/** Lines of a terminal may have no more than 1024 characters on some systems. */
const LINE_LENGTH = 500

const READY = "mosh-doctor-ready"
const SCREEN = "mosh-doctor-screen"
const TYPED = "mosh-doctor-typed"

/** The program: POSIX sh on one line, without backslashes, for shells of all kinds hand it over. */
export const command: ReadonlyArray<string> = [
  "sh",
  "-c",
  [
    `{ sleep ${LIFE}; kill -9 $$; } </dev/null >/dev/null 2>&1 & n=$(od -An -v -tx1 -N ${NOISE_THERE} /dev/urandom | tr -dc 0-9a-f)`,
    `echo ${READY}`,
    "read x",
    "stty -echo",
    'echo "$n"',
    `echo ${SCREEN}`,
    ...Array.from({ length: LINES }, () => "read x"),
    `echo ${TYPED}`,
    "read x"
  ].join("; ")
]

/** What is seen of the program. */
export interface Seen {
  readonly ready: boolean
  /** How many keys have been echoed. */
  readonly echoed: number
  /** Whether the screen of that side is here, and whether it is full of noise. */
  readonly screen: boolean
  readonly noisy: boolean
  /** Whether our noise was read there. */
  readonly typed: boolean
}

export const NOTHING: Seen = { ready: false, echoed: 0, screen: false, noisy: false, typed: false }

export const read = (frame: Frame.Frame): Seen => {
  const lines = frame.rows.map(rowText)
  const ready = lines.indexOf(READY)
  return {
    ready: ready >= 0,
    echoed: ready < 0 ? 0 : (/^x*/.exec(lines[ready + 1] ?? "")?.[0].length ?? 0),
    screen: lines.includes(SCREEN),
    noisy: lines.filter((line) => line.length === SIZE.columns && /^[0-9a-f]+$/.test(line)).length >= FULL_ROWS,
    typed: lines.includes(TYPED)
  }
}

/** The key that is typed to see its echo, the one that asks for the noise, and the noise of this side. */
export const KEY = bytes("x")
export const RETURN = bytes("\r")

/** Ends the program, wherever it is. */
export const END = bytes("\r".repeat(READS))

export const noise = (): Uint8Array => {
  let state = 1
  let text = ""
  for (let line = 0; line < LINES; line++) {
    for (let column = 0; column < LINE_LENGTH; column++) {
      // The high bits of a linear congruence (Knuth's MMIX would need 64; these are Numerical Recipes' constants).
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      text += ALPHABET[state >>> 26]
    }
    text += "\r"
  }
  return bytes(text)
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

function bytes(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0))
}

const rowText = (row: Row.Row): string => {
  let text = ""
  for (let column = 0; column < SIZE.columns; column++) text += Row.text(row, column) || " "
  return text.trimEnd()
}
