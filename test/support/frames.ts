/**
 * Generated frames for the laws of all tests.
 *
 * A frame is generated as the edits that make it, so every generated frame is well-formed, and shrinks to fewer edits.
 * The second frame of a pair is made by further edits of the first: it shares the rows that they leave alone, as frames
 * of a session do.
 */
import * as Arbitrary from "effect/Arbitrary"
import * as Schema from "effect/Schema"
import type { Capabilities } from "../../src/domain/display/Capabilities.ts"
import * as FramePatch from "../../src/domain/display/FramePatch.ts"
import * as Cell from "../../src/domain/terminal/Cell.ts"
import * as Color from "../../src/domain/terminal/Color.ts"
import * as Frame from "../../src/domain/terminal/Frame.ts"
import * as KeptMarks from "../../src/domain/events/KeptMarks.ts"
import * as KeptNotifications from "../../src/domain/events/KeptNotifications.ts"
import * as Modes from "../../src/domain/terminal/Modes.ts"
import * as MouseRequests from "../../src/domain/terminal/MouseRequests.ts"
import * as Properties from "../../src/domain/events/Properties.ts"
import * as Rendition from "../../src/domain/terminal/Rendition.ts"
import * as Row from "../../src/domain/terminal/Row.ts"
import { RowEditor } from "../../src/domain/terminal/RowEditor.ts"
import { EventSketch, withEvents } from "./frame-events.ts"
import { Keyboard } from "./keyboards.ts"

const between = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))

const COLORS = [
  Color.DEFAULT,
  Color.palette(1),
  Color.palette(7),
  Color.palette(8),
  Color.palette(15),
  Color.indexed(1),
  Color.indexed(15),
  Color.palette(196),
  Color.rgb(0, 0, 0),
  Color.rgb(1, 2, 255)
] as const
const ATTRIBUTES = [
  Rendition.BOLD,
  Rendition.DIM,
  Rendition.ITALIC,
  Rendition.BLINK,
  Rendition.INVERSE,
  Rendition.INVISIBLE
] as const
const LINKS = [
  { params: "", uri: "https://example.com/" },
  { params: "id=1", uri: "https://example.com/a;b" },
  { params: "", uri: "file:///x" }
]

const PenSketch = Schema.Struct({
  foreground: Schema.Literals(COLORS),
  background: Schema.Literals(COLORS),
  attributes: Schema.Literals([0, 0, 0, 1, 2, 4, 8, 16, 32, 3, 5, 63]),
  lines: Schema.Literals([0, 0, 0, 1, 2, 3]),
  underline: between(0, 5),
  underlineColor: Schema.Literals(COLORS),
  link: Schema.Literals([-1, -1, -1, 0, 1, 2])
})

const penOf = (sketch: typeof PenSketch.Type): Rendition.Rendition => {
  let foreground: number = sketch.foreground
  ATTRIBUTES.forEach((attribute, i) => {
    if ((sketch.attributes & (1 << i)) !== 0) foreground |= attribute
  })
  const background =
    sketch.background |
    ((sketch.lines & 1) !== 0 ? Rendition.STRIKETHROUGH : 0) |
    ((sketch.lines & 2) !== 0 ? Rendition.OVERLINE : 0)
  return {
    foreground: foreground >>> 0,
    background: background >>> 0,
    underline: (Color.named(sketch.underlineColor) | (sketch.underline << Rendition.UNDERLINE_SHIFT)) >>> 0,
    link: LINKS[sketch.link]
  }
}

/** Characters of every kind: narrow, wide, ambiguous, emoji, clusters, combining marks without a base. */
const GLYPHS = ["a", "b", " ", "W", "é", "日", "本", "👍", "e\u0301", "\u00a0\u0301", "─", "│", "א", "한", "\u00ad"]
const LONG_CLUSTER = `a${"\u0301".repeat(16)}`
const JOINING = ["👨\u200d", "\u0915\u094d", "\u0937", "\u093e", "🏽", "🇩", "กำ", "\uff76", "\uff9e"]
const CHARACTERS = [...GLYPHS, ...JOINING, "日\u0301", "\ue0b0", LONG_CLUSTER]

