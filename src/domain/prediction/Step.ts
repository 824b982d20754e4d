/**
 * One key's effect on the picture: the step from what was there before it to what is after it.
 */
import * as Cell from "../terminal/Cell.ts"
import type { Frame } from "../terminal/Frame.ts"
import * as Row from "../terminal/Row.ts"
import * as Beliefs from "./Beliefs.ts"
import * as Caret from "./Caret.ts"
import * as Draft from "./Draft.ts"
import type { Key } from "./Key.ts"
import * as Line from "./Line.ts"

export interface Step {
  /** The picture after the key; `undefined` when nobody can tell before the server shows it. */
  readonly draft: Draft.Draft | undefined
  /** Where what a shell suggests begins, in the caret's row; `undefined` when it suggests nothing. */
  readonly suggestion: number | undefined
  /** Where the text of the caret's row begins, if known: what stands before it is a prompt. */
  readonly home: number | undefined
  /** Whether the key may well do something else. */
  readonly doubtful: boolean
}

export const UNKNOWN: Step = { draft: undefined, suggestion: undefined, home: undefined, doubtful: false }

/** Where steps start from: a frame as the server sent it. */
export const base = (
  frame: Frame,
  caret: Caret.Caret | undefined,
  { suggestion, home }: Pick<Step, "home" | "suggestion">
): Step => (caret === undefined ? UNKNOWN : { draft: { rows: frame.rows, caret }, suggestion, home, doubtful: false })

/** The line that is edited after a step whose picture is `draft`. */
export const lineOf = (draft: Draft.Draft, { suggestion, home }: Pick<Step, "home" | "suggestion">): Line.Line => ({
  cells: Draft.row(draft),
  column: draft.caret.column,
  home,
  suggestion
})

/** The step that a key makes. */
export const next = (before: Step, key: Key, beliefs: Beliefs.Beliefs): Step => {
  const { draft, suggestion, home } = before
  if (draft === undefined) return UNKNOWN
  const line = lineOf(draft, before)
  if (key._tag === "Character") {
    const typed = type(draft, line, key.codePoint, key.width, beliefs)
    return typed ?? UNKNOWN
  }
  if (isNoKey(key.name)) return { ...before, doubtful: false }
  const after = Beliefs.apply(beliefs, key.name, draft, line)
  if (after === undefined) return UNKNOWN
  const { draft: changed, seen } = after
  if (changed.caret.row !== draft.caret.row)
    return { draft: changed, suggestion: undefined, home: undefined, doubtful: !seen }
  // What is suggested stays behind the text, which a deletion makes shorter.
  const removed = changed.rows === draft.rows ? 0 : draft.caret.column - changed.caret.column
  return { draft: changed, suggestion: suggestion === undefined ? undefined : suggestion - removed, home, doubtful: !seen }
}

/** What a terminal says by itself: that it got, or lost, the keyboard. */
const isNoKey = (name: string): boolean => name === "\x1b[I" || name === "\x1b[O"

const type = (
  draft: Draft.Draft,
  line: Line.Line,
  codePoint: number,
  width: 0 | 1 | 2,
  beliefs: Beliefs.Beliefs
): Step | undefined => {
  const { cells, column, home, suggestion } = line
  const columns = Row.columns(cells)
  if (width === 0)
    return column === 0
      ? undefined
      : { draft: Draft.combine(draft, codePoint), suggestion, home, doubtful: false }
  // Too wide for what is left of the row, or the next row is due.
  const last = column + width === columns
  if (column + width > columns || (last && !Row.isBlank(cells, column))) return undefined
  const over = suggestion === column || beliefs.overwrites || !Line.hasTail(line)
  const room = Line.room(line)
  if (!over && room.columns < width) return undefined
  const shift = over ? undefined : { from: column, to: Line.tailEnd(line), target: column + width }
  const after = Draft.put(draft, codePoint, width, shift)
  if (last) return wrap(after, beliefs)
  return {
    draft: after,
    suggestion: suggestion === undefined ? undefined : Math.max(suggestion, column) + width,
    home,
    doubtful: room.wall && room.columns < width + 2
  }
}

