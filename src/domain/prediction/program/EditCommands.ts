/**
 * What commands may do to the line that the user edits: the hypotheses of prediction.
 *
 * A command has one or more meanings, in different line editors. `CommandModel` learns from the server's frames which one
 * holds. A meaning gives no result where its effect cannot be computed from the screen.
 */
import * as Row from "../../terminal/Row.ts"
import * as PredictedScreen from "../PredictedScreen.ts"
import * as Key from "../Key.ts"
import * as Line from "./Line.ts"

/** The screen after the command; `undefined` if it cannot be computed. */
export type EditCommand = (
  screen: PredictedScreen.PredictedScreen,
  line: Line.Line
) => PredictedScreen.PredictedScreen | undefined

const move =
  (target: (line: Line.Line) => number | undefined): EditCommand =>
  (screen, line) => {
    const column = target(line)
    return column === undefined || column === line.column ? undefined : PredictedScreen.moveTo(screen, column)
  }

/** The line's first column that is not blank; its left edge if there is none before the caret. */
const firstInk = (line: Line.Line): number => {
  const { cells, column } = line
  let at = Line.leftEdge(line)
  while (at < column && Row.isBlank(cells, at)) at++
  return at === column ? Line.leftEdge(line) : at
}

/** Removes the text between the caret and a column. */
const removeTo =
  (target: (line: Line.Line) => number | undefined): EditCommand =>
  (screen, line) => {
    const other = target(line)
    if (other === undefined || other === line.column) return undefined
    return PredictedScreen.remove(
      screen,
      Math.min(other, line.column),
      Math.max(other, line.column),
      Line.tailEnd(line)
    )
  }

const left = move((line) => (Line.isAtStart(line) ? undefined : Line.before(line)))
/** The end of a shell's suggestion, which commands that go right accept at its beginning. */
const overSuggestion = (line: Line.Line): number | undefined =>
  line.suggestion === line.column ? Line.tailEnd({ ...line, suggestion: undefined }) : undefined
const right = move(
  (line) => overSuggestion(line) ?? (Line.hasTail(line) ? PredictedScreen.rightOf(line.cells, line.column) : undefined)
)
const toHome = move((line) => line.home)
const toFirstColumn = move(() => 0)
/** To the first character of an indented row. */
const toText = move((line) => firstInk(line))
/** A line that fills its row, or its box, may end in another one. */
const toEnd = move((line) => {
  const end = overSuggestion(line) ?? Line.tailEnd(line)
  return end === Line.rightEdge(line) ? undefined : end
})
const wordLeft = move((line) => Line.wordStart(line, Line.isAlphanumeric))
const spacedWordLeft = move((line) => Line.wordStart(line, Line.isInk))
const toWordEnd = move((line) => Line.wordEnd(line, Line.isAlphanumeric))
const toNextWord = move((line) => Line.nextWord(line, Line.isAlphanumeric))
const toSpacedWordEnd = move((line) => Line.wordEnd(line, Line.isInk))

export const deleteLeft = removeTo((line) => (Line.isAtStart(line) ? undefined : Line.before(line)))
const deleteRight = removeTo((line) =>
  Line.hasTail(line) ? PredictedScreen.rightOf(line.cells, line.column) : undefined
)
const killWord = removeTo((line) => Line.wordStart(line, Line.isInk))
const killPart = removeTo((line) => Line.wordStart(line, Line.isAlphanumeric))
const killNextPart = removeTo((line) => Line.wordEnd(line, Line.isAlphanumeric))
const killToHome = removeTo((line) => line.home)
const killToEnd = removeTo((line) => Line.tailEnd(line))
const killLine: EditCommand = (screen, line) =>
  line.home === undefined || line.home === Line.tailEnd(line)
    ? undefined
    : PredictedScreen.remove(screen, line.home, Line.tailEnd(line), Line.tailEnd(line))

/** Up or down, in an editor. Only onto a character: editors differ where the other row is shorter. */
const vertical =
  (by: -1 | 1): EditCommand =>
  (screen, line) => {
    const row = screen.caret.row + by
    const cells = screen.rows[row]
    if (cells === undefined || screen.caret.softwareCursor || line.suggestion !== undefined) return undefined
    return Row.text(cells, line.column) === "" ? undefined : PredictedScreen.moveToRow(screen, row, line.column)
  }

/** At a prompt: the suggestion is removed, and the caret goes to the next row. */
const newLine: EditCommand = (screen, line) => toNextRow(withoutSuggestion(screen, line), line, Line.leftEdge(line))

/** In an editor, at the end of a line above a free row: the next line is indented as this one. */
const openLine: EditCommand = (screen, line) => (isOpenEnd(line) ? toNextRow(screen, line, firstInk(line)) : undefined)
/** As `openLine`, in editors that do not indent. */
const openUnindented: EditCommand = (screen, line) =>
  isOpenEnd(line) ? toNextRow(screen, line, Line.leftEdge(line)) : undefined

/** Whether the caret is at the end of a line that does not end with a character after which code editors indent. */
const isOpenEnd = (line: Line.Line): boolean =>
  !Line.hasTail(line) && (line.column === 0 || !":{[(".includes(Row.text(line.cells, line.column - 1) || " "))

const toNextRow = (
  screen: PredictedScreen.PredictedScreen,
  line: Line.Line,
  column: number
): PredictedScreen.PredictedScreen | undefined =>
  PredictedScreen.toNextRow(screen, column, Line.leftEdge(line), Line.rightEdge(line))

const withoutSuggestion = (
  screen: PredictedScreen.PredictedScreen,
  line: Line.Line
): PredictedScreen.PredictedScreen => {
  if (line.suggestion === undefined) return screen
  const end = Line.tailEnd({ ...line, suggestion: undefined })
  return end <= line.suggestion ? screen : PredictedScreen.remove(screen, line.suggestion, end, end)
}