const Edit = Schema.TaggedUnion({
  Write: {
    row: between(0, 59),
    column: between(0, 199),
    text: Schema.Array(Schema.Literals(CHARACTERS)).check(Schema.isMaxLength(12)),
    pen: PenSketch
  },
  Erase: { row: between(0, 59), from: between(0, 199), count: between(1, 200), background: Schema.Literals(COLORS) },
  /** Any cells at all, by a seed. */
  Noise: { row: between(0, 59), seed: between(1, 1_000_000) },
  Wrap: { row: between(0, 59) },
  Scroll: { top: between(0, 59), height: between(1, 60), count: between(-3, 3) }
})

type Edit = typeof Edit.Type

const Edits = Schema.Array(Edit)

/** A small stream of numbers from a seed. */
const numbers = (seed: number) => {
  let state = seed
  return (below: number): number => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0
    return (state >>> 8) % below
  }
}

const noise = (row: Row.Row, seed: number): Row.Row => {
  const next = numbers(seed)
  const editor = new RowEditor(row)
  for (let column = 0; column < editor.columns; column++) {
    const kind = next(4)
    if (kind === 0) continue
    const pen = {
      foreground: next(3) === 0 ? (Color.palette(next(20)) | (ATTRIBUTES[next(6)] ?? 0)) >>> 0 : 0,
      background: next(3) === 0 ? Color.palette(next(3)) : 0,
      underline: next(6) === 0 ? Rendition.UNDERLINE_BITS & (next(6) << Rendition.UNDERLINE_SHIFT) : 0,
      link: next(8) === 0 ? LINKS[next(3)] : undefined
    }
    if (kind === 1) editor.erase(column, column + 1 + next(6), pen.background)
    else editor.write(column, CHARACTERS[next(CHARACTERS.length)] ?? "", pen)
  }
  editor.wraps = next(2) === 0
  return editor.row()
}

/** Marks a row as wrapping, where that can be. */
const wrapping = (row: Row.Row): Row.Row =>
  editRow(row, (editor) => {
    editor.wraps = true
  })

const editRow = (row: Row.Row, edit: (editor: RowEditor) => void): Row.Row => {
  const editor = new RowEditor(row)
  edit(editor)
  return editor.row()
}

const apply = (rows: ReadonlyArray<Row.Row>, edit: Edit): ReadonlyArray<Row.Row> => {
  const at = (y: number): number => y % rows.length
  const change = (y: number, f: (row: Row.Row) => Row.Row) => rows.map((row, i) => (i === at(y) ? f(row) : row))
  switch (edit._tag) {
    case "Write":
      return change(edit.row, (row) =>
        editRow(row, (editor) => {
          let column = edit.column % editor.columns
          for (const character of edit.text) column = editor.write(column, character, penOf(edit.pen))
        })
      )
    case "Erase":
      return change(edit.row, (row) =>
        editRow(row, (editor) => {
          const from = edit.from % editor.columns
          editor.erase(from, from + edit.count, edit.background)
        })
      )
    case "Noise":
      return change(edit.row, (row) => noise(row, edit.seed))
    case "Wrap":
      return change(edit.row, wrapping)
    case "Scroll":
      return scrolled(rows, at(edit.top), edit.height, edit.count)
  }
}

/** Rows of which `height` from `top` on moved up by `count` (down when negative), with blank ones behind them. */
export const scrolled = (
  rows: ReadonlyArray<Row.Row>,
  top: number,
  height: number,
  count: number
): ReadonlyArray<Row.Row> => {
  const bottom = Math.min(rows.length, top + height)
  const blank = Row.blank(Row.columns(rows[0] as Row.Row))
  return rows.map((row, y) => {
    if (y < top || y >= bottom) return row
    const from = y + count
    return from >= top && from < bottom ? (rows[from] as Row.Row) : blank
  })
}

/** The bottom row has no next row, so it does not wrap. */
const settled = (rows: ReadonlyArray<Row.Row>): ReadonlyArray<Row.Row> =>
  rows.map((row, y) => (y === rows.length - 1 && row.wraps ? { ...row, wraps: false } : row))

