/**
 * Renders a session as plain text for output that is no terminal: pipes, files, logs.
 *
 * Mosh synchronises screens, not output, so the renderer reconstructs text from successive screens. It prints each line
 * once, when it appears, and again if it changes later. Lines that the terminal wrapped are joined. Text that scrolled
 * past between two screens was never received, and is missing.
 */
import * as OscText from "../display/OscText.ts"
import * as Cell from "../terminal/Cell.ts"
import * as CharWidth from "../terminal/CharWidth.ts"
import type { Frame } from "../terminal/Frame.ts"
import type * as Row from "../terminal/Row.ts"

/** What was printed of the last screen. */
export interface PlainTextRenderer {
  /** The printed text of each line of the last screen. */
  readonly printed: ReadonlyArray<string>
  /** The text of the output's last line, which has no line end yet. */
  readonly open: string
}

export const initial: PlainTextRenderer = { printed: [""], open: "" }

/** The text to append to the output for the next screen. */
export const step = (state: PlainTextRenderer, frame: Frame): readonly [PlainTextRenderer, string] => {
  const { printed } = state
  const lines = readLines(frame)
  const { columns } = frame.size
  const shift = scrolled(printed, lines.texts, columns)
  const next: Array<string> = []
  let { open } = state
  let output = ""
  for (const [at, line] of lines.texts.entries()) {
    let before = printed[at + shift]
    if (at === 0 && before !== undefined) {
      const rest = visiblePart(before, line, columns)
      if (open === before) open = rest
      before = rest
    }
    const last = at === lines.texts.length - 1
    let known = line
    if (before !== line) {
      if (before === open && at + shift === printed.length - 1 && line.startsWith(open)) {
        output += line.slice(open.length)
        open = line
      } else if (before !== undefined && (isSame(before, line) || (last && lines.unfinished && before !== ""))) {
        // A line that is being edited is printed again when it is finished.
        known = before
      } else {
        output += `\n${line}`
        open = line
      }
    }
    next.push(known)
  }
  return [{ printed: next, open }, output]
}

/**
 * Limits on the length and rows of a line that is recognised after its first rows have scrolled away: each row costs a
 * comparison.
 */
const MAX_SCROLLED_LENGTH = 16_384
const MAX_SCROLLED_ROWS = 256

/**
 * The part of a printed line that the first row of the screen may still show: all of it, or, if `shown` continues a
 * later row of the line, the text from that row on. The rows before it have scrolled away.
 */
const visiblePart = (before: string, shown: string, columns: number): string => {
  const text = before.trimEnd()
  if (shown === "" || shown.startsWith(text) || before.length > MAX_SCROLLED_LENGTH) return before
  let column = 0
  let at = 0
  let rows = 0
  for (const character of before) {
    const width = CharWidth.of(character.codePointAt(0) as number)
    // A wide character that does not fit leaves the last column blank.
    if (column + width > columns) {
      if (at >= text.length || ++rows > MAX_SCROLLED_ROWS) return before
      if (shown.startsWith(text.slice(at))) return before.slice(at)
      column = 0
    }
    column += Math.max(width, 0)
    at += character.length
  }
  return before
}

/** Whether two lines are equal except for the blanks before the cursor. */
const isSame = (a: string, b: string): boolean => a.trimEnd() === b.trimEnd()

/** The text to append to the output at the end of the session. */
export const end = (state: PlainTextRenderer): string => (state.open === "" ? "" : "\n")

interface Lines {
  /** The lines from the top to the last one that is not blank, or the cursor's if that is lower. */
  readonly texts: ReadonlyArray<string>
  /** Whether the cursor is in the last of these lines. */
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

/** The index of the line that contains the cursor. */
const cursorLine = ({ cursor, rows }: Frame): number => {
  let line = 0
  for (let y = 0; y < cursor.row; y++) if (rows[y]?.wraps !== true) line++
  return line
}

const SPACE = 0x20

/** Whether output would contain a control, or nothing, in place of a character. */
const isControl = (codePoint: number): boolean => codePoint < 0x20 || (codePoint >= 0x7f && codePoint < 0xa0)

const readRow = (row: Row.Row): string => {
  const { clusters, words } = row
  let text = ""
  let units: Array<number> = []
  for (let at = 0; at < words.length; at += Cell.WORDS) {
    const glyph = words[at] ?? 0
    if (glyph === Cell.RIGHT_HALF) continue
    const codePoint = Cell.codePointOf(glyph)
    const cluster = (glyph & Cell.CLUSTER) === 0 ? undefined : clusters?.get(at / Cell.WORDS)
    if (cluster !== undefined && OscText.isClean(cluster)) {
      text += String.fromCharCode(...units) + cluster
      units = []
    } else if (codePoint < 0x10000) units.push(isControl(codePoint) ? SPACE : codePoint)
    else units.push(0xd800 + ((codePoint - 0x10000) >> 10), 0xdc00 + (codePoint & 0x3ff))
  }
  text += String.fromCharCode(...units)
  return row.wraps ? text : text.trimEnd()
}

/** By how many lines the screen scrolled: the shift under which the most printed lines are still shown. */
const scrolled = (printed: ReadonlyArray<string>, lines: ReadonlyArray<string>, columns: number): number => {
  let best = 0
  let most = 0
  const ending = printed.length - 1
  const { before, now } = numbered(printed, lines)
  const beginning = (printed[ending] ?? "").trimEnd()
  const continues = Uint8Array.from(lines, (line) => (line.startsWith(beginning) ? 1 : 0))
  for (let shift = 0; shift < printed.length; shift++) {
    let same = 0
    const first = lines[0] ?? ""
    const visible = visiblePart(printed[shift] as string, first, columns)
    const isKept = shift === ending ? first.startsWith(visible.trimEnd()) : first === visible
    if (lines.length > 0 && isKept && visible !== "") same++
    const end = Math.min(ending, shift + lines.length)
    for (let at = shift + 1; at < end; at++) {
      const line = before[at] as number
      if (line !== 0 && line === now[at - shift]) same++
    }
    if (shift < ending && ending - shift < lines.length && printed[ending] !== "")
      same += continues[ending - shift] as number
    if (same > most) {
      most = same
      best = shift
    }
  }
  // No printed line is left: the screen was cleared, or scrolled completely.
  return most === 0 && printed.some((line) => line !== "") ? printed.length : best
}

/**
 * Lines as numbers, equal for equal lines and 0 for an empty one. A screen has up to 4096 lines, and each is compared
 * with each.
 */
const numbered = (printed: ReadonlyArray<string>, lines: ReadonlyArray<string>) => {
  const numbers = new Map([["", 0]])
  const number = (line: string): number => {
    const known = numbers.get(line)
    if (known !== undefined) return known
    numbers.set(line, numbers.size)
    return numbers.size - 1
  }
  return { before: Uint32Array.from(printed, number), now: Uint32Array.from(lines, number) }
}
