/**
 * One key's effect on the picture: the step from what was there before it to what is after it.
 */
import * as Cell from "../terminal/Cell.ts"
import type { Frame } from "../terminal/Frame.ts"
import * as Row from "../terminal/Row.ts"
import * as Beliefs from "./Beliefs.ts"
import type * as Caret from "./Caret.ts"
import * as Draft from "./Draft.ts"
import * as Effect from "./Effect.ts"
import * as Key from "./Key.ts"
import * as Line from "./Line.ts"

export interface Step extends Line.Ends {
  /** The picture after the key; `undefined` when nobody can tell before the server shows it. */
  readonly draft: Draft.Draft | undefined
  /** The key's epoch, counted from that of the chain's start. What may well be wrong begins another one. */
  readonly epoch: number
  /** The epoch of what is typed next. */
  readonly follows: number
}

/** What is known where nothing is known. */
export const BLANK: Line.Ends = { suggestion: undefined, home: undefined }

const unknown = (epoch: number): Step => ({ draft: undefined, ...BLANK, epoch, follows: epoch })

/** Where steps start from: a frame as the server sent it; `undefined` when it has no caret. */
export const base = (frame: Frame, caret: Caret.Caret | undefined, { suggestion, home }: Line.Ends): Step =>
  caret === undefined ? unknown(0) : { draft: { rows: frame.rows, caret }, suggestion, home, epoch: 0, follows: 0 }

/** The line that is edited after a step whose picture is `draft`. */
export const lineOf = (draft: Draft.Draft, { suggestion, home }: Line.Ends): Line.Line => ({
  cells: Draft.row(draft),
  column: draft.caret.column,
  home,
  suggestion
})

/** The step that a key makes. */
export const next = (before: Step, key: Key.Key, beliefs: Beliefs.Beliefs): Step => {
  const { draft, follows: last } = before
  if (draft === undefined) return before
  const line = lineOf(draft, before)
  const after =
    key._tag === "Character"
      ? type(draft, line, key.codePoint, key.width, beliefs)
      : command(draft, line, key.name, beliefs)
  if (after === undefined) return unknown(last + 1)
  const { doubtful, ...rest } = after
  const epoch = doubtful ? last + 1 : last
  return { ...rest, epoch, follows: Key.isEnter(key) ? epoch + 1 : epoch }
}

/** What a key does, and whether it may well do something else. */
interface Outcome extends Line.Ends {
  readonly draft: Draft.Draft
  readonly doubtful: boolean
}

const command = (
  draft: Draft.Draft,
  { suggestion, home }: Line.Line,
  name: string,
  beliefs: Beliefs.Beliefs
): Outcome | undefined => {
  if (isNoKey(name)) return { draft, suggestion, home, doubtful: false }
  const after = Beliefs.apply(beliefs, Effect.named(name, draft), draft, lineOf(draft, { suggestion, home }))
  if (after === undefined) return undefined
  const { draft: changed, seen } = after
  if (changed.caret.row !== draft.caret.row) return { draft: changed, ...BLANK, doubtful: !seen }
  // What is suggested stays behind the text, which a deletion makes shorter.
  const removed = changed.rows === draft.rows ? 0 : draft.caret.column - changed.caret.column
  const { column } = changed.caret
  const intoPrompt = home === undefined ? removed > 0 && Row.isBlank(Draft.row(draft), column) : column < home
  return {
    draft: changed,
    suggestion: suggestion === undefined ? undefined : suggestion - removed,
    home: home !== undefined && column < home ? undefined : home,
    doubtful: !seen || intoPrompt
  }
}

/** What a terminal says by itself: that it got, or lost, the keyboard. */
const isNoKey = (name: string): boolean => name === "\x1b[I" || name === "\x1b[O"

const type = (
  draft: Draft.Draft,
  line: Line.Line,
  codePoint: number,
  width: 0 | 1 | 2,
  beliefs: Beliefs.Beliefs
): Outcome | undefined => {
  const { cells, column, home, suggestion } = line
  if (width === 0)
    return column === 0 ? undefined : { draft: Draft.combine(draft, codePoint), suggestion, home, doubtful: false }
  const edge = Line.rightEdge(line)
  // Too wide for what is left of the row, or the next row is due.
  const last = column + width === edge
  if (column + width > edge || (last && !Row.isBlank(cells, column))) return undefined
  const over = suggestion === column || beliefs.overwrites || !Line.hasTail(line)
  const room = Line.room(line)
  // Of what is pushed out of the row nothing is predicted; nor of the last column, where editors mark that there is more.
  const tail = Line.tailEnd(line)
  const end = tail + width > edge ? edge - width - 1 : tail
  const after = Draft.put(draft, codePoint, width, over ? undefined : { from: column, to: end, target: column + width })
  if (last) return wrap(after, line, beliefs)
  return {
    draft: after,
    suggestion: suggestion === undefined ? undefined : Math.max(suggestion, column) + width,
    home,
    doubtful: column >= beliefs.margin.from || (room.wall && room.columns < width + beliefs.padding)
  }
}

/** After the last column comes the next row. */
const wrap = (draft: Draft.Draft, line: Line.Line, { padding, wraps }: Beliefs.Beliefs): Outcome | undefined => {
  const wrapped = Draft.toNextRow(draft, Line.leftEdge(line), Line.rightEdge(line))
  const doubtful = !wraps || (padding > 0 && Line.room(line).wall)
  return wrapped === undefined ? undefined : { draft: wrapped, ...BLANK, doubtful }
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

/** As `shows`, for a frame whose cursor is elsewhere: whether the text is where it was, with what keys wrote in it. */
export const stillShows = (frame: Frame, step: Step, start: Step): Shown | undefined => {
  const { draft } = step
  if (draft === undefined || start.draft === undefined || draft.caret.column === 0) return undefined
  const shown = textShown(frame, draft.caret.row, draft, CONTEXT, start.draft)
  return step === start || shown?.credit === true ? shown : undefined
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

/** Whether the picture from the caret on, too, is as a draft has it. */
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
