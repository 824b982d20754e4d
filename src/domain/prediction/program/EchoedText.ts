/**
 * Finds typed text left of a frame's caret, wherever that is: text that arrived elsewhere than predicted.
 */
import type { Frame } from "../../terminal/Frame.ts"
import type * as Row from "../../terminal/Row.ts"
import * as Caret from "../Caret.ts"
import * as FrameMatch from "../FrameMatch.ts"
import * as Observation from "../Observation.ts"
import * as PredictedScreen from "../PredictedScreen.ts"
import type { TypedKey } from "../Timeline.ts"

/** The oldest keys that stand left of a caret. */
export interface Arrived {
  readonly count: number
  /** The column where the first of them stands; the caret's if there are none. */
  readonly column: number
}

const SPACE = 0x20

/** How many of the oldest keys, all characters but not blanks alone, stand left of the caret. */
export const arrived = (seen: Observation.WithCaret, keys: ReadonlyArray<TypedKey>): Arrived =>
  standing(seen, keys, ({ key }) => key._tag === "Character" && key.codePoint > SPACE)

/**
 * The oldest of the keys, as many as fit between `start` and the caret, if the `before` keys were shown as well.
 * Without that bound, all keys of a line of one repeated letter stand left of the caret as soon as one of them does.
 */
export const reachable = (
  start: Caret.Caret | undefined,
  { caret, frame }: Observation.WithCaret,
  before: ReadonlyArray<TypedKey>,
  keys: ReadonlyArray<TypedKey>
): ReadonlyArray<TypedKey> => {
  if (start === undefined || before.some(({ key }) => key._tag === "Command")) return keys
  const isWrapped = caret.row > start.row || caret.column < start.column
  const rows = isWrapped ? Math.max(1, caret.row - start.row) : 0
  let room = rows * frame.size.columns + caret.column - start.column - widthOf(before)
  const end = keys.findIndex((typed) => (room -= widthOf([typed])) < 0)
  return end < 0 ? keys : keys.slice(0, end)
}

const widthOf = (keys: ReadonlyArray<TypedKey>): number =>
  keys.reduce((width, { key }) => width + (key._tag === "Character" ? key.width : 0), 0)

/** Whether the oldest key is a character and certainly does not stand left of the caret. */
export const hasNotBegun = (seen: Observation.WithCaret, keys: ReadonlyArray<TypedKey>): boolean =>
  keys[0]?.key._tag === "Character" && standing(seen, keys, () => true).count === 0

/** The longest run of the oldest keys that stands left of the caret; at least one of them must be `evident`. */
const standing = (
  seen: Observation.WithCaret,
  keys: ReadonlyArray<TypedKey>,
  evident: (key: TypedKey) => boolean
): Arrived => {
  const { caret, frame } = seen
  const cells = Observation.row(seen)
  const commands = keys.findIndex(({ key }) => key._tag === "Command")
  for (let count = commands < 0 ? keys.length : commands; count > 0; count--) {
    let { column } = caret
    let isEvident = false
    let i = count
    while (i > 0) {
      const typed = keys[i - 1] as TypedKey
      const { key } = typed
      if (key._tag !== "Character") break
      if (key.width > 0) {
        if (column === 0 || (Caret.leftCodePoint(frame, { ...caret, column }) || SPACE) !== key.codePoint) break
        column = PredictedScreen.leftOf(cells, column)
        isEvident ||= evident(typed)
      }
      i--
    }
    if (i === 0 && isEvident) return { count, column }
  }
  return { count: 0, column: caret.column }
}

/** Whether a row is blank up to a column, and the row above it shows the line in which Enter was typed. */
export const isBelow = (
  entered: Row.Row | undefined,
  rows: ReadonlyArray<Row.Row>,
  row: number,
  column: number
): boolean => {
  const [above, cells] = [rows[row - 1], rows[row]]
  if (entered === undefined || above === undefined || cells === undefined) return false
  return (
    above.words.length === entered.words.length &&
    FrameMatch.isSameText(above, entered) &&
    PredictedScreen.isFree(cells, 0, column)
  )
}

/** Whether the character left of the caret was not there in the frame before. */
export const isNew = (before: Frame, { caret, frame }: Observation.WithCaret): boolean =>
  caret.column > 0 &&
  Caret.leftCodePoint(before, caret) !== Caret.leftCodePoint(frame, caret) &&
  Caret.leftCodePoint(frame, caret) > SPACE