/** In a line editor, where the text begins: there is nothing left of the caret. */
const stay: EditCommand = (screen) => screen

/** The names of commands that go left, where the text after a prompt begins. */
export const atHome = (name: string): string => `${name} at home`

/** Names of Enter where it does something else: in the last row, where it scrolls the screen, and in a text. */
const ENTER_AT_BOTTOM = "\r at the bottom"
const ENTER_IN_TEXT = "\r in a text"
const ENTER_IN_TEXT_AT_BOTTOM = "\r in a text, at the bottom"

/** The names of Enter at a prompt. */
export const ENTER_AT_PROMPT: ReadonlyArray<string> = ["\r", ENTER_AT_BOTTOM]

/** The name by which `CommandModel` learns the meaning of a command at a screen's caret. */
export const named = (name: string, { caret, rows }: PredictedScreen.PredictedScreen, line: Line.Line): string => {
  if (name !== "\r") return isAtHome(name, line) ? atHome(name) : name
  const atBottom = caret.row + 1 === rows.length
  if (Line.hasPrompt(line)) return atBottom ? ENTER_AT_BOTTOM : "\r"
  return atBottom ? ENTER_IN_TEXT_AT_BOTTOM : ENTER_IN_TEXT
}

/** The meaning of a command at home that has no effect: an index of its `meanings`. */
export const STAY_AT_HOME = 1

/** Whether a command goes left and the caret is where the text after a prompt begins. */
export const isAtHome = (name: string, line: Line.Line): boolean =>
  line.column === line.home && GOING_LEFT.includes(name) && Line.hasPrompt(line)

/** Commands that have no effect where a line editor's text begins. */
export const GOING_LEFT: ReadonlyArray<string> = ["\x7f", "\x08", "\x1b[D", "\x02"]

/** Whether a name is one of Enter in a text. */
export const isInText = (name: string): boolean => name === ENTER_IN_TEXT || name === ENTER_IN_TEXT_AT_BOTTOM

/** The meanings of each command, most likely first. */
const MEANINGS: ReadonlyMap<string, ReadonlyArray<EditCommand>> = new Map([
  ["\r", [newLine]],
  [ENTER_AT_BOTTOM, [newLine]],
  [ENTER_IN_TEXT, [openLine, openUnindented]],
  [ENTER_IN_TEXT_AT_BOTTOM, [openLine, openUnindented]],
  ["\x7f", [deleteLeft]],
  ["\x08", [deleteLeft]],
  ["\x1b[D", [left]],
  ["\x1b[C", [right]],
  [atHome("\x7f"), [deleteLeft, stay]],
  [atHome("\x08"), [deleteLeft, stay]],
  [atHome("\x1b[D"), [left, stay]],
  [atHome("\x02"), [left, stay]],
  ["\x02", [left]],
  ["\x06", [right]],
  ["\x1b[A", [vertical(-1)]],
  ["\x1b[B", [vertical(1)]],
  ["\x10", [vertical(-1)]],
  ["\x0e", [vertical(1)]],
  ["\x01", [toHome, toFirstColumn, toText]],
  ["\x1b[H", [toHome, toFirstColumn, toText]],
  ["\x1b[1~", [toHome, toFirstColumn, toText]],
  ["\x05", [toEnd]],
  ["\x1b[F", [toEnd]],
  ["\x1b[4~", [toEnd]],
  ["\x1bb", [wordLeft, spacedWordLeft]],
  ["\x1b[1;5D", [wordLeft, spacedWordLeft]],
  ["\x1b[1;3D", [wordLeft, spacedWordLeft]],
  ["\x1bf", [toWordEnd, toNextWord, toSpacedWordEnd]],
  ["\x1b[1;5C", [toWordEnd, toNextWord, toSpacedWordEnd]],
  ["\x1b[1;3C", [toWordEnd, toNextWord, toSpacedWordEnd]],
  ["\x17", [killWord, killPart]],
  ["\x1b\x7f", [killPart]],
  ["\x1bd", [killNextPart]],
  ["\x15", [killToHome, killLine]],
  ["\x0b", [killToEnd]],
  ["\x04", [deleteRight]],
  ["\x1b[3~", [deleteRight]]
])

/** The meanings of a command, most likely first; none for most commands. */
export const meanings = (name: string): ReadonlyArray<EditCommand> => MEANINGS.get(name) ?? []

/** Whether a command means the same nearly everywhere: its effect is shown until the server contradicts it. */
export const isUniversal = (name: string): boolean => UNIVERSAL.has(name)

const UNIVERSAL: ReadonlySet<string> = new Set(["\x7f", "\x08", "\x1b[D", "\x1b[C"])

/** Whether a key is a command with which line editors change the line and continue to edit it. */
export const staysInLine = (key: Key.Key): boolean =>
  key._tag === "Command" &&
  !Key.isEnter(key) &&
  (meanings(key.name).length > 0 || key.name === "\t" || key.name === "\x19" || key.name === "\x1b.")

/** Whether nearly every line editor has a command, with these meanings: at a prompt its effect is shown before it was seen. */
export const isUsual = (name: string, line: Line.Line): boolean => USUAL.has(name) && Line.hasPrompt(line)

const USUAL: ReadonlySet<string> = new Set([
  "\x01",
  "\x05",
  "\x15",
  "\x17",
  "\x0b",
  "\x1b[H",
  "\x1b[F",
  "\x1b[1~",
  "\x1b[4~",
  "\x1b[3~",
  "\x1bb",
  "\x1bf",
  "\x1bd",
  "\x1b\x7f",
  "\x1b[1;5D",
  "\x1b[1;5C"
])