const Text = Schema.Array(Schema.Literals(["x", "vim ", "日", "é", "~"])).check(Schema.isMaxLength(6))
const Title = Schema.UndefinedOr(Text)

/** DECSETs and, negative, DECRSTs of some modes. */
const requestsOf = (modes: ReadonlyArray<number>) =>
  Schema.Array(Schema.Literals(modes.flatMap((mode) => [mode, -mode]))).check(Schema.isMaxLength(6))

const requested = (sketch: ReadonlyArray<number>): MouseRequests.MouseRequests =>
  sketch.reduce((list, request) => MouseRequests.add(list, Math.abs(request), request > 0), MouseRequests.NONE)

const StateSketch = Schema.Struct({
  row: between(0, 59),
  column: between(0, 199),
  visible: Schema.Boolean,
  shape: between(0, 6),
  pen: PenSketch,
  modes: Schema.Struct({
    reverseVideo: Schema.Boolean,
    bracketedPaste: Schema.Boolean,
    focus: Schema.Boolean,
    alternateScroll: Schema.Boolean,
    mouse: requestsOf([9, 1000, 1001, 1002, 1003]),
    mouseEncoding: requestsOf([1005, 1006, 1015, 1016]),
    keyboard: Keyboard
  }),
  title: Title,
  iconTitle: Title,
  bells: between(0, 16),
  clipboard: Schema.Array(
    Schema.Tuple([Schema.Literals(["c", "p", "s"]), Schema.Literals(["", "eA==", "eHk="])])
  ).check(Schema.isMaxLength(3)),
  events: EventSketch
})

type StateSketch = typeof StateSketch.Type

/** A later frame of the same session, with other rows and another state. Counters never decrease. */
const successor = (frame: Frame.Frame, rows: ReadonlyArray<Row.Row>, sketch: StateSketch): Frame.Frame => ({
  size: frame.size,
  rows: settled(rows),
  cursor: {
    row: sketch.row % frame.size.rows,
    column: sketch.column % frame.size.columns,
    visible: sketch.visible,
    shape: sketch.shape
  },
  pen: penOf(sketch.pen),
  modes: {
    ...sketch.modes,
    mouse: requested(sketch.modes.mouse),
    mouseEncoding: requested(sketch.modes.mouseEncoding)
  },
  title: sketch.title?.join("") ?? frame.title,
  iconTitle: sketch.iconTitle?.join("") ?? frame.iconTitle,
  bells: frame.bells + sketch.bells,
  clipboard: new Map([...frame.clipboard, ...sketch.clipboard]),
  copies: sketch.clipboard.reduce(
    (copies, [selection]) => copies.set(selection, (copies.get(selection) ?? 0) + 1),
    new Map(frame.copies)
  ),
  ...withEvents(frame, sketch.events)
})

const edited = (frame: Frame.Frame, edits: ReadonlyArray<Edit>, sketch: StateSketch): Frame.Frame =>
  successor(frame, edits.reduce(apply, frame.rows), sketch)

const SmallSize = Schema.Struct({ columns: between(1, 12), rows: between(1, 6) })
const LargeSize = Schema.Struct({ columns: between(20, 200), rows: between(10, 60) })

const FrameSketch = (size: typeof SmallSize) => Schema.Struct({ size, edits: Edits, state: StateSketch })

/** Frames of at most 12 by 6 cells, in which edges are close to each other. */
export const smallFrames: Arbitrary.Arbitrary<Frame.Frame> = Arbitrary.map(
  Arbitrary.schema(FrameSketch(SmallSize)),
  ({ edits, size, state }) => edited(Frame.blank(size), edits, state)
)

/** Frames of the sizes that people use. */
export const largeFrames: Arbitrary.Arbitrary<Frame.Frame> = Arbitrary.map(
  Arbitrary.schema(FrameSketch(LargeSize)),
  ({ edits, size, state }) => edited(Frame.blank(size), edits, state)
)

export interface Pair {
  readonly before: Frame.Frame
  readonly after: Frame.Frame
}

const PairSketch = (size: typeof SmallSize) =>
  Schema.Struct({ size, first: Edits, before: StateSketch, second: Edits, after: StateSketch })