/** After the last column, the caret is in the next row; below the last row, everything moves up. */
const wrap = (draft: Draft.Draft, beliefs: Beliefs.Beliefs): Step | undefined => {
  const { caret, rows } = draft
  if (caret.painted) return undefined
  const below = rows[caret.row + 1]
  const next = (wrapped: Draft.Draft): Step => ({
    draft: wrapped,
    suggestion: undefined,
    home: undefined,
    doubtful: !beliefs.wraps
  })
  if (below === undefined) {
    const scrolled = [...rows.slice(1), Row.blank(Row.columns(Draft.row(draft)))]
    return next({ rows: scrolled, caret: { ...caret, column: 0 } })
  }
  return isBlankRow(below) ? next(Draft.moveToRow(draft, caret.row + 1, 0)) : undefined
}

const isBlankRow = (row: Row.Row): boolean => {
  for (let column = 0; column < Row.columns(row); column++) if (!Row.isBlank(row, column)) return false
  return true
}

/** How a frame may show a step. */
export interface Shown {
  /** Whether a character that was not there before is now where it was predicted. */
  readonly credit: boolean
}

/** How many cells left of the caret must be the same for a line to be known again in another row. */
const CONTEXT = 8

/**
 * Whether a frame shows a step: its caret stands where it should, and what was written left of it is there. `start` is
 * what the steps started from: what differs from it was written by keys. Cells that no key wrote may change as they like,
 * unless the line moved to another row, which must be known again by the text before the caret.
 */
export const shows = (frame: Frame, caret: Caret.Caret | undefined, step: Step, start: Step): Shown | undefined => {
  const { draft } = step
  if (draft === undefined || start.draft === undefined || caret === undefined) return undefined
  const { column, row } = draft.caret
  if (caret.column !== column || caret.painted !== draft.caret.painted) return undefined
  return textShown(frame, caret.row, draft, row === caret.row ? 1 : CONTEXT, start.draft)
}

/** As `shows`, for a frame whose cursor is elsewhere: whether the text is still where it was. */
export const stillShows = (frame: Frame, step: Step, start: Step): Shown | undefined => {
  const { draft } = step
  if (draft === undefined || start.draft === undefined || draft.caret.column === 0) return undefined
  return textShown(frame, draft.caret.row, draft, CONTEXT, start.draft)
}

const textShown = (
  frame: Frame,
  at: number,
  draft: Draft.Draft,
  context: number,
  start: Draft.Draft
): Shown | undefined => {
  const { column, row } = draft.caret
  const cells = frame.rows[at] as Row.Row
  const drawn = draft.rows[row] as Row.Row
  const before = start.rows[row] as Row.Row
  if (cells.words.length !== drawn.words.length) return undefined
  let credit = false
  let ink = 0
  for (let x = 0; x < column; x++) {
    const same = Row.textEquals(cells, x, drawn, x)
    const written = drawn !== before && !Row.textEquals(drawn, x, before, x)
    if (!same && (written || x >= column - context)) return undefined
    if (written && !Row.isBlank(cells, x)) credit = true
    if (x >= column - context && !Row.isBlank(cells, x)) ink++
  }
  if (context === CONTEXT && ink === 0) return undefined
  return { credit }
}

/** Whether the picture right of the caret, too, is as it was predicted. */
export const showsTail = (frame: Frame, caret: Caret.Caret, draft: Draft.Draft): boolean => {
  const cells = frame.rows[caret.row] as Row.Row
  const drawn = Draft.row(draft)
  for (let x = caret.column; x < Row.columns(cells); x++) if (!Row.textEquals(cells, x, drawn, x)) return false
  return true
}

/** The character left of the caret; 0 when there is none. */
export const leftCodePoint = (frame: Frame, { row, column }: Caret.Caret): number => {
  const cells = frame.rows[row]
  if (cells === undefined || column === 0) return 0
  return Cell.codePointOf(cells.words[Draft.leftOf(cells, column) * Cell.WORDS] ?? 0)
}
