/**
 * The same output through our server to a stock client, and through a stock server to our client: the same screen.
 */
import * as Effect from "effect/Effect"
import * as Capabilities from "../../../src/domain/display/Capabilities.ts"
import * as OscText from "../../../src/domain/display/OscText.ts"
import * as Cell from "../../../src/domain/terminal/Cell.ts"
import * as Frame from "../../../src/domain/terminal/Frame.ts"
import * as Modes from "../../../src/domain/terminal/Modes.ts"
import * as Row from "../../../src/domain/terminal/Row.ts"
import { random } from "../../domain/wire/hostile.ts"
import { project, visible } from "../../support/frames.ts"
import * as Ends from "./ends.ts"
import * as Program from "./program.ts"

const SIZE: Frame.Size = { columns: 40, rows: 10 }

/** The time in which a group must appear on every screen, ms. */
const PATIENCE = 5000
const POLL = 2

export interface Difference {
  readonly group: number
  readonly where: string
  /** What differs first, in words. */
  readonly what: string
  /** What was printed since the terminal was cleared. */
  readonly printed: string
}

export interface DifferentialOptions {
  readonly kind: Program.Kind
  readonly groups: number
  readonly seed: number
  /** The number of differences after which the run ends. */
  readonly most: number
  readonly onProgress?: (groups: number) => void
}

/** The differences found, none if all is well. */
export const differential = (options: DifferentialOptions): Promise<ReadonlyArray<Difference>> =>
  run(options).pipe(Effect.scoped, Effect.runPromise)

const run = Effect.fnUntraced(function* ({ groups, kind, most, onProgress, seed }: DifferentialOptions) {
  const next = random(seed)
  const { next: group } = Program.program(next, kind, SIZE)
  const ours = yield* Ends.stockClient(SIZE)
  // A stock server shows unknown output differently, so it takes part only for output that both emulators know.
  const theirs = kind === "common" ? yield* Ends.stockServer(SIZE) : undefined
  const stock = yield* Ends.stockPair(SIZE)
  const differences: Array<Difference> = []
  let printed = ""
  let halves = new Set<number>()
  for (let i = 0; i < groups && differences.length < most; i++) {
    const mark = `group ${i}`
    const bytes = Buffer.concat([group(), Buffer.from(`\x1b]2;${mark}\x07`)])
    const cleared = bytes.toString("latin1").startsWith("\x1bc")
    if (cleared) halves = new Set()
    printed = (cleared ? "" : printed) + bytes.toString("latin1")
    for (const end of [ours, theirs, stock]) end?.print(bytes)
    const expect = Effect.fnUntraced(function* (where: string, wanted: () => Frame.Frame, shown: () => Frame.Frame) {
      const what = yield* settles(mark, wanted, shown, halves)
      if (what !== undefined) differences.push({ group: i, where, what, printed })
    })
    noteHalves(ours.frame(), halves)
    yield* expect("our server, stock client", ours.frame, ours.shown)
    if (theirs !== undefined) yield* expect("stock server, our client", ours.frame, theirs.shown)
    yield* expect("stock server, stock client, and our reading", stock.frame, stock.shown)
    if (i % 100 === 99) onProgress?.(i + 1)
  }
  return differences
})

/**
 * The columns that right halves of wide characters have been in. A stock sender does not draw the cell behind such a half
 * when only the left one is written over: it takes it for unchanged, and terminals leave it as they like (spec 8.3, 12.3).
 */
const noteHalves = (frame: Frame.Frame, halves: Set<number>): void => {
  for (const row of frame.rows)
    for (let x = 0; x < frame.size.columns; x++) if (row.words[x * Cell.WORDS] === Cell.RIGHT_HALF) halves.add(x)
}

/** Waits until a screen shows the frame up to a mark. Returns what differs if it does not. */
const settles = Effect.fnUntraced(function* (
  mark: string,
  frame: () => Frame.Frame,
  shown: () => Frame.Frame,
  halves: Set<number>
) {
  const end = performance.now() + PATIENCE
  for (;;) {
    const wanted = comparable(frame())
    noteHalves(wanted, halves)
    const screen = comparable(shown())
    // The removal of a text from the clipboard cannot be transmitted.
    const clipboard = new Map([...screen.clipboard].filter(([selection]) => wanted.clipboard.has(selection)))
    const what = wanted.title === mark ? difference({ ...screen, clipboard }, wanted, halves) : `no ${mark}`
    if (what === undefined || performance.now() > end) return what
    yield* Effect.sleep(POLL)
  }
})

/**
 * What stock mosh can show of a frame (`Capabilities.stock`), without what it does not keep in step: the icon title, which
 * follows late (spec 7.2), alternate scroll, which it never sends, and the pen, which is not seen.
 */
const comparable = (frame: Frame.Frame): Frame.Frame => {
  const plain = visible(project(frame, Capabilities.stock))
  return {
    ...plain,
    bells: 0,
    iconTitle: undefined,
    pen: Frame.blank(frame.size).pen,
    // Stock mosh ignores an empty text, and treats a query as a text (spec 12.3, 11).
    clipboard: new Map([...plain.clipboard].filter(([, text]) => text !== "" && OscText.isBase64(text))),
    modes: { ...plain.modes, alternateScroll: Modes.DEFAULT.alternateScroll }
  }
}

const difference = (a: Frame.Frame, b: Frame.Frame, halves: ReadonlySet<number>): string | undefined => {
  if (Frame.equals(a, b)) return undefined
  for (const key of ["title", "cursor", "modes", "size"] as const) {
    const [left, right] = [JSON.stringify(a[key]), JSON.stringify(b[key])]
    if (left !== right) return `${key} ${left}, not ${right}`
  }
  for (let y = 0; y < b.size.rows; y++) {
    const [left, right] = [a.rows[y] as Row.Row, b.rows[y] as Row.Row]
    for (let x = 0; x < b.size.columns; x++) {
      if (Row.cellEquals(left, right, x) || (halves.has(x) && Row.isBlank(left, x) && Row.isBlank(right, x))) continue
      return `row ${y}, column ${x}: ${cell(left, x)}, not ${cell(right, x)}`
    }
  }
  const [left, right] = [JSON.stringify([...a.clipboard]), JSON.stringify([...b.clipboard])]
  return left === right ? undefined : `clipboard ${left}, not ${right}`
}

const cell = (row: Row.Row, x: number): string => JSON.stringify([Row.text(row, x), Row.rendition(row, x)])