const pairOf = (sketch: typeof PairSketch extends (size: never) => { Type: infer T } ? T : never): Pair => {
  const before = edited(Frame.blank(sketch.size), sketch.first, sketch.before)
  return { before, after: edited(before, sketch.second, sketch.after) }
}

/** Two frames of one small size, the second made from the first. */
export const smallPairs: Arbitrary.Arbitrary<Pair> = Arbitrary.map(Arbitrary.schema(PairSketch(SmallSize)), pairOf)

/** The same in sizes that people use. */
export const largePairs: Arbitrary.Arbitrary<Pair> = Arbitrary.map(Arbitrary.schema(PairSketch(LargeSize)), pairOf)

/** Two frames of which the second is the first, resized and then edited. */
export const resizedPairs: Arbitrary.Arbitrary<Pair> = Arbitrary.map(
  Arbitrary.schema(
    Schema.Struct({
      size: SmallSize,
      first: Edits,
      before: StateSketch,
      other: SmallSize,
      second: Edits,
      after: StateSketch
    })
  ),
  (sketch) => {
    const before = edited(Frame.blank(sketch.size), sketch.first, sketch.before)
    return { before, after: edited(FramePatch.resize(before, sketch.other), sketch.second, sketch.after) }
  }
)

const ACTIONS = ["echo", "enter", "insert line", "delete line", "status", "pane", "redraw"] as const

/** What programs do most, step by step: frames of realistic sessions. */
export const sessions: Arbitrary.Arbitrary<ReadonlyArray<Frame.Frame>> = Arbitrary.map(
  Arbitrary.schema(
    Schema.Struct({
      size: LargeSize,
      actions: Schema.Array(Schema.Tuple([Schema.Literals(ACTIONS), between(1, 1_000_000)])).check(
        Schema.isBetweenLength(1, 12)
      )
    })
  ),
  ({ actions, size }) => {
    const frames = [act(Frame.blank(size), "redraw", 1)]
    for (const [action, seed] of actions) frames.push(act(frames.at(-1) as Frame.Frame, action, seed))
    return frames
  }
)

const line = (columns: number, seed: number): Row.Row =>
  editRow(Row.blank(columns), (editor) => {
    const next = numbers(seed)
    for (let column = 0; column < columns && next(12) !== 0; column += 1 + next(9)) {
      editor.write(
        column,
        `w${next(1000)}`,
        next(3) === 0 ? { ...Rendition.DEFAULT, foreground: Color.palette(4) } : Rendition.DEFAULT
      )
    }
  })

const act = (frame: Frame.Frame, action: (typeof ACTIONS)[number], seed: number): Frame.Frame => {
  const { columns, rows: height } = frame.size
  const { column, row } = frame.cursor
  const next = numbers(seed)
  const replace = (rows: ReadonlyArray<Row.Row>, y: number, by: Row.Row) => rows.map((r, i) => (i === y ? by : r))
  const to = (rows: ReadonlyArray<Row.Row>, y: number, x: number): Frame.Frame => ({
    ...frame,
    rows,
    cursor: { ...frame.cursor, row: y, column: Math.min(x, columns - 1) }
  })
  const body = height - 1
  switch (action) {
    case "echo": {
      const character = CHARACTERS[next(4)] ?? "x"
      return to(
        replace(
          frame.rows,
          row,
          editRow(frame.rows[row] as Row.Row, (e) => e.write(column, character, frame.pen))
        ),
        row,
        column + 1
      )
    }
    case "enter": {
      const rows = row === height - 1 ? scrolled(frame.rows, 0, height, 1) : frame.rows
      const y = Math.min(row + 1, height - 1)
      return to(replace(rows, y, line(columns, seed)), y, 2)
    }
    case "insert line":
      return to(replace(scrolled(frame.rows, row, height, -1), row, line(columns, seed)), row, 0)
    case "delete line":
      return to(scrolled(frame.rows, row, height, 1 + next(3)), row, 0)
    case "status":
      return to(replace(frame.rows, height - 1, line(columns, seed)), row, column)
    case "pane": {
      const top = next(body)
      return to(scrolled(frame.rows, top, 2 + next(height), next(5) - 2), top, 0)
    }
    case "redraw":
      return to(
        frame.rows.map((_, y) => line(columns, seed + y)),
        next(height),
        next(columns)
      )
  }
}

