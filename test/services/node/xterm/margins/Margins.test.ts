import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as History from "../../../../../src/domain/history/History.ts"
import * as Rendition from "../../../../../src/domain/terminal/Rendition.ts"
import * as XtermEmulator from "../../../../../src/services/node/xterm/XtermEmulator.ts"
import { Emulator } from "../../../../../src/services/server/Emulator.ts"
import * as Model from "../MarginModel.ts"
import { makeScreen } from "../screen.ts"

const COLUMNS = 20
const ROWS = 7

const between = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))

const Command = Schema.Struct({ command: Schema.Literals(Object.keys(Model.COMMANDS)), n: between(1, 6) })
const Cursor = Schema.Struct({
  set: Schema.Literals(["cursor"]),
  a: between(1, ROWS + 1),
  b: between(1, COLUMNS + 1)
})
const Step = Schema.Union([
  Schema.Struct({ text: Schema.Literals(["a", "bc", "defgh", "ijklmnopqrstu"]) }),
  Command,
  Command,
  Command,
  Cursor,
  Cursor,
  Schema.Struct({ set: Schema.Literals(["topBottom"]), a: between(1, ROWS), b: between(1, ROWS) }),
  Schema.Struct({ set: Schema.Literals(["leftRight"]), a: between(1, COLUMNS), b: between(1, COLUMNS) }),
  Schema.Struct({ origin: Schema.Boolean })
])

const FILL = Array.from({ length: ROWS }, (_, y) => String.fromCharCode(65 + y).repeat(COLUMNS)).join("")

type TestScreen = Effect.Success<ReturnType<typeof makeScreen>>

const on = (name: string, body: (screen: TestScreen) => void) =>
  it.effect(name, () => Effect.map(makeScreen(), body).pipe(Effect.scoped, Effect.provide(XtermEmulator.layer)))

