/**
 * What commands may do to the line that a person edits: the hypotheses of prediction.
 *
 * Each is a guess of what a line editor means by a key. Which guess holds is learned from what the server shows (see
 * `Beliefs`); a guess that cannot say what will happen here says nothing.
 */
import * as Row from "../terminal/Row.ts"
import * as Draft from "./Draft.ts"
import * as Line from "./Line.ts"

/** The picture after the command; `undefined` when it cannot be told. */
export type Effect = (draft: Draft.Draft, line: Line.Line) => Draft.Draft | undefined

const move =
  (target: (line: Line.Line) => number | undefined): Effect =>
  (draft, line) => {
    const column = target(line)
    return column === undefined || column === line.column ? undefined : Draft.moveTo(draft, column)
  }

/** The first column that is not blank, at most the caret's. */
const firstInk = (line: Line.Line): number => {
  const { cells, column } = line
  let at = Line.leftEdge(line)
  while (at < column && Row.isBlank(cells, at)) at++
  return at === column ? Line.leftEdge(line) : at
}

/** Removes what is between the caret and a column. */
const removeTo =
  (target: (line: Line.Line) => number | undefined): Effect =>
  (draft, line) => {
    const other = target(line)
    if (other === undefined || other === line.column) return undefined
    return Draft.remove(draft, Math.min(other, line.column), Math.max(other, line.column), Line.tailEnd(line))
  }

const left = move((line) => (Line.isAtStart(line) ? undefined : Line.before(line)))
/** Before what a shell suggests, these take it over. */
const overSuggestion = (line: Line.Line): number | undefined =>
  line.suggestion === line.column ? Line.tailEnd({ ...line, suggestion: undefined }) : undefined
const right = move(
  (line) => overSuggestion(line) ?? (Line.hasTail(line) ? Draft.rightOf(line.cells, line.column) : undefined)
)
const toHome = move((line) => line.home)
const toFirstColumn = move(() => 0)
/** As `toHome`, in a row that begins with blanks. */
const toText = move((line) => firstInk(line))
const toEnd = move((line) => overSuggestion(line) ?? Line.tailEnd(line))
const wordLeft = move((line) => Line.wordStart(line, Line.isAlphanumeric))
const spacedWordLeft = move((line) => Line.wordStart(line, Line.isInk))
const toWordEnd = move((line) => Line.wordEnd(line, Line.isAlphanumeric))
const toNextWord = move((line) => Line.nextWord(line, Line.isAlphanumeric))
const toSpacedWordEnd = move((line) => Line.wordEnd(line, Line.isInk))

export const deleteLeft = removeTo((line) => (Line.isAtStart(line) ? undefined : Line.before(line)))
const deleteRight = removeTo((line) => (Line.hasTail(line) ? Draft.rightOf(line.cells, line.column) : undefined))
const killWord = removeTo((line) => Line.wordStart(line, Line.isInk))
const killPart = removeTo((line) => Line.wordStart(line, Line.isAlphanumeric))
const killNextPart = removeTo((line) => Line.wordEnd(line, Line.isAlphanumeric))
const killToHome = removeTo((line) => line.home)
const killToEnd = removeTo((line) => Line.tailEnd(line))
const killLine: Effect = (draft, line) =>
  line.home === undefined || line.home === Line.tailEnd(line)
    ? undefined
    : Draft.remove(draft, line.home, Line.tailEnd(line), Line.tailEnd(line))

/** Up or down, in an editor: only onto a character, for elsewhere editors differ. */
const vertical =
  (by: -1 | 1): Effect =>
  (draft, line) => {
    const row = draft.caret.row + by
    const cells = draft.rows[row]
    if (cells === undefined || draft.caret.painted || line.suggestion !== undefined) return undefined
    return Row.text(cells, line.column) === "" ? undefined : Draft.moveToRow(draft, row, line.column)
  }

/** At a prompt. What a shell suggests goes. */
const newLine: Effect = (draft, line) => toNextRow(withoutSuggestion(draft, line), line, Line.leftEdge(line))

/** In an editor, at a line's end, where nothing stands below: to where this line begins. */
const openLine: Effect = (draft, line) => (isOpenEnd(line) ? toNextRow(draft, line, firstInk(line)) : undefined)
/** The same where editors do not indent. */
const openUnindented: Effect = (draft, line) =>
  isOpenEnd(line) ? toNextRow(draft, line, Line.leftEdge(line)) : undefined

/** Whether nothing follows in the line, nor does it end with what editors of code indent the next one for. */
const isOpenEnd = (line: Line.Line): boolean =>
  !Line.hasTail(line) && (line.column === 0 || !":{[(".includes(Row.text(line.cells, line.column - 1) || " "))

const toNextRow = (draft: Draft.Draft, line: Line.Line, column: number): Draft.Draft | undefined =>
  Draft.toNextRow(draft, column, Line.leftEdge(line), Line.rightEdge(line))

const withoutSuggestion = (draft: Draft.Draft, line: Line.Line): Draft.Draft => {
  if (line.suggestion === undefined) return draft
  const end = Line.tailEnd({ ...line, suggestion: undefined })
  return end <= line.suggestion ? draft : Draft.remove(draft, line.suggestion, end, end)
}

/** What Enter is called where programs may take it otherwise: at the bottom, where it moves everything up, and in a text. */
const ENTER_AT_BOTTOM = "\r at the bottom"
const ENTER_IN_TEXT = "\r in a text"
const ENTER_IN_TEXT_AT_BOTTOM = "\r in a text, at the bottom"

/** The name under which it is learned what a command means at a draft's caret. */
export const named = (name: string, { caret, rows }: Draft.Draft, line: Line.Line): string => {
  if (name !== "\r") return name
  const atBottom = caret.row + 1 === rows.length
  if (Line.hasPrompt(line)) return atBottom ? ENTER_AT_BOTTOM : "\r"
  return atBottom ? ENTER_IN_TEXT_AT_BOTTOM : ENTER_IN_TEXT
}

/** Whether a name is that of Enter in a text. */
export const isInText = (name: string): boolean => name === ENTER_IN_TEXT || name === ENTER_IN_TEXT_AT_BOTTOM

/** What each command may mean, most likely first. */
const MEANINGS: ReadonlyMap<string, ReadonlyArray<Effect>> = new Map([
  ["\r", [newLine]],
  [ENTER_AT_BOTTOM, [newLine]],
  [ENTER_IN_TEXT, [openLine, openUnindented]],
  [ENTER_IN_TEXT_AT_BOTTOM, [openLine, openUnindented]],
  ["\x7f", [deleteLeft]],
  ["\x08", [deleteLeft]],
  ["\x1b[D", [left]],
  ["\x1b[C", [right]],
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

/** What a command may mean; nothing for most. */
export const meanings = (name: string): ReadonlyArray<Effect> => MEANINGS.get(name) ?? []

/** Commands that mean the same nearly everywhere: believed until they are seen to do otherwise. */
export const isCommonplace = (name: string): boolean => COMMONPLACE.has(name)

const COMMONPLACE: ReadonlySet<string> = new Set(["\x7f", "\x08", "\x1b[D", "\x1b[C"])

/** Commands that nearly every line editor knows, and means the same by: believed at a prompt before they are seen. */
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
