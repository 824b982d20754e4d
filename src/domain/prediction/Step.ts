/**
 * One key's effect on the picture: the step from what was there before it to what is after it.
 */
import type { Frame } from "../terminal/Frame.ts"
import * as Row from "../terminal/Row.ts"
import * as Beliefs from "./Beliefs.ts"
import type * as Caret from "./Caret.ts"
import * as Draft from "./Draft.ts"
import * as Edges from "./Edges.ts"
import * as Effect from "./Effect.ts"
import * as Key from "./Key.ts"
import * as Line from "./Line.ts"
import * as Wrap from "./Wrap.ts"

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
  const line = lineOf(draft, { suggestion, home })
  const after = Beliefs.apply(beliefs, Effect.named(name, draft, line), draft, line)
  if (after === undefined) return undefined
  const { draft: changed, seen } = after
  // At the bottom of the screen Enter leaves the caret in its row.
  if (name === "\r" || changed.caret.row !== draft.caret.row) return { draft: changed, ...BLANK, doubtful: !seen }
  // What is suggested stays behind the text, which a deletion makes shorter.
  const removed = changed.rows === draft.rows ? 0 : draft.caret.column - changed.caret.column
  const { column } = changed.caret
  const intoPrompt = home === undefined ? removed > 0 && Row.isBlank(Draft.row(draft), column) : column < home
  return {
    draft: changed,
    suggestion: suggestion === undefined || column > suggestion ? undefined : suggestion - removed,
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
  const { wrap: known } = beliefs.edges
  if (Wrap.isOf(known, line) && Wrap.isDue(known, draft, line, codePoint, width)) {
    const wrapped = Wrap.put(known, draft, line, codePoint, width)
    return wrapped === undefined ? undefined : { draft: wrapped, ...BLANK, doubtful: false }
  }
  const edge = Line.rightEdge(line)
  // Too wide for what is left of the row, or the next row is due.
  const last = column + width === edge
  if (column + width > edge || (last && !Row.isBlank(cells, column))) return undefined
  const over = suggestion === column || beliefs.overwrites || !Line.hasTail(line)
  // Of what is pushed out of the row nothing is predicted; nor of the last column, where editors mark that there is more.
  const tail = Line.tailEnd(line)
  const end = tail + width > edge ? edge - width - 1 : tail
  const after = Draft.put(draft, codePoint, width, over ? undefined : { from: column, to: end, target: column + width })
  if (last) return wrap(after, line, beliefs)
  return {
    draft: after,
    suggestion: suggestion === undefined ? undefined : Math.max(suggestion, column) + width,
    home,
    doubtful: Edges.isDoubtful(beliefs.edges, line, codePoint, width)
  }
}

/** After the last column comes the next row. */
const wrap = (draft: Draft.Draft, line: Line.Line, { edges }: Beliefs.Beliefs): Outcome | undefined => {
  const from = Line.leftEdge(line)
  const below = draft.rows[draft.caret.row + 1]
  if (below !== undefined && Draft.isFiller(below)) return undefined
  const wrapped = Draft.toNextRow(draft, from, from, Line.rightEdge(line))
  const doubtful = !edges.wraps || (edges.padding > 0 && Line.room(line).wall)
  return wrapped === undefined ? undefined : { draft: wrapped, ...BLANK, doubtful }
}
