/**
 * What follows from a frame that shows what a command did, where that was unknown or predicted otherwise.
 */
import * as Row from "../../terminal/Row.ts"
import type * as Caret from "../Caret.ts"
import * as CommandModel from "./CommandModel.ts"
import * as EditCommands from "./EditCommands.ts"
import * as Epoch from "../trust/Epoch.ts"
import * as FrameMatch from "../FrameMatch.ts"
import type * as Line from "./Line.ts"
import * as Observation from "../Observation.ts"
import * as Picture from "../Picture.ts"
import * as PredictedScreen from "../PredictedScreen.ts"
import type { ProgramModel } from "./ProgramModel.ts"
import type { Prediction } from "../State.ts"
import * as Timeline from "../Timeline.ts"

/**
 * The timeline as it is if the next key, an editing command of unknown effect, does nothing where it was pressed.
 * `undefined` if the next key is none.
 */
export const withoutNext = ({ program, timeline }: Prediction): Timeline.Timeline | undefined => {
  const [next, ...rest] = timeline.entries
  if (next === undefined || next.picture.screen !== undefined || !EditCommands.staysInLine(next.key)) return undefined
  return Timeline.predict(timeline.start, rest, program)
}

/** How keys act if commands that go left have no effect where the text after the prompt begins. */
interface StayingAtHome {
  readonly timeline: Timeline.Timeline
  readonly program: ProgramModel
  /** The number of keys up to and with the first such command. */
  readonly from: number
}

/** `undefined` if there is no such command in the timeline, or the server has shown what they do. */
export const stayingAtHome = ({ program, timeline }: Prediction): StayingAtHome | undefined => {
  const first = timeline.entries.findIndex(({ key }, i) => {
    const before = Timeline.pictureAfter(timeline, i)
    if (key._tag !== "Command" || before.screen === undefined) return false
    return EditCommands.isAtHome(key.name, Picture.lineOf(before.screen, before))
  })
  const commands = first < 0 ? program.commands : CommandModel.assumeHome(program.commands)
  if (commands === program.commands) return undefined
  const staying = { ...program, commands }
  return { program: staying, timeline: Timeline.predict(timeline.start, timeline.entries, staying), from: first + 1 }
}

/** The frame shows what the last of the first `count` keys, a command of unknown effect, did. */
export const revealed = (state: Prediction, seen: Observation.Observation, count: number): Prediction => {
  const before = Timeline.pictureAfter(state.timeline, count - 1)
  const { key } = Timeline.lastOf(state.timeline, count)
  if (key._tag !== "Command" || before.screen === undefined || !Observation.hasCaret(seen))
    return Epoch.begin(state, seen, count, "nothing")
  const staysInLine =
    EditCommands.staysInLine(key) && isSameLine(seen, before) && !movedToNextField(seen, before.screen, key.name)
  const name = EditCommands.named(key.name, before.screen, Picture.lineOf(before.screen, before))
  const learned = recognise(state, seen, name, before, before.screen)
  return beginAfter(learned, seen, count, before, staysInLine)
}

/** The last of the first `count` keys, a command other than Enter, did something else than predicted. */
export const contradicted = (state: Prediction, seen: Observation.Observation, count: number): Prediction => {
  const before = Timeline.pictureAfter(state.timeline, count - 1)
  const { key } = Timeline.lastOf(state.timeline, count)
  if (key._tag !== "Command" || before.screen === undefined || !Observation.hasCaret(seen))
    return Epoch.begin(state, seen, count, "nothing")
  const name = EditCommands.named(key.name, before.screen, Picture.lineOf(before.screen, before))
  const learned = recognise(state, seen, name, before, before.screen)
  if (learned !== state) {
    const inherited = Epoch.inheritedAfter(state, before)
    return Epoch.begin(
      learned,
      seen,
      count,
      inherited === "nothing" ? "motion" : inherited,
      boundsAt(before, seen.caret)
    )
  }
  const doubting = state.unconfirmedKeys > 0 ? state : doubt(state, name)
  return beginAfter(doubting, seen, count, before, isSameLine(seen, before))
}

const recognise = (
  state: Prediction,
  seen: Observation.WithCaret,
  name: string,
  before: Picture.Picture,
  screen: PredictedScreen.PredictedScreen
): Prediction => {
  const commands = CommandModel.recognise(
    state.program.commands,
    name,
    screen,
    Picture.lineOf(screen, before),
    (after) => FrameMatch.showsRow(seen, after)
  )
  return withCommands(state, commands)
}

const doubt = (state: Prediction, name: string): Prediction =>
  withCommands(state, CommandModel.doubt(state.program.commands, name))

const withCommands = (state: Prediction, commands: CommandModel.CommandModel): Prediction =>
  commands === state.program.commands ? state : { ...state, program: { ...state.program, commands } }

/** Begins an epoch after a command, which inherits the trust in the line if the caret stayed in it. */
const beginAfter = (
  state: Prediction,
  seen: Observation.WithCaret,
  count: number,
  before: Picture.Picture,
  staysInLine: boolean
): Prediction =>
  staysInLine
    ? Epoch.begin(state, seen, count, Epoch.inheritedAfter(state, before), boundsAt(before, seen.caret))
    : Epoch.begin(state, seen, count, "nothing")

/** Whether a frame's caret is still in the line of a picture, and that has the same beginning. */
const isSameLine = (seen: Observation.WithCaret, { home, screen }: Picture.Picture): boolean => {
  if (screen === undefined) return false
  const { caret } = seen
  const from = screen.caret
  if (caret.row !== from.row || caret.softwareCursor !== from.softwareCursor) return false
  if (home === undefined ? caret.column <= from.column : caret.column < home) return false
  return FrameMatch.isSameText(Observation.row(seen), PredictedScreen.row(screen), 0, home ?? from.column)
}

/** Whether Tab moved to what may be another field of a form, instead of completing the text. */
const movedToNextField = (
  seen: Observation.WithCaret,
  screen: PredictedScreen.PredictedScreen,
  name: string
): boolean => {
  const { column } = screen.caret
  if (name !== "\t" || seen.caret.column === column) return false
  return Row.textEquals(Observation.row(seen), column, PredictedScreen.row(screen), column)
}

/** The bounds of a line after the caret moved in it: it may have accepted a part of the suggestion. */
const boundsAt = ({ home, suggestion }: Picture.Picture, { column }: Caret.Caret): Line.Bounds => ({
  home,
  suggestion: suggestion !== undefined && column >= suggestion ? column : undefined
})
