/**
 * The marks of a session's lines, of which the newest are kept (`KeptEvents`): where prompts, input and output of commands begin
 * (OSC 133, `PromptMark`), and where a program sets a mark (OSC 1337 `SetMark`).
 *
 * A mark belongs to a line, which keeps its number when it scrolls off the screen (`ScreenPosition`). So a client that draws a
 * frame knows where its marks are, and those of the history, whatever scrolled since the mark was set.
 */
import * as OscText from "../display/OscText.ts"
import * as KeptEvents from "./KeptEvents.ts"
import * as PromptMark from "./PromptMark.ts"

export interface Mark {
  /** The number of the line: how many rows scrolled off the screen before it. */
  readonly line: number
  /** The column, from 0. */
  readonly column: number
  /** The text of the OSC that sets the mark. */
  readonly osc: string
}

export type KeptMarks = KeptEvents.KeptEvents<Mark>

export const NONE: KeptMarks = { count: 0, kept: [] }

/** Number of marks that are kept: those of eight commands. */
export const MAX_KEPT = 32

/** The OSC that sets a mark of iTerm2. */
export const SET_MARK = "1337;SetMark"

const PROMPT_MARK = "133;"
const NUMBERED = /^#(\d{1,15});(\d{1,15});(\d{1,4});(.{1,32})$/

/** The OSC that sets the mark of a prompt. */
export const oscOf = (mark: PromptMark.PromptMark): string => PROMPT_MARK + PromptMark.format(mark)

/** Whether a text is an OSC that sets a mark, in the form in which `oscOf` makes it. */
export const isMark = (osc: string): boolean => {
  if (osc === SET_MARK) return true
  const mark = osc.startsWith(PROMPT_MARK) ? PromptMark.parse(osc.slice(PROMPT_MARK.length)) : undefined
  return mark !== undefined && oscOf(mark) === osc
}

export const add = (before: KeptMarks, mark: Mark): KeptMarks => KeptEvents.add(before, mark, MAX_KEPT)

/** The sequences that bring a peer's marks up to date: `OSC 133 ; #NUMBER ; LINE ; COLUMN ; OSC`. */
export const diff = (from: KeptMarks, to: KeptMarks): string => {
  if (from === to || to.count <= from.count) return ""
  const { list } = KeptEvents.since(to, from.count)
  return list
    .filter(([, { osc }]) => isMark(osc))
    .map(([number, { column, line, osc }]) => `\x1b]133;#${number};${line};${column};${osc}\x07`)
    .join("")
}

/** The marks after `OSC 133 ; text` of another end of effect-mosh. */
export const read = (before: KeptMarks, text: string): KeptMarks => {
  const [, number, line, column, osc = ""] = NUMBERED.exec(text) ?? []
  if (number === undefined || !isMark(osc)) return before
  const mark = { line: Number(line), column: Number(column), osc: OscText.copy(osc) }
  return KeptEvents.addNumbered(before, Number(number), mark, MAX_KEPT)
}

export const equals = (a: KeptMarks, b: KeptMarks): boolean =>
  KeptEvents.equals(a, b, (a, b) => a === b || (a.line === b.line && a.column === b.column && a.osc === b.osc))
