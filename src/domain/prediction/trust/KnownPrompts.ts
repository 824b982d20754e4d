/**
 * The prompts at which the shell's line editor has echoed what was typed in this session.
 *
 * A prompt is known by the place in the shell that reads the line (`InputEcho`) and by its end: the two columns left of the caret.
 * Directories, branches and times before that change with every command. A row without any ink left of the caret has no prompt.
 */
import * as PredictedScreen from "../PredictedScreen.ts"
import * as Row from "../../terminal/Row.ts"

/** The newest last. */
export type KnownPrompts = ReadonlyArray<string>

export const NONE: KnownPrompts = []

/** Prompts that are remembered: of the primary and the secondary prompt, `read` and the like. */
const MAX_PROMPTS = 64
/** Columns left of the caret that must match: most prompts end in a sign and a blank. */
const END = 2

/** The prompt of a screen; `undefined` if there is none. */
export const of = (screen: PredictedScreen.PredictedScreen, place: number): string | undefined => {
  const { column } = screen.caret
  const cells = PredictedScreen.row(screen)
  if (PredictedScreen.isFree(cells, 0, column)) return undefined
  let text = `${place} `
  for (let x = Math.max(0, column - END); x < column; x++) text += Row.isBlank(cells, x) ? " " : Row.text(cells, x)
  return text
}

/** The prompt of the line that was edited last, and the column after it. */
export interface LastPrompt {
  readonly prompt: string
  readonly column: number
}

/** The prompt of a screen whose caret is at the beginning of the line. */
export const lastOf = (screen: PredictedScreen.PredictedScreen, place: number): LastPrompt | undefined => {
  const prompt = of(screen, place)
  return prompt === undefined ? undefined : { prompt, column: screen.caret.column }
}

/** Where the line begins that the caret is in, if its row still begins with the prompt of the line that was edited last. */
export const homeAfter = (
  last: LastPrompt | undefined,
  screen: PredictedScreen.PredictedScreen,
  place: number
): number | undefined => {
  if (last === undefined || screen.caret.column < last.column) return undefined
  const { column } = last
  return of({ ...screen, caret: { ...screen.caret, column } }, place) === last.prompt ? column : undefined
}

/** Whether the line that was edited last had a known prompt of this place. */
export const isLast = (prompts: KnownPrompts, last: LastPrompt | undefined, place: number): boolean =>
  last !== undefined && last.prompt.startsWith(`${place} `) && prompts.includes(last.prompt)

/** Whether a known prompt ends at a column of the caret's row, and the caret is not left of that. */
export const isBefore = (
  prompts: KnownPrompts,
  screen: PredictedScreen.PredictedScreen,
  place: number,
  column: number
): boolean => {
  if (column > screen.caret.column) return false
  const prompt = of({ ...screen, caret: { ...screen.caret, column } }, place)
  return prompt !== undefined && prompts.includes(prompt)
}

/** Adds a prompt, or makes it the newest. */
export const learn = (prompts: KnownPrompts, prompt: string): KnownPrompts =>
  prompts.at(-1) === prompt ? prompts : [...prompts.filter((known) => known !== prompt), prompt].slice(-MAX_PROMPTS)
