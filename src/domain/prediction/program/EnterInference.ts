/**
 * What follows from a frame that shows that Enter was pressed: whether the caret went to the next row as predicted.
 */
import type * as Row from "../../terminal/Row.ts"
import * as CommandModel from "./CommandModel.ts"
import * as EchoedText from "./EchoedText.ts"
import * as EditCommands from "./EditCommands.ts"
import * as Epoch from "../trust/Epoch.ts"
import * as FrameMatch from "../FrameMatch.ts"
import * as Key from "../Key.ts"
import * as Observation from "../Observation.ts"
import * as Picture from "../Picture.ts"
import * as PredictedScreen from "../PredictedScreen.ts"
import type { Prediction } from "../State.ts"
import * as Timeline from "../Timeline.ts"

/** Whether a line that looks as before, but in a lower row, is there because Enter was pressed. */
export const movedDown = ({ timeline }: Prediction, { caret }: Observation.Observation): boolean => {
  const [next] = timeline.entries
  return next !== undefined && Key.isEnter(next.key) && (caret?.row ?? 0) > (timeline.start.screen?.caret.row ?? 0)
}

/** Whether the caret left the line, which stands as before, because Enter was pressed and is not acknowledged yet. */
export const leftLine = ({ timeline }: Prediction, seen: Observation.Observation): boolean => {
  const [next] = timeline.entries
  const { screen } = timeline.start
  if (next === undefined || seen.acknowledged > 0 || screen === undefined || !Observation.hasCaret(seen)) return false
  return Key.isEnter(next.key) && isAboveCaret(seen, screen)
}

/**
 * The frame shows what the last of the first `count` keys, Enter, did. Whether it went to the next row is seen at a prompt
 * from where the line is now, and in a text from where the caret is.
 */
export const entered = (state: Prediction, seen: Observation.Observation, count: number): Prediction => {
  const { key } = Timeline.lastOf(state.timeline, count)
  const before = Timeline.pictureAfter(state.timeline, count - 1)
  if (before.screen === undefined || key._tag !== "Command" || !Observation.hasCaret(seen))
    return Epoch.begin(state, seen, count, "nothing")
  const commands = learn(state, seen, count, key.name, before, before.screen)
  return Epoch.begin({ ...state, program: { ...state.program, commands } }, seen, count, "nothing")
}

const learn = (
  { program: { commands }, timeline }: Prediction,
  seen: Observation.WithCaret,
  count: number,
  key: string,
  before: Picture.Picture,
  screen: PredictedScreen.PredictedScreen
): CommandModel.CommandModel => {
  const line = Picture.lineOf(screen, before)
  const name = EditCommands.named(key, screen, line)
  if (!EditCommands.isInText(name))
    return isAboveCaret(seen, screen) ? CommandModel.confirm(commands, name) : CommandModel.doubt(commands, name)
  const { column } = EchoedText.arrived(seen, timeline.entries.slice(count))
  const fits = (after: PredictedScreen.PredictedScreen): boolean =>
    FrameMatch.showsHead({ ...seen, caret: { ...seen.caret, column } }, after)
  return CommandModel.isKnown(name, screen, line, fits)
    ? CommandModel.recognise(commands, name, screen, line, fits)
    : CommandModel.doubt(commands, name)
}

/** Whether the line of a screen is above the caret now, and the caret not in a row that an editor has indented. */
const isAboveCaret = (seen: Observation.WithCaret, screen: PredictedScreen.PredictedScreen): boolean => {
  const { caret, frame } = seen
  const line = PredictedScreen.row(screen)
  const { column } = screen.caret
  const isLine = (cells: Row.Row): boolean =>
    FrameMatch.isSameText(cells, line, 0, column) && !PredictedScreen.isFree(cells, 0, column)
  const row = frame.rows.slice(0, caret.row).findLastIndex(isLine)
  if (row < 0) return false
  return row + 1 < caret.row || caret.column === 0 || !PredictedScreen.isFree(Observation.row(seen), 0, caret.column)
}
