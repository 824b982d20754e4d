import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import * as CompactRow from "../../../../../src/domain/history/CompactRow.ts"
import * as Erasure from "../../../../../src/domain/history/Erasure.ts"
import * as Frame from "../../../../../src/domain/terminal/Frame.ts"
import * as History from "../../../../../src/domain/history/History.ts"
import * as Rendition from "../../../../../src/domain/terminal/Rendition.ts"
import * as Row from "../../../../../src/domain/terminal/Row.ts"
import * as TerminalReport from "../../../../../src/domain/terminal/TerminalReport.ts"
import * as XtermEmulator from "../../../../../src/services/node/xterm/XtermEmulator.ts"
import { Emulator, type Screen } from "../../../../../src/services/server/Emulator.ts"
import { rowWellFormed } from "../../../../fuzz/frame-laws.ts"
import { bytesOf, Steps } from "../programs.ts"

interface Subject {
  readonly screen: Screen
  readonly history: History.History
  readonly print: (text: string) => void
  /** The history as text. */
  readonly texts: () => ReadonlyArray<string>
  readonly row: (number: number) => Row.Row
}

const withEmulator = (body: (make: (size: Frame.Size, history?: History.History) => Screen) => void): void =>
  Effect.runSync(
    Effect.scoped(
      Effect.gen(function* () {
        const emulator = yield* Emulator
        const scope = yield* Effect.scope
        body((size, history) =>
          Effect.runSync(Scope.provide(emulator.make({ size, onReply: () => undefined, history }), scope))
        )
      })
    ).pipe(Effect.provide(XtermEmulator.layer))
  )

const on = (name: string, body: (subject: Subject) => void, columns = 20, rows = 5, capacity = 10_000): void => {
  it.effect(name, () =>
    Effect.sync(() =>
      withEmulator((make) => {
        const history = History.make(capacity)
        const screen = make({ columns, rows }, history)
        body({
          screen,
          history,
          print: (text) => screen.write(Buffer.from(text)),
          texts: () => [...History.rows(history)].map(Row.line),
          row: (number) => History.row(history, number) as Row.Row
        })
      })
    )
  )
}

const NOTHING = new Uint8Array()

const lines = (from: number, to: number): string =>
  Array.from({ length: to - from + 1 }, (_, i) => `line ${from + i}\r\n`).join("")

it("marks keep the numbers of their lines while these scroll, and the alternate screen has none", () => {
  withEmulator((make) => {
    const screen = make({ columns: 20, rows: 5 }, History.make(100))
    const print = (text: string): void => screen.write(Buffer.from(text))
    const marks = () => screen.frame().marks.kept.map(({ column, line, osc }) => [line, column, osc])
    print("\x1b]133;A\x07$ \x1b]133;B\x07ls\r\n\x1b]133;C\x07" + lines(1, 9) + "\x1b]133;D;1\x07\x1b]133;A;cl=m\x07$ ")
    const expected = [
      [0, 0, "133;A"],
      [0, 2, "133;B"],
      [1, 0, "133;C"],
      [10, 0, "133;D;1"],
      [10, 0, "133;A"]
    ]
    assert.deepStrictEqual(marks(), expected)
    screen.resize({ columns: 20, rows: 3 })
    print("\x1b[?1049h\x1b]133;A\x07\x1b[?1049l\x1b]1337;SetMark\x07\x1b]1337;Other\x07\x1b]1337;SetUserVar=a=eA==\x07")
    assert.deepStrictEqual(marks(), [...expected, [10, 2, "1337;SetMark"]])
    assert.strictEqual(screen.frame().properties.variables.size, 1)
    for (let i = 0; i < 100; i++) print("\x1b]133;A\x07")
    assert.strictEqual(screen.frame().marks.kept.length, 32)
    const unnumbered = make({ columns: 20, rows: 5 })
    unnumbered.write(Buffer.from("\x1b]133;A\x07"))
    assert.strictEqual(unnumbered.frame().marks.count, 0)
    assert.strictEqual(unnumbered.shell().phase, "Prompt")
  })
})

