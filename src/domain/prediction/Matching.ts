/**
 * Whether, and how, a frame shows a step of the chain.
 */
import type { Frame } from "../terminal/Frame.ts"
import * as Row from "../terminal/Row.ts"
import type * as Caret from "./Caret.ts"
import * as Draft from "./Draft.ts"
import * as Line from "./Line.ts"
import * as Step from "./Step.ts"

/** A frame shows the step after the first `count` keys. */
export interface Match extends Shown {
  readonly count: number
}

/** The steps, from one on, that a frame shows in the way that `shown` tells. */
export const all = (
  steps: ReadonlyArray<Step.Step>,
  from: number,
  shown: (step: Step.Step, start: Step.Step) => Shown | undefined
): ReadonlyArray<Match> => {
  const found: Array<Match> = []
  const [start] = steps
  if (start === undefined) return found
  for (let count = from; count < steps.length; count++) {
    const as = shown(steps[count] as Step.Step, start)
    if (as !== undefined) found.push({ count, credit: as.credit })
  }
  return found
}

/** The step, from one on, that a frame with a caret shows, if any. */
export const find = (
  steps: ReadonlyArray<Step.Step>,
  from: number,
  frame: Frame,
  caret: Caret.Caret | undefined
): Match | undefined => {
  const found = all(steps, from, (step, start) => shows(frame, caret, step, start))
  return found.length < 2 || caret === undefined ? found[0] : best(steps, frame, caret, found)
}

/**
 * Of steps that look alike up to the caret, the first that does so after it as well; else one at the end of its line,
 * behind which a shell may have suggested something; else the first.
 */
const best = (
  steps: ReadonlyArray<Step.Step>,
  frame: Frame,
  caret: Caret.Caret,
  found: ReadonlyArray<Match>
): Match | undefined => {
  const draftOf = ({ count }: Match) => steps[count]?.draft
  const whole = found.find((match) => {
    const draft = draftOf(match)
    return draft !== undefined && showsTail(frame, caret, draft)
  })
  const atEnd = found.find((match) => {
    const draft = draftOf(match)
    return draft !== undefined && !Line.hasTail(Step.lineOf(draft, Step.BLANK))
  })
  return whole ?? atEnd ?? found[0]
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
export const shows = (
  frame: Frame,
  caret: Caret.Caret | undefined,
  step: Step.Step,
  start: Step.Step
): Shown | undefined => {
  const { draft } = step
  if (draft === undefined || start.draft === undefined || caret === undefined) return undefined
  const { column, row } = draft.caret
  if (caret.column !== column || caret.painted !== draft.caret.painted) return undefined
  return textShown(frame, caret.row, draft, row === caret.row ? 1 : CONTEXT, start.draft)
}

/** As `shows`, for a frame whose cursor is elsewhere: whether the text is where it was, with what keys wrote in it. */
export const stillShows = (frame: Frame, step: Step.Step, start: Step.Step): Shown | undefined => {
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
    if (written && !Row.isBlank(cells, x) && !Line.isWall(cells, x)) credit = true
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

/** Whether the caret's row is a draft's as a whole, and the caret where the draft has it. */
export const isWhole = (frame: Frame, caret: Caret.Caret, draft: Draft.Draft): boolean =>
  caret.row === draft.caret.row &&
  caret.column === draft.caret.column &&
  isSameText(frame.rows[caret.row] as Row.Row, Draft.row(draft))

/** Whether the caret is where a draft has it, and the text left of it, too. */
export const isBegun = (frame: Frame, { column, row }: Caret.Caret, draft: Draft.Draft): boolean => {
  if (row !== draft.caret.row || column !== draft.caret.column) return false
  const [cells, drawn] = [frame.rows[row] as Row.Row, Draft.row(draft)]
  for (let x = 0; x < column; x++) if (!Row.textEquals(cells, x, drawn, x)) return false
  return true
}

/** Whether two rows show the same text. */
export const isSameText = (a: Row.Row, b: Row.Row): boolean => {
  for (let x = 0; x < Row.columns(a); x++) if (!Row.textEquals(a, x, b, x)) return false
  return true
}
