/**
 * Finds the picture of the timeline that a frame shows.
 *
 * A frame shows a picture if its caret and the text that keys wrote before the caret are there. Other cells may change as
 * they like: output may arrive above, panes may be drawn beside.
 */
import * as Row from "../terminal/Row.ts"
import * as Line from "./program/Line.ts"
import * as Observation from "./Observation.ts"
import * as Picture from "./Picture.ts"
import * as PredictedScreen from "./PredictedScreen.ts"
import * as Timeline from "./Timeline.ts"
import { LINE_CONTEXT } from "./Tuning.ts"

/** The frame shows the picture after the first `count` keys. */
export interface Match extends Shown {
  readonly count: number
}

/** How a frame shows a picture. */
export interface Shown {
  /** Whether a character that was not there before is now where it was predicted. */
  readonly echo: boolean
}

/** The pictures after `from` keys or more that a frame shows, in the way that `shown` tests. */
export const all = (
  timeline: Timeline.Timeline,
  from: number,
  shown: (picture: Picture.Picture, start: Picture.Picture) => Shown | undefined
): ReadonlyArray<Match> => {
  const found: Array<Match> = []
  for (let count = from; count <= timeline.entries.length; count++) {
    const as = shown(Timeline.pictureAfter(timeline, count), timeline.start)
    if (as !== undefined) found.push({ count, echo: as.echo })
  }
  return found
}

/** The picture after `from` keys or more that a frame shows; of several, the one that fits best. */
export const find = (timeline: Timeline.Timeline, from: number, seen: Observation.Observation): Match | undefined => {
  if (!Observation.hasCaret(seen)) return undefined
  const found = all(timeline, from, (picture, start) => shows(seen, picture, start))
  return found.length < 2 ? found[0] : best(timeline, seen, found)
}

/**
 * Of pictures that are alike up to the caret: the first one that the frame shows after it as well; else the first one at
 * the end of its line, after which a shell may show a suggestion; else the first.
 */
const best = (
  timeline: Timeline.Timeline,
  seen: Observation.WithCaret,
  found: ReadonlyArray<Match>
): Match | undefined => {
  const screenOf = ({ count }: Match) => Timeline.pictureAfter(timeline, count).screen
  const whole = found.find((match) => {
    const screen = screenOf(match)
    return screen !== undefined && showsTail(seen, screen)
  })
  const atEnd = found.find((match) => {
    const screen = screenOf(match)
    return screen !== undefined && !Line.hasTail(Picture.lineOf(screen))
  })
  return whole ?? atEnd ?? found[0]
}

/** Whether a frame shows a picture. What differs from the timeline's `start` was written by keys and must be there. */
export const shows = (
  seen: Observation.WithCaret,
  { screen }: Picture.Picture,
  start: Picture.Picture
): Shown | undefined => {
  const { caret } = seen
  if (screen === undefined || start.screen === undefined) return undefined
  const { column, row, softwareCursor } = screen.caret
  if (caret.column !== column || caret.softwareCursor !== softwareCursor) return undefined
  return showsText(Observation.row(seen), screen, start.screen, row === caret.row ? 1 : LINE_CONTEXT)
}

/** As `shows`, in a frame whose cursor is elsewhere: whether the line is where it was, with what keys wrote in it. */
export const stillShows = (
  { frame }: Observation.Observation,
  picture: Picture.Picture,
  start: Picture.Picture
): Shown | undefined => {
  const { screen } = picture
  if (screen === undefined || start.screen === undefined || screen.caret.column === 0) return undefined
  const shown = showsText(frame.rows[screen.caret.row] as Row.Row, screen, start.screen, LINE_CONTEXT)
  return picture === start || shown?.echo === true ? shown : undefined
}

/**
 * Whether a row shows what keys wrote left of the caret, and the `context` cells before the caret. With the whole context
 * it must show some ink there: an empty row is no evidence.
 */
const showsText = (
  cells: Row.Row,
  screen: PredictedScreen.PredictedScreen,
  start: PredictedScreen.PredictedScreen,
  context: number
): Shown | undefined => {
  const { column, row } = screen.caret
  const predicted = screen.rows[row] as Row.Row
  const before = start.rows[row] as Row.Row
  if (cells.words.length !== predicted.words.length) return undefined
  let echo = false
  let ink = 0
  for (let x = 0; x < column; x++) {
    const same = Row.textEquals(cells, x, predicted, x)
    const written = predicted !== before && !Row.textEquals(predicted, x, before, x)
    if (!same && (written || x >= column - context)) return undefined
    if (written && !Row.isBlank(cells, x) && !Line.isWall(cells, x)) echo = true
    if (x >= column - context && !Row.isBlank(cells, x)) ink++
  }
  return context === LINE_CONTEXT && ink === 0 ? undefined : { echo }
}

/** Whether a frame's row from the caret on, up to a column, is as a screen has it. */
export const showsTail = (seen: Observation.WithCaret, screen: PredictedScreen.PredictedScreen, to?: number): boolean =>
  isSameText(Observation.row(seen), PredictedScreen.row(screen), seen.caret.column, to)

/** Whether a frame's caret, and its whole row, are as a screen has them. */
export const showsRow = (seen: Observation.WithCaret, screen: PredictedScreen.PredictedScreen): boolean =>
  isAtCaret(seen, screen) && isSameText(Observation.row(seen), PredictedScreen.row(screen))

/** Whether a frame's caret, and the text left of it, are as a screen has them. */
export const showsHead = (seen: Observation.WithCaret, screen: PredictedScreen.PredictedScreen): boolean =>
  isAtCaret(seen, screen) && isSameText(Observation.row(seen), PredictedScreen.row(screen), 0, seen.caret.column)

const isAtCaret = ({ caret }: Observation.WithCaret, screen: PredictedScreen.PredictedScreen): boolean =>
  caret.row === screen.caret.row && caret.column === screen.caret.column

/** Whether two rows show the same text between two columns. */
export const isSameText = (a: Row.Row, b: Row.Row, from = 0, to = Row.columns(a)): boolean => {
  for (let x = from; x < to; x++) if (!Row.textEquals(a, x, b, x)) return false
  return true
}
