import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Frame from "../../../../../src/domain/terminal/Frame.ts"
import * as History from "../../../../../src/domain/history/History.ts"
import * as TerminalReport from "../../../../../src/domain/terminal/TerminalReport.ts"
import * as XtermEmulator from "../../../../../src/services/node/xterm/XtermEmulator.ts"
import { Emulator, type Screen } from "../../../../../src/services/server/Emulator.ts"

const integer = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))

/** The screens of the laws have this many columns: some lines fill them, and some do not fit. */
const COLUMNS = 24
const ROWS = 6
/** No line is taken from output as short as this, bytes. */
const SHORT = 100

const OTHERS = [
  "\t",
  "\n",
  "\r",
  "\r\r\n",
  "\x1b",
  "[",
  "m",
  "\x1b[m",
  "\x1b[7m",
  "\x1b[44m",
  "\x1b[K",
  "\x1b[1K",
  "\x1b[4m",
  "\x1b[4;58;5;9m",
  "\x1b[38:2::1:2:3m",
  '\x1b[1"q',
  '\x1b[0"q',
  "\x1b]8;;http://a.b\x07",
  "\x1b]8;;\x07",
  "\x1b[2J",
  "\x1b[3J",
  "\x1b[6;1H",
  "\x1b[6;3HX",
  "\x1b[6;1Hbehind\r",
  "\x1b[2;6r",
  "\x1b[1;5r\x1b[6;1H",
  "\x1b[r\x1b[6;1H",
  "\x1b[?1049h",
  "\x1b[?1049l",
  "\x1b[?7l",
  "\x1b[?7h",
  "\x1b[4h",
  "\x1b[4l",
  "\x1b[3b",
  "\x1b(0",
  "\x1b(B",
  "\x0e",
  "\x0f",
  "\x1b_",
  "\x1b\\",
  "\x1bPq",
  "\x1b]0;title",
  "\x07",
  "\x1bc",
  "\x1b[?2026h",
  "\x1b[?2026l",
  "\xc3",
  "\xa9",
  "日本",
  "e\u0301"
] as const

/** What may be between the characters of a line that is taken, and what ends its being taken. */
const SEQUENCES = [
  "\x1b[m",
  "\x1b[0m",
  "\x1b[K",
  "\x1b[0K",
  "\x1b[01;31m",
  "\x1b[39m",
  "\x1b[49m",
  "\x1b[35m\x1b[K",
  "\x1b[m\x1b[K",
  "\x1b[2;3;5;7;8;9m",
  "\x1b[22;23;24;25;27;28;29m",
  "\x1b[53m",
  "\x1b[6m",
  "\x1b[26m",
  "\x1b[44m",
  "\x1b[0;107m",
  "\x1b[97;49m",
  "\x1b[38;5;200;1m",
  "\x1b[38;5;256m",
  "\x1b[38;5m",
  "\x1b[38;2;1;22;255m",
  "\x1b[31;48;2;9;8;7m",
  "\x1b[0;38;2;1;2m",
  "\x1b[;1m",
  "\x1b[1;m",
  "\x1b[0031m",
  "\x1b[1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;32m",
  "\x1b[1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;1;33m",
  "\x1b[2K",
  "\x1b[1;4;2;7m",
  "\x1b[4m",
  "\x1b[21m",
  "\x1b[0;0;0;0;0;0;0;0D"
] as const

const Colored = Schema.Struct({ column: integer(0, 2 * COLUMNS), sequence: Schema.Literals(SEQUENCES) })

/** Lines as a program prints them, and what it prints with them in one piece. */
const Lines = Schema.Struct({
  kind: Schema.Literal("lines"),
  before: Schema.Union([Schema.Literal(""), Schema.Literal("begun"), Schema.Literals(OTHERS)]),
  count: integer(25, 40),
  length: integer(8, 3 * COLUMNS),
  colors: Schema.Array(Colored).check(Schema.isMaxLength(4)),
  /** In which lines: in every one, or in each third one. */
  every: Schema.Literals([1, 3]),
  /** Where the output is split, bytes. */
  cut: integer(0, 1500),
  after: Schema.Union([
    Schema.Literal(""),
    Schema.Literals(["begun", "begun with more text\r"]),
    Schema.Literals(OTHERS)
  ])
})
const Other = Schema.Union([
  Schema.Struct({ kind: Schema.Literal("other"), text: Schema.Literals(OTHERS) }),
  Schema.Struct({ kind: Schema.Literal("read") }),
  Schema.Struct({ kind: Schema.Literal("resize"), columns: integer(1, COLUMNS), rows: integer(1, ROWS) })
])
/** Every second step prints lines: the first lines go down to the bottom, and those that follow are taken. */
const Steps = Schema.Array(Schema.Tuple([Lines, Other])).check(Schema.isMaxLength(5))

let printed = 0

