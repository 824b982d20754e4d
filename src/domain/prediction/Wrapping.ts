/**
 * Finds out how a program goes on in the next row, when a frame shows that it did.
 */
import type { Frame } from "../terminal/Frame.ts"
import * as Row from "../terminal/Row.ts"
import * as Caret from "./Caret.ts"
import * as Chain from "./Chain.ts"
import * as Draft from "./Draft.ts"
import * as Key from "./Key.ts"
import * as Line from "./Line.ts"
import * as Matching from "./Matching.ts"
import type { Prediction, TypedKey } from "./State.ts"
import * as Step from "./Step.ts"
import * as Wrap from "./Wrap.ts"

/** More keys than this are not looked at. */
const MOST_KEYS = 12

const SPACE = 0x20

/** The state with the chain as it would be, had the way been known in which its keys show in the frame. */
export const recognise = (
  before: Prediction,
  frame: Frame,
  caret: Caret.Caret,
  acknowledged: number
): Prediction | undefined => {
  const [start] = before.steps
  if (start?.draft === undefined || before.trust.secret || !before.trust.echo || before.unsure > 0) return undefined
  const from = start.draft.caret
  if (caret.painted !== from.painted || caret.row < from.row || caret.row > from.row + 1) return undefined
  if (caret.column >= from.column || before.keys.some(({ key }) => Key.isEnter(key))) return undefined
  const line = Step.lineOf(start.draft, start)
  const edges = [Line.leftEdge(line), Line.rightEdge(line)] as const
  const state = Chain.replay(knowing(before, undefined), start, before.keys)
  const widths = widthsOf(state)
  for (let count = Math.max(1, acknowledged); count <= widths.length; count++) {
    for (const way of Wrap.WAYS) {
      for (let due = count - 1; due >= 0; due--) {
        const column = from.column + sum(widths.slice(0, due))
        const alone = due + 1 === count && (way === "fill" || way === "late")
        if (!Wrap.isLikely(way, column, line) || !(alone || isLeftOf(frame, caret, state.keys[count - 1]))) continue
        const left = leftOf(state, way, due, caret.column - sum(widths.slice(due, count)), due + 1 === count)
        if (left === undefined || left < edges[0]) continue
        const first = way === "word" ? lastInk(start.draft) + 1 : column
        const wrap = Wrap.refined(before.beliefs.edges.wrap, { way, column, from: first, left, edges })
        const known = knowing(before, wrap)
        const after = Chain.replay(known, start, before.keys.slice(0, count))
        if (isShown(frame, caret, after.steps[count]?.draft, column)) return Chain.replay(known, start, before.keys)
      }
    }
  }
  return undefined
}

/** Whether a key's character stands left of the caret. */
const isLeftOf = (frame: Frame, caret: Caret.Caret, typed: TypedKey | undefined): boolean =>
  typed?.key._tag === "Character" && (Caret.leftCodePoint(frame, caret) || SPACE) === typed.key.codePoint

/** Whether the key after the one that fills a row takes a word along. */
const isCarried = (next: TypedKey | undefined, isLast: boolean): boolean =>
  !isLast && next?.key._tag === "Character" && next.key.codePoint !== SPACE

/** The last column left of the caret that is not blank. */
const lastInk = (draft: Draft.Draft): number => {
  let at = draft.caret.column - 1
  while (at > 0 && Row.isBlank(Draft.row(draft), at)) at--
  return at
}

const knowing = (state: Prediction, wrap: Wrap.Wrap | undefined): Prediction => ({
  ...state,
  beliefs: { ...state.beliefs, edges: { ...state.beliefs.edges, wrap } }
})

/** How wide the oldest keys are, as far as they are characters. */
const widthsOf = ({ keys }: Prediction): ReadonlyArray<number> => {
  const commands = keys.findIndex(({ key }) => key._tag === "Command")
  return keys
    .slice(0, Math.min(commands < 0 ? Infinity : commands, MOST_KEYS))
    .map(({ key }) => (key._tag === "Character" ? key.width : 0))
}

const sum = (widths: ReadonlyArray<number>): number => widths.reduce((all, width) => all + width, 0)

/** The column at which the next row begins, if key number `due` wraps, and keys from there on end at the caret, `rest` after it. */
const leftOf = (
  { keys, steps }: Prediction,
  way: Wrap.Way,
  due: number,
  rest: number,
  isLast: boolean
): number | undefined => {
  const { key } = keys[due] as TypedKey
  if (way === "fill" || (way === "late" && !isCarried(keys[due + 1], isLast)))
    return rest + (key._tag === "Character" ? key.width : 0)
  const draft = steps[due]?.draft
  if (way === "turn" || draft === undefined) return rest
  const line = Step.lineOf(draft, Step.BLANK)
  const start = Wrap.wordStart(line)
  return start === undefined ? undefined : rest - (line.column - start)
}

/** Whether a frame shows a draft's row as a whole, and the row above it up to a column. */
const isShown = (frame: Frame, caret: Caret.Caret, draft: Draft.Draft | undefined, column: number): boolean => {
  const above = frame.rows[caret.row - 1]
  const drawn = draft?.rows[caret.row - 1]
  if (draft === undefined || above === undefined || drawn === undefined) return false
  for (let x = 0; x <= column; x++)
    if (!Row.textEquals(above, x, drawn, x) && (x < column || !Row.isBlank(drawn, x))) return false
  return Matching.isWhole(frame, caret, draft)
}