/** A frame as a receiver with some capabilities can show it. */
export const project = (frame: Frame.Frame, capabilities: Capabilities): Frame.Frame => {
  const colored = (word: number) => (capabilities.palette === "requested" ? word : Color.named(word))
  const words = (foreground: number, background: number, underline: number) => {
    const u = underline & capabilities.underline & ~(capabilities.links ? 0 : Rendition.LINKED)
    const single = !capabilities.underlineStyles && (u & Rendition.UNDERLINE_BITS) !== 0
    return {
      foreground: colored(foreground & capabilities.foreground) >>> 0,
      background: colored(background & capabilities.background) >>> 0,
      underline: (single ? (u & ~Rendition.UNDERLINE_BITS) | (1 << Rendition.UNDERLINE_SHIFT) : u) >>> 0
    }
  }
  const rows = frame.rows.map((row) => {
    const copy = row.words.slice()
    for (let at = 0; at < copy.length; at += Cell.WORDS) {
      const { background, foreground, underline } = words(
        copy[at + Cell.FOREGROUND] ?? 0,
        copy[at + Cell.BACKGROUND] ?? 0,
        copy[at + Cell.UNDERLINE] ?? 0
      )
      copy[at + Cell.FOREGROUND] = foreground
      copy[at + Cell.BACKGROUND] = background
      copy[at + Cell.UNDERLINE] = underline
    }
    return { ...row, words: copy, links: capabilities.links ? row.links : undefined }
  })
  const { pen } = frame
  return {
    ...frame,
    rows,
    cursor: { ...frame.cursor, shape: capabilities.cursorShape ? frame.cursor.shape : 0 },
    pen: {
      ...words(pen.foreground, pen.background, pen.underline),
      link: capabilities.links ? pen.link : undefined
    },
    modes: projectModes(frame.modes, capabilities),
    clipboard: new Map([...frame.clipboard].filter(([selection]) => capabilities.selections.includes(selection))),
    notifications: capabilities.notifications === "numbered" ? frame.notifications : KeptNotifications.NONE,
    marks: capabilities.marks === "numbered" ? frame.marks : KeptMarks.NONE,
    properties: capabilities.properties ? frame.properties : Properties.NONE
  }
}

const projectModes = (all: Modes.Modes, capabilities: Capabilities): Modes.Modes => {
  const modes = capabilities.keyboard ? all : Modes.withKeyboard(all, Modes.DEFAULT.keyboard)
  const last = (requests: MouseRequests.MouseRequests): MouseRequests.MouseRequests =>
    capabilities.mouseRequests ? requests : requested([MouseRequests.last(requests)].filter((mode) => mode > 0))
  if (capabilities.modernModes) return { ...modes, mouse: last(modes.mouse), mouseEncoding: last(modes.mouseEncoding) }
  const known = MouseRequests.without(modes.mouseEncoding, 1016)
  return {
    ...modes,
    alternateScroll: Modes.DEFAULT.alternateScroll,
    mouse: last(modes.mouse),
    mouseEncoding: last(known.length === 0 && modes.mouseEncoding.length > 0 ? [1006] : known)
  }
}

/** A frame in which every plain space is an empty cell, no row wraps and no copy counts: what is visible of it. */
export const visible = (frame: Frame.Frame): Frame.Frame => ({
  ...frame,
  copies: new Map(),
  rows: frame.rows.map((row) => {
    const words = row.words.slice()
    for (let at = 0; at < words.length; at += Cell.WORDS) {
      const plain =
        words[at + Cell.FOREGROUND] === 0 &&
        words[at + Cell.UNDERLINE] === 0 &&
        ((words[at + Cell.BACKGROUND] ?? 0) & ~Color.COLOR_BITS) === 0
      if (words[at] === Cell.glyph(0x20, 1) && plain) words[at] = Cell.EMPTY
    }
    return { ...row, words, wraps: false }
  })
})