const bytesOf = (step: typeof Lines.Type | typeof Other.Type): Uint8Array => {
  if (step.kind === "other") return latin1OrUtf8(step.text)
  if (step.kind !== "lines") return new Uint8Array()
  let text = ""
  for (let i = 0; i < step.count; i++) {
    const length = Math.max(0, step.length - (i % 3))
    const line = (printed++).toString().padEnd(length, "#").slice(0, length)
    text += `${i % step.every === 0 ? withColors(line, step.colors) : line}\r\n`
  }
  return Buffer.concat([latin1OrUtf8(step.before), Buffer.from(text), latin1OrUtf8(step.after)])
}

/** A line with each sequence before its column, or at the end. */
const withColors = (line: string, colors: ReadonlyArray<typeof Colored.Type>): string => {
  const sequences = colors.toSorted((a, b) => a.column - b.column)
  let text = ""
  let from = 0
  for (const { column, sequence } of sequences) {
    const to = Math.max(from, Math.min(column, line.length))
    text += line.slice(from, to) + sequence
    from = to
  }
  return text + line.slice(from)
}

/** Of the texts above, single bytes from 0x80 on are half a character. */
const latin1OrUtf8 = (text: string): Buffer =>
  Buffer.from(text, text.length === 1 && text.charCodeAt(0) < 0x100 ? "latin1" : "utf8")

interface Subject {
  readonly screen: Screen
  readonly history: History.History
}

const withSubjects = (body: (whole: Subject, split: Subject) => void, size = { columns: COLUMNS, rows: ROWS }) =>
  Effect.gen(function* () {
    const emulator = yield* Emulator
    const make = Effect.gen(function* () {
      const history = History.make(50)
      const screen = yield* emulator.make({ size, onReply: () => undefined, history })
      // Text that a narrower screen cuts off is kept.
      screen.know(TerminalReport.UNKNOWN)
      return { history, screen }
    })
    body(yield* make, yield* make)
  }).pipe(Effect.scoped, Effect.provide(XtermEmulator.layer))

const isEqual = (a: Subject, b: Subject): void => {
  assert.deepStrictEqual(
    [a.history.first, a.history.end, a.history.erased],
    [b.history.first, b.history.end, b.history.erased]
  )
  for (let number = a.history.first; number < a.history.end; number++)
    assert.deepStrictEqual(History.bytes(a.history, number), History.bytes(b.history, number))
}

/** Writes output as a whole to one subject, which takes its lines, and byte by byte to the other, which takes none. */
const writeBoth = (whole: Subject, split: Subject, text: string): void => {
  whole.screen.write(Buffer.from(text))
  for (const byte of Buffer.from(text)) split.screen.write(Uint8Array.of(byte))
}

/** Compares all that the subjects have. This reads their screens. */
const areEqual = (whole: Subject, split: Subject): void => {
  isEqual(whole, split)
  assert.deepStrictEqual(Frame.lines(whole.screen.frame()), Frame.lines(split.screen.frame()))
  assert.isTrue(Frame.equals(whole.screen.frame(), split.screen.frame()))
}

/** So many lines, each with another number. */
const numbered = (from: number, count: number): string =>
  Array.from({ length: count }, (_, i) => `line ${from + i}\r\n`).join("")

it.effect.prop(
  "lines that are taken without xterm give the same screen and history as those that arrive in short pieces",
  [Steps],
  ([steps]) =>
    withSubjects((whole, split) => {
      for (const step of steps.flat()) {
        if (step.kind === "resize") {
          whole.screen.resize(step)
          split.screen.resize(step)
        }
        const bytes = bytesOf(step)
        const cut = step.kind === "lines" ? step.cut : 0
        whole.screen.write(bytes.subarray(0, cut))
        whole.screen.write(bytes.subarray(cut))
        for (let at = 0; at < bytes.length; at += SHORT) split.screen.write(bytes.subarray(at, at + SHORT))
        isEqual(whole, split)
        if (step.kind === "read") assert.isTrue(Frame.equals(whole.screen.frame(), split.screen.frame()))
      }
      assert.isTrue(Frame.equals(whole.screen.frame(), split.screen.frame()))
    }),
  { arbitrary: { runs: 300 } }
)

/** Plain output that is long enough to be taken: lines, and the beginning of another one. */
const Plain = Schema.Struct({
  count: integer(0, 20),
  length: integer(0, 150),
  rest: integer(0, 150),
  colors: Schema.Array(Colored).check(Schema.isMaxLength(2)),
  isReturned: Schema.Boolean,
  isRead: Schema.Boolean
})

