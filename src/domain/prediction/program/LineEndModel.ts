/**
 * What has been learned of a line's right end: where the program continues in the next row, or does something else.
 */
import * as Line from "./Line.ts"
import { BOX_PADDING, MARGIN_ERROR, ROW_PADDING } from "../Tuning.ts"
import * as WrapRule from "./WrapRule.ts"

export interface LineEndModel {
  /** Whether a full row has been seen to continue in the next. */
  readonly wraps: boolean
  /**
   * Whether the caret stays on the last column after a character filled the row, and the next character goes to the next
   * row: a terminal's own wrap, which programs get that leave it to the terminal.
   */
  readonly wrapsLate: boolean
  readonly wordMargin: WordMargin
  /** How many columns a box is assumed to keep free before its wall. */
  readonly boxPadding: number
  /**
   * How many columns a box keeps free before its wall when text is pushed out of the row; `undefined` until the server has
   * shown that it pushes text out.
   */
  readonly pushPadding: number | undefined
  /** How many columns a row without a wall is assumed to keep free at its end. */
  readonly rowPadding: number
  /** How a full line was seen to continue in the next row. */
  readonly rule: WrapRule.WrapRule | undefined
}

/** Where words are taken to the next row; both `Infinity` until one was. */
export interface WordMargin {
  /** The column at which one was. */
  readonly seen: number
  /** The first column where it may happen: one after the last that took a character. */
  readonly from: number
}

const NO_MARGIN: WordMargin = { seen: Infinity, from: Infinity }

export const UNKNOWN: LineEndModel = {
  wraps: false,
  wrapsLate: false,
  wordMargin: NO_MARGIN,
  boxPadding: BOX_PADDING,
  pushPadding: undefined,
  rowPadding: ROW_PADDING,
  rule: undefined
}

/** Whether a character at the caret may well be put elsewhere. */
export const isUncertain = (
  { boxPadding, pushPadding, rowPadding, rule, wordMargin }: LineEndModel,
  line: Line.Line,
  codePoint: number,
  width: number
): boolean => {
  if (WrapRule.appliesTo(rule, line)) return !WrapRule.isCertain(rule, line, codePoint, width)
  if (line.column >= wordMargin.from) return true
  const { columns, wall } = Line.room(line)
  // Text that is pushed to the next row is not seen there.
  if (Line.hasTail(line)) return wall && pushPadding === undefined && columns < width + boxPadding
  return columns < width + (wall ? boxPadding : rowPadding)
}

/** The number of columns before the wall, or the end of the row, in which a line has no text that is pushed. */
export const paddingOf = ({ pushPadding }: LineEndModel, line: Line.Line): number =>
  pushPadding === undefined || !Line.room(line).wall ? 0 : pushPadding

/** The paddings that push text out of a line when a character is typed before it, the largest first. */
export const pushPaddings = (line: Line.Line, width: number): ReadonlyArray<number> => {
  const { columns, wall } = Line.room(line)
  if (!wall || !Line.hasTail(line)) return []
  return [...Array(BOX_PADDING + 1).keys()].filter((padding) => columns < width + padding).toReversed()
}

/** A character was put at the caret, and the line continued after it, or in the next row if it `wrapped`. */
export const passed = (model: LineEndModel, line: Line.Line, width: number, wrapped: boolean): LineEndModel => {
  const rule = WrapRule.appliesTo(model.rule, line) ? model.rule : undefined
  if (rule !== undefined && wrapped) return model
  if (rule !== undefined && line.column >= rule.certainUntil)
    return { ...model, rule: { ...rule, certainUntil: Math.min(line.column + 1, rule.column) } }
  const room = Line.room(line)
  const free = wrapped ? 0 : room.columns - width
  const atEnd = !Line.hasTail(line)
  const wraps = model.wraps || wrapped
  const wordMargin = marginPassed(model.wordMargin, line.column)
  const boxPadding = atEnd && room.wall ? Math.min(model.boxPadding, free) : model.boxPadding
  const rowPadding = atEnd && !room.wall ? Math.min(model.rowPadding, free) : model.rowPadding
  const same =
    wraps === model.wraps &&
    wordMargin === model.wordMargin &&
    boxPadding === model.boxPadding &&
    rowPadding === model.rowPadding
  return same ? model : { ...model, wraps, wordMargin, boxPadding, rowPadding }
}

const marginPassed = (margin: WordMargin, column: number): WordMargin => {
  if (column < margin.from) return margin
  return column >= margin.seen + MARGIN_ERROR ? NO_MARGIN : { ...margin, from: column + 1 }
}

/** The word at a column was taken to the next row. */
export const wordWrapped = (model: LineEndModel, column: number): LineEndModel =>
  column >= model.wordMargin.seen ? model : { ...model, wordMargin: { seen: column, from: column } }
