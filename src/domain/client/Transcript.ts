/**
 * A session as plain text, for readers that are not terminals: pipes, files, logs.
 *
 * Mosh synchronises screens, not output. A transcript makes text of successive screens again: each line once, as it
 * appears; a line that changed later, once more. Lines that the terminal wrapped are joined. What scrolled by between
 * two screens was never seen and is missing.
 */
import * as Cell from "../terminal/Cell.ts"
import * as CharWidth from "../terminal/CharWidth.ts"
import type { Frame } from "../terminal/Frame.ts"
import type * as Row from "../terminal/Row.ts"

export interface Transcript {
  /** What the reader was told of each line of the last screen. */
  readonly told: ReadonlyArray<string>
  /** The text of the output's last line, which has no line end yet. */
  readonly open: string
}

export const initial: Transcript = { told: [""], open: "" }

/** The text to append for the next screen. */
export const step = (state: Transcript, frame: Frame): readonly [Transcript, string] => {
  const { told } = state
  const lines = readLines(frame)
  const { columns } = frame.size
  const shift = scrolled(told, lines.texts, columns)
  const next: Array<string> = []
  let { open } = state
  let output = ""
  for (const [at, line] of lines.texts.entries()) {
    let before = told[at + shift]
    if (at === 0 && before !== undefined) {
      const rest = visiblePart(before, line, columns)
      if (open === before) open = rest
      before = rest
    }
    const last = at === lines.texts.length - 1
    let known = line
    if (before !== line) {
      if (before === open && at + shift === told.length - 1 && line.startsWith(open)) {
        output += line.slice(open.length)
        open = line
      } else if (before !== undefined && (isSame(before, line) || (last && lines.unfinished && before !== ""))) {
        // A line that is being edited is told again when it is finished.
        known = before
      } else {
        output += `\n${line}`
        open = line
      }
    }
    next.push(known)
  }
  return [{ told: next, open }, output]
}

/** Longer lines, and those of more rows, are not recognised by a later row of theirs: each row costs a comparison. */
const LONGEST_SCROLLED = 16_384
const MOST_ROWS_SCROLLED = 256

/**
 * The part of a told line that the first row of the screen may still show: all of it, or, where `shown` continues a later row
 * of the line, what begins at that row. The rows before it have scrolled away.
 */
const visiblePart = (before: string, shown: string, columns: number): string => {
  const text = before.trimEnd()
  if (shown === "" || shown.startsWith(text) || before.length > LONGEST_SCROLLED) return before
  let column = 0
  let at = 0
  let rows = 0
  for (const character of before) {
    const width = CharWidth.of(character.codePointAt(0) as number)
    // A wide character that does not fit leaves the last column blank.
    if (column + width > columns) {
      if (at >= text.length || ++rows > MOST_ROWS_SCROLLED) return before
      if (shown.startsWith(text.slice(at))) return before.slice(at)
      column = 0
    }
    column += Math.max(width, 0)
    at += character.length
  }
  return before
}

/** Whether two lines are the same but for the blanks that are kept before the cursor. */
const isSame = (a: string, b: string): boolean => a.trimEnd() === b.trimEnd()

/** The text to append when the session is over. */
export const end = (state: Transcript): string => (state.open === "" ? "" : "\n")

interface Lines {
  /** From the top to the last line that is not blank, or the cursor's. */
  readonly texts: ReadonlyArray<string>
  /** Whether the cursor is on the last of them. */
  readonly unfinished: boolean
}

const readLines = (frame: Frame): Lines => {
  const { cursor, rows } = frame
  const texts: Array<string> = []
  let line = ""
  let last = 0
  for (const [y, row] of rows.entries()) {
    line += readRow(row)
    if (y === cursor.row) line = line.padEnd(cursor.column)
    if (row.wraps && y + 1 < rows.length) continue
    if (line.trimEnd() !== "" || y === cursor.row) last = texts.length
    texts.push(y === cursor.row ? line : line.trimEnd())
    line = ""
  }
  return { texts: texts.slice(0, last + 1), unfinished: cursorLine(frame) === last }
}

/** The number of the line that the cursor is on. */
const cursorLine = ({ cursor, rows }: Frame): number => {
  let line = 0
  for (let y = 0; y < cursor.row; y++) if (rows[y]?.wraps !== true) line++
  return line
}

const SPACE = 0x20

const readRow = (row: Row.Row): string => {
  const { clusters, words } = row
  let text = ""
  let units: Array<number> = []
  for (let at = 0; at < words.length; at += Cell.WORDS) {
    const glyph = words[at] ?? 0
    if (glyph === Cell.RIGHT_HALF) continue
    const codePoint = Cell.codePointOf(glyph)
    if ((glyph & Cell.CLUSTER) !== 0) {
      text += String.fromCharCode(...units) + (clusters?.get(at / Cell.WORDS) ?? "")
      units = []
    } else if (codePoint < 0x10000) units.push(codePoint === 0 ? SPACE : codePoint)
    else units.push(0xd800 + ((codePoint - 0x10000) >> 10), 0xdc00 + (codePoint & 0x3ff))
  }
  text += String.fromCharCode(...units)
  return row.wraps ? text : text.trimEnd()
}

/** By how many lines a screen moved up: the shift under which most of what was told is still there. */
const scrolled = (told: ReadonlyArray<string>, lines: ReadonlyArray<string>, columns: number): number => {
  let best = 0
  let most = 0
  const ending = told.length - 1
  const { before, now } = numbered(told, lines)
  const beginning = (told[ending] ?? "").trimEnd()
  const continues = Uint8Array.from(lines, (line) => (line.startsWith(beginning) ? 1 : 0))
  for (let shift = 0; shift < told.length; shift++) {
    let same = 0
    const first = lines[0] ?? ""
    const visible = visiblePart(told[shift] as string, first, columns)
    const isKept = shift === ending ? first.startsWith(visible.trimEnd()) : first === visible
    if (lines.length > 0 && isKept && visible !== "") same++
    const end = Math.min(ending, shift + lines.length)
    for (let at = shift + 1; at < end; at++) {
      const line = before[at] as number
      if (line !== 0 && line === now[at - shift]) same++
    }
    if (shift < ending && ending - shift < lines.length && told[ending] !== "")
      same += continues[ending - shift] as number
    if (same > most) {
      most = same
      best = shift
    }
  }
  // Nothing of it is left: the screen was cleared, or all of it scrolled away.
  return most === 0 && told.some((line) => line !== "") ? told.length : best
}

/** Lines as numbers, the same for the same line, and 0 for an empty one: a screen has up to 4096, and each meets each. */
const numbered = (told: ReadonlyArray<string>, lines: ReadonlyArray<string>) => {
  const numbers = new Map([["", 0]])
  const number = (line: string): number => {
    const known = numbers.get(line)
    if (known !== undefined) return known
    numbers.set(line, numbers.size)
    return numbers.size - 1
  }
  return { before: Uint32Array.from(told, number), now: Uint32Array.from(lines, number) }
}
