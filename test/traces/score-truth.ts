/**
 * What a trace's program shows: its screen after each piece of output, and what each key changes on it.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Emulator, type Screen } from "../../src/services/server/Emulator.ts"
import * as XtermEmulator from "../../src/services/node/xterm/XtermEmulator.ts"
import { equals, makeReader, type Picture, type Reader, sameAtCaret } from "./score-picture.ts"
import type { Trace } from "./trace.ts"

/** What a key changes on the screen, by the time the next one was typed. */
export type Effects =
  /** The caret, or the text on its left. */
  | { readonly kind: "echo" }
  /** Other cells only. */
  | { readonly kind: "elsewhere"; readonly cells: ReadonlyArray<Cell> }
  | { readonly kind: "none" }

export interface Cell {
  readonly row: number
  readonly column: number
}

export interface Truth {
  readonly trace: Trace
  /** Reads pictures that can be compared with the truth's by identity of their rows. */
  readonly reader: Reader
  /** The blank screen, and the screen after each piece of output: number `m` is the one after `output[m - 1]`. */
  readonly pictures: ReadonlyArray<Picture>
  /**
   * By the number of the screen that answers an Enter with a new line: the screen after that line alone, where more was
   * printed with it. A slower program would have shown it.
   */
  readonly passing: ReadonlyMap<number, Picture>
  /** The number of the screen at the time of the first key. */
  readonly opening: number
  /** By key: the numbers of the first and the last screen that answer it. A key without an answer has `first > last`. */
  readonly first: ReadonlyArray<number>
  readonly last: ReadonlyArray<number>
  /** By key: the number of the last screen that may still answer it, of a program that lags behind the typing. */
  readonly latest: ReadonlyArray<number>
  readonly effects: ReadonlyArray<Effects>
}

/** How much later than typed, ms, a busy program may answer a key, other keys having been typed meanwhile. */
const LAG = 400

const known = new WeakMap<Trace, Truth>()

/** The truth of a trace, computed once. */
export const of = (trace: Trace): Truth => {
  const before = known.get(trace)
  if (before !== undefined) return before
  const truth = make(trace)
  known.set(trace, truth)
  return truth
}

/** The number of the screen that is the last answer to a key; for key -1, the screen at the time of the first key. */
export const settled = (truth: Truth, key: number): number => truth.last[key] ?? truth.opening

/** The screens of a range of numbers, from the last to the first. */
export const screens = function* (truth: Truth, from: number, to: number): Generator<Picture> {
  for (let m = to; m >= from; m--) {
    const picture = truth.pictures[m]
    const passing = truth.passing.get(m)
    if (picture !== undefined) yield picture
    if (passing !== undefined) yield passing
  }
}

const make = (trace: Trace): Truth => {
  const { keys } = trace
  const opening = countBefore(trace, keys[0]?.at ?? Infinity)
  const last = keys.map((_, index) => countBefore(trace, keys[index + 1]?.at ?? Infinity))
  const latest = keys.map(({ at }, index) => Math.max(last[index] ?? 0, countBefore(trace, at + LAG)))
  const first = keys.map((_, index) => (last[index - 1] ?? opening) + 1)
  const enters = new Set(
    keys.flatMap(({ text }, index) => (text === "\r" ? [newLineIn(trace, first[index] ?? 0, last[index] ?? 0)] : []))
  )
  const reader = makeReader()
  const { passing, pictures } = Effect.runSync(Effect.scoped(print(trace, reader, enters)))
  const effects = keys.map((_, index) =>
    changes(pictures[last[index - 1] ?? opening] as Picture, pictures[last[index] ?? 0] as Picture)
  )
  return { trace, reader, pictures, passing, opening, first, last, latest, effects }
}

const LF = 0x0a

/** The number of the first screen from `first` to `last` that a new line was printed for; `first` if there is none. */
const newLineIn = ({ output }: Trace, first: number, last: number): number => {
  for (let m = first; m <= last; m++) if (output[m - 1]?.bytes.includes(LF) === true) return m
  return first
}

const print = Effect.fnUntraced(function* (trace: Trace, reader: Reader, enters: ReadonlySet<number>) {
  const screen = yield* openScreen(trace)
  const pictures = [reader.read(screen.frame())]
  const passing = new Map<number, Picture>()
  for (const { bytes } of trace.output) {
    const line = enters.has(pictures.length) ? bytes.indexOf(LF) + 1 : 0
    screen.write(bytes.subarray(0, line))
    if (line > 0 && line < bytes.length) passing.set(pictures.length, reader.read(screen.frame()))
    screen.write(bytes.subarray(line))
    pictures.push(reader.read(screen.frame()))
  }
  return { pictures, passing }
})

/** An emulated screen of the trace's size, whose answers to queries are dropped. */
export const openScreen = Effect.fnUntraced(function* ({ columns, rows }: Trace) {
  const services = yield* Layer.build(XtermEmulator.layer)
  const screen: Screen = yield* Context.get(services, Emulator).make({ size: { columns, rows }, onReply: () => {} })
  return screen
})

/** How many pieces of output were printed before a time. */
const countBefore = ({ output }: Trace, time: number): number => {
  const index = output.findIndex(({ at }) => at >= time)
  return index === -1 ? output.length : index
}

const changes = (before: Picture, after: Picture): Effects => {
  if (equals(before, after)) return { kind: "none" }
  if (after.caret.visible && !sameAtCaret(before, after)) return { kind: "echo" }
  const cells = after.rows.flatMap((text, row) =>
    text.flatMap((cell, column) => (cell === before.rows[row]?.[column] ? [] : [{ row, column }]))
  )
  return cells.length === 0 ? { kind: "none" } : { kind: "elsewhere", cells }
}
