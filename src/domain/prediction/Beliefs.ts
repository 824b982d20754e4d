/**
 * What has been learned of the program at the other end: what commands mean to it, and how it takes text in.
 *
 * Beliefs hold for a scene: until the screen shows something else altogether.
 */
import * as Row from "../terminal/Row.ts"
import * as Draft from "./Draft.ts"
import * as Edges from "./Edges.ts"
import * as Effect from "./Effect.ts"
import type * as Line from "./Line.ts"

export interface Beliefs {
  readonly commands: ReadonlyMap<string, Belief>
  /** Whether text replaces what it is typed over, instead of pushing it to the right. */
  readonly overwrites: boolean
  readonly edges: Edges.Edges
}

/** What a command is taken to mean. */
export interface Belief {
  /** Which of `Effect.meanings`; as many as there are when none holds. */
  readonly meaning: number
  /** Whether the server has shown it. */
  readonly seen: boolean
}

export const initial = (overwrites: boolean): Beliefs => ({ commands: new Map(), overwrites, edges: Edges.UNKNOWN })

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
  if (after === undefined) return undefined
  return { draft: after, seen: seen || (!beliefs.commands.has(name) && isUsual(name, draft, line, after)) }
}

/** Whether hardly a program that knows a command takes it to mean something else here. */
const isUsual = (name: string, draft: Draft.Draft, line: Line.Line, after: Draft.Draft): boolean =>
  Effect.isUsual(name, line) &&
  Effect.meanings(name).every((effect) => {
    const other = effect(draft, line)
    return (
      other === undefined ||
      (other.caret.column === after.caret.column && Row.equals(Draft.row(other), Draft.row(after)))
    )
  })

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
  const meaning = fitting(name, draft, line, fits)
  return meaning < 0 ? beliefs : learn(beliefs, name, { meaning, seen: true })
}

/** Whether one of a command's meanings gives what fits. */
export const isSeen = (...of: Parameters<typeof fitting>): boolean => fitting(...of) >= 0

const fitting = (name: string, draft: Draft.Draft, line: Line.Line, fits: (draft: Draft.Draft) => boolean): number =>
  Effect.meanings(name).findIndex((effect) => {
    const after = effect(draft, line)
    return after !== undefined && fits(after)
  })

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
