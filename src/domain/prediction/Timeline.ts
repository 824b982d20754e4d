/**
 * The keys that the server has not shown yet, each with the picture after it.
 *
 * A timeline starts at the server's newest frame. An entry's picture is the picture before it, changed by its key.
 */
import * as Row from "../terminal/Row.ts"
import type { Millis } from "../Machine.ts"
import type * as Caret from "./Caret.ts"
import type { Key } from "./Key.ts"
import * as KeyEffect from "./KeyEffect.ts"
import type { Picture } from "./Picture.ts"
import * as PredictedScreen from "./PredictedScreen.ts"
import type { ProgramModel } from "./program/ProgramModel.ts"

export interface Timeline {
  /** The server's newest frame, in which the first key acts. */
  readonly start: Picture
  /** Oldest first. */
  readonly entries: ReadonlyArray<Entry>
}

export interface TypedKey {
  readonly key: Key
  /** The number of the local state that carries the key. */
  readonly stateNumber: bigint
  readonly typedAt: Millis
  /** Whether the user has seen its prediction. */
  readonly shown: boolean
}

export interface Entry extends TypedKey {
  /** The screen after the key. */
  readonly picture: Picture
}

/** A timeline without keys. */
export const empty = (start: Picture): Timeline => ({ start, entries: [] })

/** The picture after the first `count` keys; the start for 0. */
export const pictureAfter = ({ entries, start }: Timeline, count: number): Picture =>
  count === 0 ? start : (entries[count - 1] as Entry).picture

/** The last of the first `count` keys. */
export const lastOf = ({ entries }: Timeline, count: number): Entry => entries[count - 1] as Entry

/** How many of the oldest keys are acknowledged: their effect should be on the screen. */
export const acknowledged = ({ entries }: Timeline, echoed: bigint): number => {
  let count = 0
  while (count < entries.length && (entries[count] as Entry).stateNumber <= echoed) count++
  return count
}

/** Adds newly typed keys. */
export const append = (
  { entries, start }: Timeline,
  keys: ReadonlyArray<TypedKey>,
  program: ProgramModel
): Timeline => {
  const extended = [...entries]
  let picture = extended.at(-1)?.picture ?? start
  for (const { key, shown, stateNumber, typedAt } of keys) {
    picture = KeyEffect.after(picture, key, program)
    extended.push({ key, stateNumber, typedAt, shown, picture })
  }
  return { start, entries: extended }
}

/** Predicts the keys anew from a start. */
export const predict = (start: Picture, keys: ReadonlyArray<TypedKey>, program: ProgramModel): Timeline =>
  append(empty(start), keys, program)

/**
 * The timeline without its first `count` keys, which `start` shows. Predicts the other keys anew, unless the edited row
 * is just as predicted: then their pictures are kept, and only the other rows of the screen replaced.
 */
export const advance = (timeline: Timeline, start: Picture, count: number, program: ProgramModel): Timeline =>
  reuse(timeline, start, count) ?? predict(start, timeline.entries.slice(count), program)

const reuse = (timeline: Timeline, start: Picture, count: number): Timeline | undefined => {
  const predicted = pictureAfter(timeline, count)
  if (predicted.screen === undefined || start.screen === undefined) return undefined
  const { caret, rows } = start.screen
  if (!isSameCaret(caret, predicted.screen.caret)) return undefined
  if (predicted.home !== start.home || predicted.suggestion !== start.suggestion) return undefined
  if (!Row.equals(PredictedScreen.row(start.screen), PredictedScreen.row(predicted.screen))) return undefined
  const entries: Array<Entry> = []
  for (let i = count; i < timeline.entries.length; i++) {
    const entry = timeline.entries[i] as Entry
    const { epoch, nextEpoch, screen } = entry.picture
    // A key that changed several rows, or scrolled them, depends on rows that may have changed.
    if (screen?.caret.row !== caret.row || !differsOnlyIn(caret.row, screen, predicted.screen)) return undefined
    const picture = {
      ...entry.picture,
      screen: { rows: rows.with(caret.row, PredictedScreen.row(screen)), caret: screen.caret },
      epoch: epoch - predicted.nextEpoch,
      nextEpoch: nextEpoch - predicted.nextEpoch
    }
    entries.push({ ...entry, picture })
  }
  return { start, entries }
}

const differsOnlyIn = (row: number, a: PredictedScreen.PredictedScreen, b: PredictedScreen.PredictedScreen): boolean =>
  a.rows.every((cells, y) => y === row || cells === b.rows[y])

const isSameCaret = (a: Caret.Caret, b: Caret.Caret): boolean =>
  a.row === b.row && a.column === b.column && a.softwareCursor === b.softwareCursor

/** The timeline with the line's beginning known: at `home`, or where the caret of the start is; in the row of the start. */
export const withHome = ({ entries, start }: Timeline, home = start.screen?.caret.column): Timeline => {
  const caret = start.screen?.caret
  const mark = (picture: Picture): Picture =>
    picture.screen?.caret.row === caret?.row ? { ...picture, home } : picture
  return { start: mark(start), entries: entries.map((entry) => ({ ...entry, picture: mark(entry.picture) })) }
}