const named = (from: number, to: number): ReadonlyArray<string> =>
  Array.from({ length: to - from + 1 }, (_, i) => `line ${from + i}`)

describe("rows that scroll off the primary screen", () => {
  on("enter the history once, in order", ({ history, print, screen, texts }) => {
    for (let i = 1; i <= 3000; i++) print(`${i}\r\n`)
    assert.strictEqual(history.end, 2996)
    assert.deepStrictEqual(
      [...texts(), ...Frame.lines(screen.frame())],
      [...Array.from({ length: 3000 }, (_, i) => String(i + 1)), ""]
    )
  })

  on(
    "push the oldest ones out when there are too many",
    ({ history, print, texts }) => {
      print(lines(1, 30_000))
      assert.strictEqual(history.end, 29_996)
      assert.deepStrictEqual(texts(), named(19_997, 29_996))
    },
    20,
    5
  )

  on("leave by LF, IND, NEL and by wrapping, and by SU", ({ history, print, texts }) => {
    print(`1\r\n2\r\n3\r\n4\r\n5`)
    print("\n")
    assert.deepStrictEqual(texts(), ["1"])
    print("\x1bD")
    assert.deepStrictEqual(texts(), ["1", "2"])
    print("\x1bE")
    assert.deepStrictEqual(texts(), ["1", "2", "3"])
    print("x".repeat(21))
    assert.deepStrictEqual(texts(), ["1", "2", "3", "4"])
    print("\x1b[2S")
    assert.deepStrictEqual(texts(), ["1", "2", "3", "4", "5", ""])
    print("\x1b[99999S")
    assert.strictEqual(history.end, 11)
  })

  on("keep their wraps, so that a long line stays one", ({ print, row, texts }) => {
    print(`${"a".repeat(45)}\r\nb\r\n\n\n\n\n`)
    assert.deepStrictEqual(texts(), ["a".repeat(20), "a".repeat(20), "a".repeat(5), "b"])
    assert.deepStrictEqual(
      [0, 1, 2, 3].map((number) => row(number).wraps),
      [true, true, false, false]
    )
  })

  on(
    "keep their wraps on a screen of one row",
    ({ print, row }) => {
      print(`${"a".repeat(25)}\r\nb`)
      assert.deepStrictEqual(
        [0, 1].map((number) => [Row.line(row(number)), row(number).wraps]),
        [
          ["a".repeat(20), true],
          ["aaaaa", false]
        ]
      )
    },
    20,
    1
  )

  on("keep their renditions, links, wide characters and marks", ({ print, row, screen }) => {
    print("\x1b[1;31mred\x1b[m \x1b[48;2;1;2;3m日本\x1b[m e\u0301 \x1b[4:3;58;5;9mcurly\x1b[m\r\n")
    print("\x1b]8;id=1;https://example.com/\x1b\\link\x1b]8;;\x1b\\ \x1b[7mx\x1b[m\r\n")
    print("\x1b[44m\x1b[K\x1b[m\r\n")
    const { rows } = screen.frame()
    print("\n\n\n\n\n")
    for (const y of [0, 1, 2]) assert.isTrue(Row.equals(row(y), rows[y] as Row.Row))
    assert.strictEqual(Row.rendition(row(1), 0).link?.uri, "https://example.com/")
    assert.notStrictEqual(Row.rendition(row(0), 0).foreground & Rendition.BOLD, 0)
    assert.strictEqual(Rendition.colorOf(Row.rendition(row(2), 19).background), (1 << 24) | 4)
  })

  on("are encoded alike, whether their text is protected or not", ({ history, print, row }) => {
    print(`\x1b[3mab\x1bVcd\x1bWef\r\n${"\n".repeat(5)}`)
    assert.deepStrictEqual(History.bytes(history, 0), CompactRow.encode(row(0)))
  })

  on("are none on the alternate screen", ({ history, print, screen }) => {
    for (const mode of [47, 1047, 1049]) {
      print(`\x1b[?${mode}h`)
      assert.isTrue(screen.isAlternate())
      print(lines(1, 50))
      print("\x1b[5S")
      print(`\x1b[?${mode}l`)
      assert.isFalse(screen.isAlternate())
    }
    assert.strictEqual(history.end, 0)
  })

  on("are those of a region only if it begins at the top", ({ print, texts }) => {
    print("1\r\n2\r\n3\r\n4\r\n5")
    print("\x1b[2;5r\x1b[5;1H\n\n\x1b[3S")
    assert.deepStrictEqual(texts(), [])
    print("\x1b[1;3r\x1b[3;1H\n")
    assert.deepStrictEqual(texts(), ["1"])
    print("\x1b[1S")
    assert.strictEqual(texts().length, 2)
    print("\x1b[9S")
    assert.strictEqual(texts().length, 5)
  })

  on("are none when lines are deleted, inserted or erased", ({ history, print }) => {
    print("1\r\n2\r\n3\r\n4\r\n5\x1b[H")
    print("\x1b[2M\x1b[2L\x1bM\x1b[3T\x1b[2J\x1b[J\x1b[1J\x1b[!p\x1b#8")
    assert.strictEqual(history.end, 0)
  })

  on("are marked, where the program erased all of the screen", ({ history, print, texts }) => {
    const erasures = () =>
      Array.from({ length: history.end }, (_, number) => Erasure.of(History.bytes(history, number) ?? NOTHING))
    print(`one\r\n${"x".repeat(25)}\x1b[1;2H\x1b[J`)
    assert.strictEqual(history.end, 0)
    print(`\x1b[Hone\r\n${"x".repeat(25)}\r\n\n\x1b[2J`)
    assert.deepStrictEqual(texts(), ["one", "x".repeat(20), "xxxxx"])
    assert.deepStrictEqual(erasures(), ["Screen", "Screen", "Screen"])
    assert.deepStrictEqual(
      [0, 1, 2].map((number) => History.row(history, number)?.wraps),
      [false, true, false]
    )
    // Nothing is left to be erased.
    print("\x1b[H\x1b[2J\x1b[J")
    assert.strictEqual(history.end, 3)
    print("two\x1b[H\x1b[Jx\x1b[?2J\x1b[Hthree\r\n\x1b[?1049hfour\x1b[2J\x1b[?1049l\n\n\n\n")
    assert.deepStrictEqual(texts().slice(3), ["two", "three"])
    assert.deepStrictEqual(erasures().slice(3), ["Rest", undefined])
  })

  on("are erased by CSI 3 J and by a reset, while the numbers go on", ({ history, print, texts }) => {
    print(lines(1, 10))
    print("\x1b[1J\x1b[0J")
    assert.strictEqual(history.erased, 0)
    print("\x1b[3J")
    assert.deepStrictEqual([history.erased, history.first, history.end], [6, 6, 6])
    print("\x1b[H" + lines(11, 16))
    assert.deepStrictEqual(texts(), ["line 11", "line 12"])
    print("\x1bc")
    assert.deepStrictEqual([history.erased, history.first, history.end], [8, 8, 8])
    print(lines(1, 5))
    assert.deepStrictEqual(texts(), ["line 1"])
  })

  on(
    "stay at a reset if the client's terminal keeps them, with its screen in tmux",
    ({ history, print, screen, texts }) => {
      const reset = (name: string): ReadonlyArray<string> => {
        screen.know({ ...TerminalReport.UNKNOWN, name })
        print(`${lines(1, 6)}\x1bc`)
        return texts()
      }
      assert.deepStrictEqual(reset("Konsole 22.12.3"), ["line 1", "line 2"])
      assert.deepStrictEqual(reset("XTerm(379)"), [])
      assert.deepStrictEqual(reset("tmux 3.3a"), ["line 1", "line 2", "line 3", "line 4", "line 5", "line 6"])
      assert.strictEqual(History.bytes(history, history.end - 1)?.[0], 0x04)
    }
  )

  on(
    "neither leave twice nor come back when the size changes",
    ({ history, print, screen, texts }) => {
      print(lines(1, 30) + "$ ")
      const resize = (columns: number, rows: number) => screen.resize({ columns, rows })
      for (const [columns, rows] of [
        [60, 20],
        [100, 40],
        [80, 12],
        [80, 24]
      ] as const) {
        resize(columns, rows)
        const all = [...texts(), ...Frame.lines(screen.frame())].filter((line) => line !== "")
        assert.deepStrictEqual(all, [...named(1, 30), "$"])
      }
      assert.isAtLeast(history.end, 31 - 12)
    },
    80,
    24
  )

  on("are those above the cursor when the screen becomes lower", ({ history, print, screen, texts }) => {
    print("1\r\n2\r\n3\r\n4\r\n5\x1b[2;1H")
    screen.resize({ columns: 20, rows: 3 })
    assert.strictEqual(history.end, 0)
    screen.resize({ columns: 20, rows: 1 })
    assert.deepStrictEqual(texts(), ["1"])
    assert.deepStrictEqual(Frame.lines(screen.frame()), ["2"])
  })

  on("are those of the primary screen when it becomes lower while the alternate one is shown", (subject) => {
    const { history, print, screen, texts } = subject
    print(lines(1, 4) + "$ \x1b[?1049h\x1b[Hvim")
    screen.resize({ columns: 20, rows: 2 })
    assert.deepStrictEqual(texts(), ["line 1", "line 2", "line 3"])
    screen.resize({ columns: 20, rows: 5 })
    print("\x1b[?1049l")
    assert.deepStrictEqual(Frame.lines(screen.frame()), ["line 4", "$", "", "", ""])
    assert.strictEqual(history.end, 3)
  })

  it.prop(
    "are, with the screen below them, all that a screen without an end shows of plain output",
    [
      Schema.Array(
        Schema.Literals(["a", "word ", "日本", "e\u0301", "\x1b[31m", "\x1b[m", "\r\n", "\r\n", "\t", "x".repeat(30)])
      ),
      Schema.Int.check(Schema.isBetween({ minimum: 2, maximum: 24 })),
      Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 6 }))
    ],
    ([pieces, columns, rows]) =>
      withEmulator((make) => {
        const output = Buffer.from(pieces.join(""))
        const history = History.make(10_000)
        const low = make({ columns, rows }, history)
        const high = make({ columns, rows: 500 })
        low.write(output)
        high.write(output)
        const all = [...History.rows(history), ...low.frame().rows]
        const whole = high.frame().rows
        if (high.frame().cursor.row < 499)
          all.forEach((row, y) => assert.isTrue(Row.equals(row, whole[y] as Row.Row), `row ${y}`))
      })
  )

  it.prop("are well-formed, counted, and change nothing on the screen, whatever a program prints", [Steps], ([steps]) =>
    withEmulator((make) => {
      const size = { columns: 24, rows: 8 }
      const history = History.make(50)
      const collecting = make(size, history)
      const plain = make(size)
      let end = 0
      for (const { output, size } of steps) {
        for (const screen of [collecting, plain]) {
          screen.write(bytesOf(output))
          if (size !== undefined) screen.resize(size)
        }
        assert.isTrue(Frame.equals(collecting.frame(), plain.frame()))
        assert.isAtLeast(history.end, end)
        end = history.end
        for (let number = history.first; number < end; number++) {
          const row = History.row(history, number)
          assert.isDefined(row)
          if (row === undefined) continue
          rowWellFormed(row, Row.columns(row))
          assert.deepStrictEqual(CompactRow.encode(row), Erasure.without(History.bytes(history, number) ?? NOTHING))
        }
      }
    })
  )
})
