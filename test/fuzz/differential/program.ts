/**
 * Programs of the differential test: their output in groups, each of which makes a picture.
 *
 * `wild` programs print anything that a terminal may receive: both ends of a session must show the same. `common` ones
 * print only what the emulators of stock mosh and ours have in common (spec 8.4 to 8.6), so that even two different
 * servers must show the same.
 */
import type { Random } from "../../domain/wire/hostile.ts"
import type { Size } from "../../../src/domain/terminal/Frame.ts"
import * as ScreenTokens from "../targets/screen-tokens.ts"

export type Kind = "common" | "wild"

export interface Program {
  /** The bytes of the next group. */
  readonly next: () => Uint8Array
}

/** Groups between two that begin with a cleared terminal. */
const EPISODE = 25
const MOST_PIECES = 24

const WORDS = ["a", "word", "hello, world", "é", "e\u0301", "x".repeat(17), "~", "─┼─", "  ", "\u00a0", "кот"]
const WIDE = ["日本語", "漢字 ", "👍", "한글 ", "a日b", "ｗｉｄｅ", "日\u0301"]
const SGR = ["", "0", "1", "3", "4", "5", "7", "8", "22", "23", "24", "25", "27", "28", "39", "49"]
const COLORS = ["31", "44", "97", "105", "38;5;3", "38;5;200", "48;5;17", "48;5;9", "38;2;1;2;3", "48;2;250;128;0"]
const PENS = [...SGR, ...COLORS, "1;4;31", "0;7;42", "3;38;5;99;48;2;9;9;9"]

/** Without mode 9, which stock never resets (spec 12.3, 7), and without 1007, which it does not send (spec 7.2). */
const MODES = [5, 25, 1000, 1002, 1003, 1004, 1005, 1006, 1015, 2004]

export const program = (next: Random, kind: Kind, size: Size): Program => {
  const below = (limit: number): number => Math.floor(next() * limit)
  const pick = <A>(all: ReadonlyArray<A>): A => all[below(all.length)] as A
  const { columns, rows } = size
  const row = (): number => 1 + below(rows)
  const column = (): number => 1 + below(columns)
  const few = (): number => below(5)

  const place = (): string => `\x1b[${row()};${column()}H`
  const pen = (): string => `\x1b[${pick(PENS)}m`
  /** Outside the scrolling region, stock inserts and deletes no lines but goes to the first column (spec 8.5). */
  const lines = (): string => `\x1b[${column()}G\x1b[${few()}${pick(["L\r", "M\r", "S", "T"])}`
  const title = (): string =>
    pick(["\x1b]0;both\x07", "\x1b]1;icon\x07", "\x1b]52;c;eHk=\x07", "\x1b]52;c;aGVsbG8=\x07"])
  const mode = (): string => `\x1b[?${pick(MODES)}${pick(["h", "l"])}`

  /**
   * Narrow characters anywhere, by every function that both know. What erases, scrolls or saves begins at a column that is
   * told: while a wrap waits, ours has the cursor beyond the last column, as tmux has, and stock in it, where all but a few
   * sequences end the waiting (spec 8.1, 8.3).
   */
  const narrow: ReadonlyArray<() => string> = [
    () => pick(WORDS),
    () => pick(WORDS),
    () => pick(["\r\n", "\n", "\r", "\b", "\b\b\b"]),
    place,
    pen,
    lines,
    title,
    mode,
    () => `\x1b[${few()}${pick(["C", "D"])}`,
    () => `\x1b[${column()}G\x1b[${few()}${pick(["X", "@", "P"])}`,
    () => `\x1b[${column()}G\x1b[${below(3)}${pick(["J", "K"])}`,
    () => `\x1b[${column()}G`,
    () => `\x1b[${row()}d`,
    () => pick(["\x1bD", "\x1bE", "\x1bM", "\x1b[7G\x1b7", "\x1b8"])
  ]
  /** Where a scrolling region is set, ours stops cursor up and down at its margins, and stock does not (spec 8.3). */
  const vertical = [...narrow, () => `\x1b[${few()}${pick(["A", "B"])}`]
  const regional = [...narrow, () => `\x1b[${row()};${row()}r`]

  /**
   * Wide characters in lines that are only written whole: stock leaves halves of those that something else is written over
   * (spec 8.3), and we do not.
   */
  const wide: ReadonlyArray<() => string> = [
    () => {
      const text = Array.from({ length: 1 + below(5) }, () => pick(below(2) === 0 ? WIDE : WORDS)).join(pen())
      return `\x1b[${row()};1H\x1b[2K\x1b[?7l${text.slice(0, columns)}\x1b[?7h`
    },
    () => `\x1b[${row()};1H`,
    lines,
    pen,
    title,
    mode,
    () => `\x1b[${row()};1H\x1b[2K`
  ]

  const common = (pieces: ReadonlyArray<() => string>): string =>
    Array.from({ length: 1 + below(MOST_PIECES) }, () => pick(pieces)()).join("")

  const wild = (): Buffer =>
    Buffer.concat(
      Array.from({ length: 1 + below(MOST_PIECES) }, () =>
        below(4) === 0 ? Buffer.from(pick([...narrow, ...wide])()) : pick(SAFE)
      )
    )

  let group = 0
  let pieces = narrow
  return {
    next: () => {
      const first = group++ % EPISODE === 0
      if (first) pieces = pick([wide, vertical, regional])
      const body = kind === "wild" ? wild() : Buffer.from(common(pieces))
      // A picture never ends with the cursor in the last columns, where a stock sender mistakes its position (spec
      // 8.7).
      const rest = `\x1b[${row()};${1 + below(columns - 5)}H`
      return Buffer.concat([Buffer.from(first ? "\x1bc" : ""), body, Buffer.from(`\x18${rest}`)])
    }
  }
}

/** Mode 9 as above. */
const SAFE = ScreenTokens.tokens.filter((token) => !/^\x1b\[\?9[hl]/.test(Buffer.from(token).toString("latin1")))
