/**
 * What each command means to the program at the other end, as far as the server has shown it.
 */
import * as Row from "../../terminal/Row.ts"
import * as EditCommands from "./EditCommands.ts"
import type * as Line from "./Line.ts"
import * as PredictedScreen from "../PredictedScreen.ts"

/** By `EditCommands.named`. */
export type CommandModel = ReadonlyMap<string, Belief>

/** The assumed meaning of a command. */
export interface Belief {
  /** The index in `EditCommands.meanings`; their number if none of them holds. */
  readonly meaning: number
  /** Whether the server has shown it. */
  readonly confirmed: boolean
}

export const UNKNOWN: CommandModel = new Map()

const of = (model: CommandModel, name: string): Belief =>
  model.get(name) ?? { meaning: 0, confirmed: EditCommands.isUniversal(name) }

/** The screen after a command by its assumed meaning, and whether that is certain; `undefined` if none is assumed. */
export const apply = (
  model: CommandModel,
  name: string,
  screen: PredictedScreen.PredictedScreen,
  line: Line.Line
): { readonly screen: PredictedScreen.PredictedScreen; readonly confirmed: boolean } | undefined => {
  const { confirmed, meaning } = of(model, name)
  const after = EditCommands.meanings(name)[meaning]?.(screen, line)
  if (after === undefined) return undefined
  return { screen: after, confirmed: confirmed || (!model.has(name) && isUnambiguous(name, screen, line, after)) }
}

/** Whether the command is a usual one, and all that it may mean comes to the same here. */
const isUnambiguous = (
  name: string,
  screen: PredictedScreen.PredictedScreen,
  line: Line.Line,
  after: PredictedScreen.PredictedScreen
): boolean =>
  EditCommands.isUsual(name, line) &&
  EditCommands.meanings(name).every((meaning) => {
    const other = meaning(screen, line)
    return (
      other === undefined ||
      (other.caret.column === after.caret.column && Row.equals(PredictedScreen.row(other), PredictedScreen.row(after)))
    )
  })

/** The server showed the assumed meaning. */
export const confirm = (model: CommandModel, name: string): CommandModel => {
  const belief = of(model, name)
  return belief.confirmed ? model : set(model, name, { ...belief, confirmed: true })
}

/** The shell's line editor reads the line: Enter goes to the next row, unless the server has shown otherwise. */
export const assumeEnter = (model: CommandModel): CommandModel =>
  EditCommands.ENTER_AT_PROMPT.reduce((after, name) => (after.has(name) ? after : confirm(after, name)), model)

/**
 * The text after the prompt begins where it was taken to: there, commands that go left do nothing, unless the server has
 * shown otherwise.
 */
export const assumeHome = (model: CommandModel): CommandModel =>
  EditCommands.GOING_LEFT.map(EditCommands.atHome).reduce(
    (after, name) =>
      after.get(name)?.confirmed ? after : set(after, name, { meaning: EditCommands.STAY_AT_HOME, confirmed: true }),
    model
  )

/** Learns the first meaning of a command whose result `fits` what the server showed. Unchanged if there is none. */
export const recognise = (
  model: CommandModel,
  name: string,
  screen: PredictedScreen.PredictedScreen,
  line: Line.Line,
  fits: Fits
): CommandModel => {
  const meaning = fitting(name, screen, line, fits)
  return meaning < 0 ? model : set(model, name, { meaning, confirmed: true })
}

/** Whether the server shows a screen. */
type Fits = (screen: PredictedScreen.PredictedScreen) => boolean

/** The first meaning of a command whose result fits; -1 if there is none. */
const fitting = (name: string, screen: PredictedScreen.PredictedScreen, line: Line.Line, fits: Fits): number =>
  EditCommands.meanings(name).findIndex((meaning) => {
    const after = meaning(screen, line)
    return after !== undefined && fits(after)
  })

/** Whether the result of any meaning fits. */
export const isKnown = (...command: Parameters<typeof fitting>): boolean => fitting(...command) >= 0

/** The server showed no meaning of the command: a confirmed meaning becomes unconfirmed, an unconfirmed one is given up. */
export const doubt = (model: CommandModel, name: string): CommandModel => {
  const none = EditCommands.meanings(name).length
  if (none === 0) return model
  const { confirmed, meaning } = of(model, name)
  return set(model, name, { meaning: confirmed ? meaning : none, confirmed: false })
}

const set = (model: CommandModel, name: string, belief: Belief): CommandModel => new Map(model).set(name, belief)
