/**
 * What a frame says of Enter: that it was pressed, and whether the caret went on to the next row as it was expected to.
 */
import type * as Frame from "../terminal/Frame.ts"
import * as Row from "../terminal/Row.ts"
import * as Beliefs from "./Beliefs.ts"
import type * as Caret from "./Caret.ts"
import * as Chain from "./Chain.ts"
import * as Draft from "./Draft.ts"
import * as Effect from "./Effect.ts"
import * as Key from "./Key.ts"
import * as Matching from "./Matching.ts"
import type { Prediction, TypedKey } from "./State.ts"
import * as Step from "./Step.ts"

/** Whether a line that looks as before, but in a lower row, is there because Enter was pressed. */
export const hasEntered = ({ keys, steps }: Prediction, caret: Caret.Caret | undefined): boolean => {
  const [next] = keys
  return next !== undefined && Key.isEnter(next.key) && (caret?.row ?? 0) > (steps[0]?.draft?.caret.row ?? 0)
}

/** Whether the caret left the line, which stands as before, because Enter was pressed. */
export const hasGoneOn = ({ echoed, keys, steps }: Prediction, frame: Frame.Frame, caret: Caret.Caret): boolean => {
  const [next] = keys
  const draft = steps[0]?.draft
  return (
    next !== undefined &&
    next.number > echoed &&
    Key.isEnter(next.key) &&
    draft !== undefined &&
    leftBehind(frame, caret, draft)
  )
}

/**
 * What Enter, the last of the first `count` keys, led to is on the screen. Whether it went to the next row first shows at a
 * prompt in where the line is now, and in a text in where the caret is.
 */
export const entered = (state: Prediction, frame: Frame.Frame, caret: Caret.Caret, count: number): Prediction => {
  const { key } = state.keys[count - 1] as TypedKey
  const from = state.steps[count - 1] as Step.Step
  if (from.draft === undefined || key._tag !== "Command") return Chain.startOver(state, frame, count, "nothing")
  const { beliefs: before } = state
  const line = Step.lineOf(from.draft, from)
  const name = Effect.named(key.name, from.draft, line)
  const at = { ...caret, column: Chain.alreadyShown(frame, caret, state.keys.slice(count)).column }
  const fits = (after: Draft.Draft): boolean => Matching.isBegun(frame, at, after)
  const seen = Effect.isInText(name)
    ? Beliefs.isSeen(name, from.draft, line, fits)
    : leftBehind(frame, caret, from.draft)
  const beliefs = !seen
    ? Beliefs.doubt(before, name)
    : Effect.isInText(name)
      ? Beliefs.recognise(before, name, from.draft, line, fits)
      : Beliefs.confirm(before, name)
  return Chain.startOver({ ...state, beliefs }, frame, count, "nothing")
}

/** Whether a draft's line stands above the caret now, and the caret is not in a row that an editor has indented. */
const leftBehind = (frame: Frame.Frame, caret: Caret.Caret, draft: Draft.Draft): boolean => {
  const line = Draft.row(draft)
  const isLine = (cells: Row.Row): boolean => {
    let ink = false
    for (let x = 0; x < draft.caret.column; x++) {
      if (!Row.textEquals(cells, x, line, x)) return false
      ink ||= !Row.isBlank(cells, x)
    }
    return ink
  }
  const row = frame.rows.slice(0, caret.row).findLastIndex(isLine)
  if (row < 0) return false
  if (row + 1 < caret.row || caret.column === 0) return true
  const cells = frame.rows[caret.row] as Row.Row
  for (let x = 0; x < caret.column; x++) if (!Row.isBlank(cells, x)) return true
  return false
}