it.effect.prop(
  "lines that are taken give the same screen and history however often the screen is read meanwhile",
  [Schema.Array(Plain)],
  ([outputs]) =>
    withSubjects(
      (whole, split) => {
        let column = 0
        const write = (text: string): void => {
          whole.screen.write(Buffer.from(text))
          for (let at = 0; at < text.length; at += SHORT) split.screen.write(Buffer.from(text.slice(at, at + SHORT)))
        }
        write("first\r\n".repeat(100))
        for (const { colors, count, isRead, isReturned, length, rest } of outputs) {
          // A line that is returned would be overwritten.
          const end = column === 0 ? "" : "\r\n"
          const line = (printed++).toString().padEnd(length, "#").slice(0, length)
          const lines = `${withColors(line, colors)}\r\n`.repeat(count)
          const text = `${end}${lines}${withColors("-".repeat(rest), colors)}`
          write(`${"#".repeat(60)}\r\n`.repeat(text.length < 256 && column === 0 ? 4 : 0) + text)
          column = rest
          if (isReturned && rest > 0) {
            write("\r")
            if (isRead) whole.screen.frame()
            write("\n")
            column = 0
          }
          if (isRead) assert.isTrue(Frame.equals(whole.screen.frame(), split.screen.frame()))
          isEqual(whole, split)
        }
        assert.isTrue(Frame.equals(whole.screen.frame(), split.screen.frame()))
      },
      { columns: 60, rows: 14 }
    ),
  { arbitrary: { runs: 200 } }
)

it.effect("lines that are taken are drawn before the screen is resized", () =>
  withSubjects((whole, split) => {
    writeBoth(whole, split, numbered(0, ROWS))
    writeBoth(whole, split, numbered(100, 40))
    for (const { screen } of [whole, split]) screen.resize({ columns: COLUMNS, rows: ROWS - 2 })
    areEqual(whole, split)
  })
)

it.effect("a row that was drawn and leaves the screen enters the history as it was drawn", () =>
  withSubjects(
    (whole, split) => {
      writeBoth(whole, split, numbered(0, 100))
      for (const from of [100, 130, 160]) {
        writeBoth(whole, split, numbered(from, 30))
        areEqual(whole, split)
      }
    },
    { columns: COLUMNS, rows: 80 }
  )
)

it.effect("a line whose beginning was drawn leaves nothing on a screen of new lines", () =>
  withSubjects((whole, split) => {
    writeBoth(whole, split, numbered(0, ROWS))
    writeBoth(whole, split, `${numbered(100, 40)}a line that goes`)
    areEqual(whole, split)
    writeBoth(whole, split, ` on\r\n${numbered(200, 40)}`)
    areEqual(whole, split)
  })
)

it.effect("a line after which the screen scrolls in another background fills the new row with it", () =>
  withSubjects((whole, split) => {
    writeBoth(whole, split, numbered(0, ROWS))
    writeBoth(whole, split, `${numbered(100, 40)}\x1b[44mblue\r\n\x1b[m${numbered(200, 2)}`)
    areEqual(whole, split)
  })
)

it.effect("a line that wraps is one line in the history", () =>
  withSubjects((whole, split) => {
    writeBoth(whole, split, numbered(0, ROWS))
    writeBoth(whole, split, `${"long ".repeat(COLUMNS / 2)}\r\n`.repeat(10))
    areEqual(whole, split)
  })
)

it.effect("a colour in a line that is taken replaces the one before, whatever kinds they are of", () =>
  withSubjects((whole, split) => {
    const kinds = ["31", "96", "38;5;200", "38;2;1;22;255"]
    const pairs = kinds.flatMap((before) => kinds.map((after) => `\x1b[${before}mone\x1b[${after}mother\x1b[m\r\n`))
    writeBoth(whole, split, numbered(0, ROWS))
    writeBoth(whole, split, pairs.join(""))
    areEqual(whole, split)
  })
)

it.effect("a sequence that is split between two outputs is read as a whole one, by whomever", () =>
  withSubjects((whole, split) => {
    const lines = "\x1b[32mgreen\x1b[m\r\n".repeat(40)
    const end = "red: \x1b[1;31mred\x1b[m\x1b[K, underlined: \x1b[1;4mline\x1b[m\r\n"
    for (let cut = 0; cut < end.length; cut++) {
      whole.screen.write(Buffer.from(lines + end.slice(0, cut)))
      whole.screen.write(Buffer.from(end.slice(cut) + lines))
      for (const byte of Buffer.from(lines + end + lines)) split.screen.write(Uint8Array.of(byte))
      areEqual(whole, split)
    }
  })
)

it.effect("a line that begins in a row with text leaves what it does not cover", () =>
  withSubjects((whole, split) => {
    for (const drawn of ["\x1b[6;10Hbehind\r", "\x1b[6;1Hbehind\r"]) {
      for (const text of ["line\r\n".repeat(40), drawn, "a\r\n".repeat(100)]) {
        writeBoth(whole, split, text)
        isEqual(whole, split)
      }
      areEqual(whole, split)
    }
  })
)

it.effect("a session without a history draws the newest of many lines", () =>
  Effect.gen(function* () {
    const screen = yield* (yield* Emulator).make({ size: { columns: 20, rows: 3 }, onReply: () => undefined })
    const lines = Array.from({ length: 300 }, (_, i) => `line ${i}\r\n`).join("")
    screen.write(Buffer.from(lines))
    screen.write(Buffer.from(`${lines}and`))
    assert.deepStrictEqual(Frame.lines(screen.frame()), ["line 298", "line 299", "and"])
    assert.strictEqual(screen.frame().cursor.column, 3)
  }).pipe(Effect.scoped, Effect.provide(XtermEmulator.layer))
)
