/**
 * The effect of one key: from the picture before it to the picture after it.
 */
import * as Row from "../terminal/Row.ts"
import * as CommandModel from "./program/CommandModel.ts"
import * as EditCommands from "./program/EditCommands.ts"
import * as Key from "./Key.ts"
import * as Line from "./program/Line.ts"
import * as LineEndModel from "./program/LineEndModel.ts"
import * as Picture from "./Picture.ts"
import * as PredictedScreen from "./PredictedScreen.ts"
import type { ProgramModel } from "./program/ProgramModel.ts"
import * as WrapRule from "./program/WrapRule.ts"

/** The picture after a key. */
export const after = (before: Picture.Picture, key: Key.Key, program: ProgramModel): Picture.Picture => {
  const { nextEpoch: current, screen } = before
  if (screen === undefined) return before
  const line = Picture.lineOf(screen, before)
  const outcome =
    key._tag === "Character"
      ? character(screen, line, key.codePoint, key.width, program)
      : command(screen, line, key.name, program)
  if (outcome === undefined) return Picture.unknown(current + 1)
  const { uncertain, ...rest } = outcome
  const epoch = uncertain ? current + 1 : current
  return { ...rest, epoch, nextEpoch: Key.isEnter(key) ? epoch + 1 : epoch }
}

interface Outcome extends Line.Bounds {
  readonly screen: PredictedScreen.PredictedScreen
  /** Whether the key may well do something else. */
  readonly uncertain: boolean
}

const command = (
  screen: PredictedScreen.PredictedScreen,
  line: Line.Line,
  name: string,
  program: ProgramModel
): Outcome | undefined => {
  const { home, suggestion } = line
  if (isFocusReport(name)) return { screen, suggestion, home, uncertain: false }
  const applied = CommandModel.apply(program.commands, EditCommands.named(name, screen, line), screen, line)
  if (applied === undefined) return undefined
  const { confirmed, screen: changed } = applied
  // At the bottom of the screen Enter leaves the caret in its row.
  if (name === "\r" || changed.caret.row !== screen.caret.row)
    return { screen: changed, ...Picture.UNKNOWN_BOUNDS, uncertain: !confirmed }
  // A suggestion stays behind the text, which a deletion makes shorter.
  const removed = changed.rows === screen.rows ? 0 : screen.caret.column - changed.caret.column
  const { column } = changed.caret
  const intoPrompt = home === undefined ? removed > 0 && Row.isBlank(line.cells, column) : column < home
  return {
    screen: changed,
    suggestion: suggestion === undefined || column > suggestion ? undefined : suggestion - removed,
    home: home !== undefined && column < home ? undefined : home,
    uncertain: !confirmed || intoPrompt
  }
}

/** Sent by the terminal itself when it gets or loses the keyboard. */
const isFocusReport = (name: string): boolean => name === "\x1b[I" || name === "\x1b[O"

const character = (
  screen: PredictedScreen.PredictedScreen,
  line: Line.Line,
  codePoint: number,
  width: 0 | 1 | 2,
  { lineEnds, overwrites }: ProgramModel
): Outcome | undefined => {
  const { cells, column, home, suggestion } = line
  if (width === 0) {
    const combined = PredictedScreen.combine(screen, codePoint)
    return column === 0 ? undefined : { screen: combined, suggestion, home, uncertain: false }
  }
  const { rule } = lineEnds
  if (WrapRule.appliesTo(rule, line) && WrapRule.isDue(rule, screen, line, codePoint, width)) {
    const wrapped = WrapRule.put(rule, screen, line, codePoint, width)
    return wrapped === undefined ? undefined : { screen: wrapped, ...Picture.UNKNOWN_BOUNDS, uncertain: false }
  }
  if (isWrapPending(lineEnds, line)) return wrapPending(screen, codePoint, width)
  const edge = Line.rightEdge(line)
  const fills = column + width === edge
  // The character does not fit into the row, or the row is full and the caret still in its last column.
  if (column + width > edge || (fills && !Row.isBlank(cells, column))) return undefined
  const replaces = suggestion === column || overwrites || !Line.hasTail(line)
  // Text pushed out of the row is not predicted; nor is the last column, where editors mark that the line continues.
  const tail = Line.tailEnd(line)
  const padding = LineEndModel.paddingOf(lineEnds, line)
  const end = tail + width > edge - padding ? edge - width - Math.max(1, padding) : tail
  const shift = replaces ? undefined : { from: column, to: end, target: column + width }
  const put = PredictedScreen.put(screen, codePoint, width, shift)
  if (fills) return fillRow(put, line, lineEnds)
  return {
    screen: put,
    suggestion: suggestion === undefined ? undefined : Math.max(suggestion, column) + width,
    home,
    uncertain: LineEndModel.isUncertain(lineEnds, line, codePoint, width)
  }
}

/** Whether the caret is on the last column only because a character filled the row. */
const isWrapPending = ({ wrapsLate }: LineEndModel.LineEndModel, { cells, column }: Line.Line): boolean =>
  wrapsLate && column + 1 === Row.columns(cells) && !Row.isBlank(cells, column)

/** The character goes to the next row, as the terminal wraps. */
const wrapPending = (screen: PredictedScreen.PredictedScreen, codePoint: number, width: 1 | 2): Outcome | undefined => {
  const columns = Row.columns(PredictedScreen.row(screen))
  const next = PredictedScreen.toNextRow(screen, 0, 0, columns)
  if (next === undefined || width >= columns) return undefined
  return {
    screen: PredictedScreen.put(next, codePoint, width, undefined),
    ...Picture.UNKNOWN_BOUNDS,
    uncertain: false
  }
}

/** The last column was filled: the caret goes to the next row, or stays there until the next character does. */
const fillRow = (
  screen: PredictedScreen.PredictedScreen,
  line: Line.Line,
  { boxPadding, wraps, wrapsLate }: LineEndModel.LineEndModel
): Outcome | undefined => {
  if (wrapsLate && screen.caret.column === Row.columns(line.cells)) {
    const filled = { ...screen, caret: { ...screen.caret, column: screen.caret.column - 1 } }
    return { screen: filled, ...Picture.UNKNOWN_BOUNDS, uncertain: false }
  }
  const from = Line.leftEdge(line)
  const below = screen.rows[screen.caret.row + 1]
  if (below !== undefined && PredictedScreen.isFiller(below)) return undefined
  const wrapped = PredictedScreen.toNextRow(screen, from, from, Line.rightEdge(line))
  const uncertain = !wraps || (boxPadding > 0 && Line.room(line).wall)
  return wrapped === undefined ? undefined : { screen: wrapped, ...Picture.UNKNOWN_BOUNDS, uncertain }
}