describe("left and right margins", () => {
  it.effect.prop(
    "move, wrap, scroll, insert and delete like a model of the screen",
    [Schema.Array(Step).check(Schema.isMaxLength(25))],
    ([steps]) =>
      Effect.gen(function* () {
        const screen = yield* makeScreen(COLUMNS, ROWS)
        const model = Model.make(COLUMNS, ROWS)
        screen.print(`\x1b[?69h${FILL}\x1b[H`)
        Model.apply(model, { text: FILL })
        Model.apply(model, { set: "cursor", a: 1, b: 1 })
        Model.apply(model, { set: "leftRight", a: 4, b: 15 })
        screen.print("\x1b[4;15s")
        for (const step of steps) {
          screen.print(Model.bytesOf(step))
          Model.apply(model, step)
        }
        const shown = screen.frame().rows.map((_, y) => screen.line(y))
        assert.deepStrictEqual(shown, Model.textOf(model), JSON.stringify(steps))
        assert.deepStrictEqual(screen.cursor(), [model.y, model.x], JSON.stringify(steps))
      }).pipe(Effect.scoped, Effect.provide(XtermEmulator.layer)),
    { arbitrary: { runs: 300 } }
  )

  on("are the sides of the screen without mode 69, and after a reset or another size", (screen) => {
    const report = "\x1bP$qs\x1b\\\x1b[?69$p"
    screen.print(`\x1b[2;3H\x1b[5;10s\x1b[H\x1b[u${report}`)
    assert.deepStrictEqual(screen.cursor(), [1, 2])
    assert.strictEqual(screen.replies(), "\x1bP1$r1;20s\x1b\\\x1b[?69;2$y")
    for (const reset of ["\x1b[?69l", "\x1b[!p", "\x1bc"]) {
      screen.print(`\x1b[?69h\x1b[5;10s${report}${reset}${report}`)
      assert.strictEqual(
        screen.replies(),
        "\x1bP1$r5;10s\x1b\\\x1b[?69;1$y\x1bP1$r1;20s\x1b\\\x1b[?69;2$y",
        JSON.stringify(reset)
      )
    }
    screen.print("\x1b[?69h\x1b[5;10s")
    screen.resize(12, 5)
    screen.print("\x1b[3;20s\x1bP$qs\x1b\\")
    assert.strictEqual(screen.replies(), "\x1bP1$r3;12s\x1b\\")
  })

  on("count the cursor's position from them with origin mode", (screen) => {
    screen.print("\x1b[?69h\x1b[5;10s\x1b[2;4r\x1b[?6h\x1b[2;3H\x1b[6n\x1b[?6n")
    assert.deepStrictEqual(screen.cursor(), [2, 6])
    assert.strictEqual(screen.replies(), "\x1b[2;3R\x1b[?2;3R")
    screen.print("\x1b7\x1b[?6l\x1b[H\x1b8\x1b[6n\x1b[9A\x1b[6n")
    assert.strictEqual(screen.replies(), "\x1b[2;3R\x1b[1;3R")
  })

  on("lead back, with mode 45, from their first cell to their last one, and elsewhere around the screen", (screen) => {
    const at = (row: number, column: number, back: string) => {
      screen.print(`\x1b[${row};${column}H${back}`)
      const [y = 0, x = 0] = screen.cursor()
      return [y + 1, x + 1]
    }
    screen.print("\x1b[?45h")
    assert.deepStrictEqual(at(1, 1, "\b"), [5, 20])
    assert.deepStrictEqual(at(1, 1, "\x1b[10D"), [5, 20])
    assert.deepStrictEqual(at(1, 5, "\x1b[10D"), [5, 15])
    screen.print("\x1b[2;4r")
    assert.deepStrictEqual(at(2, 1, "\b"), [4, 20])
    assert.deepStrictEqual(at(2, 1, "\x1b[2D"), [4, 20])
    assert.deepStrictEqual(at(2, 5, "\x1b[10D"), [1, 15])
    assert.deepStrictEqual(at(3, 1, "\b"), [2, 20])
    assert.deepStrictEqual(at(1, 1, "\b"), [5, 20])
    assert.deepStrictEqual(at(5, 1, "\b"), [4, 20])
    screen.print("\x1b[?6h")
    assert.deepStrictEqual(at(1, 1, "\b"), [4, 20])
    screen.print("\x1b[?6l\x1b[?69h\x1b[3;7s")
    assert.deepStrictEqual(at(2, 3, "\b"), [4, 7])
    assert.deepStrictEqual(at(2, 1, "\b"), [1, 7])
    assert.deepStrictEqual(at(4, 3, "\b"), [3, 7])
  })

  on("are unset by the alignment pattern, which is in the default rendition", (screen) => {
    const pen = '\x1bP$qm\x1b\\\x1bP$q"q\x1b\\'
    screen.print(`\x1b[?69h\x1b[5;10s\x1b[1;4;7;41m\x1b[1"q\x1b#8${pen}\x1bP$qs\x1b\\`)
    assert.strictEqual(screen.line(4), "E".repeat(20))
    assert.deepStrictEqual(screen.rendition(2, 2), Rendition.DEFAULT)
    assert.strictEqual(screen.replies(), '\x1bP1$r0;41m\x1b\\\x1bP1$r1"q\x1b\\\x1bP1$r1;20s\x1b\\')
    screen.print("\x1b[?J")
    assert.deepStrictEqual(screen.text(), [])
  })

  on("are not passed by columns that are inserted or deleted while a wrap is pending, which stays so", (screen) => {
    const row = "x".repeat(20)
    for (const edit of ["'}", "'~"]) {
      screen.print(`\x1b[2J\x1b[H${row}\x1b[${edit}y`)
      assert.deepStrictEqual(screen.text(), ["x".repeat(19), "y"])
    }
  })

  on("hold text back only within them in insert mode, and repeat the character before a pending wrap", (screen) => {
    screen.print("abcdefghij\x1b[?69h\x1b[3;6s\x1b[4h\x1b[1;1HX\x1b[1;4HY\x1b[1;9HZ")
    assert.deepStrictEqual(screen.text(), ["XbcYdeghZj"])
    screen.print("\x1b[4l\x1b[2;3Hwxyz\x1b[2b")
    assert.deepStrictEqual(screen.text(), ["XbcYdeghZj", "  wxyz", "  zz"])
    screen.print("\x1b[4;3H日本\x1b[b")
    assert.deepStrictEqual(screen.text(), ["XbcYdeghZj", "  wxyz", "  zz", "  日本", "  本"])
  })

  on("are where a line feed with mode 20 leads, and end no tab back from a full row", (screen) => {
    screen.print("\x1b[?69h\x1b[3;6s\x1b[20h\x1b[1;4Ha\n")
    assert.deepStrictEqual(screen.cursor(), [1, 2])
    screen.print("\x1b[20l\x1b[1;4Ha\n")
    assert.deepStrictEqual(screen.cursor(), [1, 4])
    screen.print(`\x1b[?69l\x1b[H${"x".repeat(20)}\x1b[Z`)
    assert.deepStrictEqual(screen.cursor(), [0, 16])
  })

  on("join marks to the character at the right margin, and wrap after it", (screen) => {
    screen.print("\x1b[?69h\x1b[3;5sab\x1b[1;3Hxyze\u0301")
    assert.deepStrictEqual(screen.text(), ["abxyz", "  e\u0301"])
    screen.print("\x1b[1;5Hz\u0301w日本")
    assert.deepStrictEqual(screen.text(), ["abxyz\u0301", "  w日", "  本"])
  })

  on("erase wide characters of which they leave a half", (screen) => {
    screen.print("日本語日本語\r\nxxxxxxxxxxxx\x1b[?69h\x1b[4;9s\x1b[1;4H\x1b[P")
    assert.deepStrictEqual(screen.text(), ["日 語日   語", "xxxxxxxxxxxx"])
  })

  it.effect("keep rows that scroll within them out of the history", () =>
    Effect.gen(function* () {
      const history = History.make(10)
      const screen = yield* (yield* Emulator).make({
        size: { columns: 8, rows: 2 },
        onReply: () => undefined,
        history
      })
      const end = () => history.end
      screen.write(Buffer.from("a\r\nb\x1b[?69h\x1b[1;4s\x1b[2;1H\n\n\x1b[3S"))
      assert.strictEqual(end(), 0)
      screen.write(Buffer.from("\x1b[?69l\x1b[2;1H\n"))
      assert.strictEqual(end(), 1)
    }).pipe(Effect.scoped, Effect.provide(XtermEmulator.layer))
  )
})
