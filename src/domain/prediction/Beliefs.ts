/**
 * What has been learned of the program at the other end: what commands mean to it, and how it takes text in.
 *
 * Beliefs hold for a scene: until the screen shows something else altogether.
 */
import type * as Draft from "./Draft.ts"
import * as Effect from "./Effect.ts"
import type * as Line from "./Line.ts"

export interface Beliefs {
  readonly commands: ReadonlyMap<string, Belief>
  /** Whether text replaces what it is typed over, instead of pushing it to the right. */
  readonly overwrites: boolean
  /** Whether a full row has been seen to continue in the next. */
  readonly wraps: boolean
  /** Where words are taken to the next row, as it seems. */
  readonly margin: Margin
  /** How many columns a box keeps free before its wall: at most a blank, the caret's place, and half a wide character. */
  readonly padding: number
}

/** Where words are taken to the next row: `Infinity` both, before one was. */
export interface Margin {
  /** The column at which it was seen. */
  readonly seen: number
  /** The first column from which on it may happen: one after the last that was seen to take a character. */
  readonly from: number
}

const NO_MARGIN: Margin = { seen: Infinity, from: Infinity }

/** How far off a margin may be before it is taken to have been something else. */
const MARGIN_ERROR = 6

/** A word at a column was taken to the next row. */
export const learnMargin = (beliefs: Beliefs, column: number): Beliefs =>
  column >= beliefs.margin.seen ? beliefs : { ...beliefs, margin: { seen: column, from: column } }

/** A column took a character. */
export const passMargin = ({ margin }: Beliefs, column: number): Margin => {
  if (column < margin.from) return margin
  return column >= margin.seen + MARGIN_ERROR ? NO_MARGIN : { ...margin, from: column + 1 }
}

/** What a command is taken to mean. */
export interface Belief {
  /** Which of `Effect.meanings`; as many as there are when none holds. */
  readonly meaning: number
  /** Whether the server has shown it. */
  readonly seen: boolean
}

export const initial = (overwrites: boolean): Beliefs => ({
  commands: new Map(),
  overwrites,
  wraps: false,
  margin: NO_MARGIN,
  padding: 3
})

export const of = (beliefs: Beliefs, name: string): Belief =>
  beliefs.commands.get(name) ?? { meaning: 0, seen: Effect.isCommonplace(name) }

/** The picture after a command, as believed; `undefined` when nothing is. */
export const apply = (
  beliefs: Beliefs,
  name: string,
  draft: Draft.Draft,
  line: Line.Line
): { readonly draft: Draft.Draft; readonly seen: boolean } | undefined => {
  const { meaning, seen } = of(beliefs, name)
  const after = Effect.meanings(name)[meaning]?.(draft, line)
  return after === undefined ? undefined : { draft: after, seen }
}

/** The server showed what was believed. */
export const confirm = (beliefs: Beliefs, name: string): Beliefs => {
  const belief = of(beliefs, name)
  return belief.seen ? beliefs : learn(beliefs, name, { ...belief, seen: true })
}

/** The server showed what one of a command's meanings gives, as `fits` says. Unchanged when there is none. */
export const recognise = (
  beliefs: Beliefs,
  name: string,
  draft: Draft.Draft,
  line: Line.Line,
  fits: (draft: Draft.Draft) => boolean
): Beliefs => {
  const meaning = Effect.meanings(name).findIndex((effect) => {
    const after = effect(draft, line)
    return after !== undefined && fits(after)
  })
  return meaning < 0 ? beliefs : learn(beliefs, name, { meaning, seen: true })
}

/** The server showed something else than any meaning: a belief that held before is doubted, another one given up. */
export const doubt = (beliefs: Beliefs, name: string): Beliefs => {
  const meanings = Effect.meanings(name).length
  if (meanings === 0) return beliefs
  const { meaning, seen } = of(beliefs, name)
  return learn(beliefs, name, { meaning: seen ? meaning : meanings, seen: false })
}

const learn = (beliefs: Beliefs, name: string, belief: Belief): Beliefs => ({
  ...beliefs,
  commands: new Map(beliefs.commands).set(name, belief)
})
