import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Frame from "../../../../src/domain/terminal/Frame.ts"
import * as History from "../../../../src/domain/history/History.ts"
import * as Row from "../../../../src/domain/terminal/Row.ts"
import * as TerminalReport from "../../../../src/domain/terminal/TerminalReport.ts"
import * as XtermEmulator from "../../../../src/services/node/xterm/XtermEmulator.ts"
import { Emulator } from "../../../../src/services/server/Emulator.ts"
import { textOf } from "./screen.ts"

const COLUMNS = 20
const ROWS = 6

const make = Effect.gen(function* () {
  const history = History.make(100)
  const screen = yield* (yield* Emulator).make({
    size: { columns: COLUMNS, rows: ROWS },
    onReply: () => undefined,
    history
  })
  screen.know(TerminalReport.UNKNOWN)
  return {
    screen,
    print: (text: string) => screen.write(Buffer.from(text)),
    widen: (columns: number, rows = ROWS) => screen.resize({ columns, rows }),
    text: () => textOf(screen.frame()),
    wraps: () => screen.frame().rows.map((row) => row.wraps),
    past: () => [...History.rows(history)].map((row) => Row.line(row) + (row.wraps ? "\\" : ""))
  }
})

type Subject = Effect.Success<typeof make>

const on = (name: string, body: (subject: Subject) => void): void => {
  it.effect(name, () => make.pipe(Effect.map(body), Effect.provide(XtermEmulator.layer)))
}

describe("text that a narrower screen cuts off", () => {
  on("is there again when the screen is wider", ({ print, text, widen }) => {
    print("0123456789日x\r\n\x1b[31mred and long\x1b[m\r\nabc")
    widen(11)
    assert.deepStrictEqual(text(), ["0123456789", "red and lon", "abc"])
    widen(5)
    assert.deepStrictEqual(text(), ["01234", "red a", "abc"])
    widen(11)
    assert.deepStrictEqual(text(), ["0123456789", "red and lon", "abc"])
    widen(30)
    assert.deepStrictEqual(text(), ["0123456789日x", "red and long", "abc"])
  })

  on("stays away once the rest of its line has changed", ({ print, text, widen }) => {
    print("first and long\r\nsecond and long\r\nthird and long\r\nfourth and long")
    widen(10)
    print("\x1b[H1\x1b[2;3H\x1b[P")
    // Erased and printed again as it was.
    print("\x1b[3;1H\x1b[Kthird and ")
    widen(COLUMNS)
    assert.deepStrictEqual(text(), ["1irst and", "seond and", "third and", "fourth and long"])
  })

  on("stays away once the screen is erased", ({ print, text, widen }) => {
    print("first and long\r\nsecond and long\r\nthird and long")
    widen(9)
    print("\x1b[2;1H\x1b[Jsecond an")
    widen(COLUMNS)
    assert.deepStrictEqual(text(), ["first and long", "second an"])
  })

  on("is whole in the history", ({ past, print, widen }) => {
    print("0123456789abcdef\r\n")
    widen(10)
    print("\n".repeat(ROWS))
    assert.strictEqual(past()[0], "0123456789abcdef")
  })

  on("is whole in the history when the screen is erased, or is lower as well", ({ past, print, widen }) => {
    print("0123456789abcdef\r\n")
    widen(10)
    print("\x1b[2J")
    assert.deepStrictEqual(past(), ["0123456789abcdef"])
    print("\x1b[H0123456789\r\n\n\n\n\n")
    widen(8)
    widen(6, 2)
    assert.strictEqual(past()[1], "0123456789")
  })

  on("stays one line with what continued it", ({ past, print, text, widen, wraps }) => {
    print(`${"x".repeat(COLUMNS)}yyy\r\n`)
    widen(10)
    assert.deepStrictEqual(wraps().slice(0, 2), [false, false])
    widen(30)
    assert.deepStrictEqual(wraps().slice(0, 2), [false, false])
    widen(COLUMNS)
    assert.deepStrictEqual(text(), ["x".repeat(COLUMNS), "yyy"])
    assert.deepStrictEqual(wraps().slice(0, 2), [true, false])
    widen(10)
    print("\n".repeat(ROWS))
    assert.deepStrictEqual(past().slice(0, 2), [`${"x".repeat(COLUMNS)}\\`, "yyy"])
  })

  on("is kept below a program on the alternate screen, whose own is not", ({ print, text, widen }) => {
    print("0123456789abcdef\x1b[?1049h\x1b[Hediting a file")
    widen(10)
    assert.deepStrictEqual(text(), ["editing a"])
    widen(COLUMNS)
    assert.deepStrictEqual(text(), ["editing a"])
    print("\x1b[?1049l")
    assert.deepStrictEqual(text(), ["0123456789abcdef"])
  })

  on("is cut for good, as in stock, where the client is not one of ours", ({ past, print, screen, text, widen }) => {
    print("0123456789abcdef\r\n")
    widen(10)
    screen.know("Unknown")
    widen(COLUMNS)
    assert.deepStrictEqual(text(), ["0123456789"])
    print("\x1b[Habcdefghijklmno\r\n")
    widen(10)
    print("\n".repeat(ROWS))
    assert.strictEqual(past()[0], "abcdefghij")
  })

  on("does not belong to a line that scrolled and shows the same", ({ print, text, widen }) => {
    print("0123456789abcdef\r\n".repeat(ROWS))
    widen(10)
    print("0123456789\r\n\n".repeat(2 * ROWS))
    widen(COLUMNS)
    assert.isTrue(text().every((line) => line === "" || line === "0123456789"))
  })

  on("stays away from a combined character that was printed over", ({ print, text, widen }) => {
    print("e\u0301 and long")
    widen(6)
    print("\re\u0300")
    widen(COLUMNS)
    assert.deepStrictEqual(text(), ["e\u0300 and"])
  })

  on("stays away once characters of a line are erased or moved, even if none was visible", ({ print, text, widen }) => {
    for (const edit of ["X", "P", "@"]) {
      print("\x1b[2J\x1b[1;15Hright")
      widen(10)
      print(`\x1b[1;1H\x1b[10${edit}`)
      widen(COLUMNS)
      assert.deepStrictEqual(text(), [])
    }
  })

  on("is no longer one line with what continued it, once that has changed", ({ past, print, widen, wraps }) => {
    print(`${"x".repeat(COLUMNS)}yyy`)
    widen(10)
    print("\r\x1b[Kprompt")
    widen(COLUMNS)
    assert.deepStrictEqual(wraps().slice(0, 2), [false, false])
    widen(10)
    print("\n".repeat(ROWS))
    assert.deepStrictEqual(past().slice(0, 2), ["x".repeat(COLUMNS), "prompt"])
  })

  on("has the cursor again behind it", ({ print, text, widen }) => {
    print("0123456789abcde")
    widen(12)
    widen(10)
    widen(13)
    widen(COLUMNS)
    print("f")
    assert.deepStrictEqual(text(), ["0123456789abcdef"])
    widen(10)
    print("\x1b[3G")
    widen(COLUMNS)
    print("C")
    assert.deepStrictEqual(text(), ["01C3456789abcdef"])
  })

  on("does not move the cursor in a line that was printed again", ({ print, screen, widen }) => {
    print("0123456789abcde")
    widen(10)
    print("\r\x1b[K012345678")
    widen(5)
    widen(COLUMNS)
    assert.strictEqual(screen.frame().cursor.column, 9)
  })

  const Widths = Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 60 }))).check(
    Schema.isMaxLength(5)
  )
  const Text = Schema.Array(
    Schema.Literals(["a", "bc ", "日", "\r\n", "\x1b[32m", "\x1b[m", "0123456789", "e\u0301", "\x1b[44m \x1b[m"])
  ).check(Schema.isMaxLength(60))

  it.effect.prop(
    "is the same after any sizes of a screen whose program prints nothing",
    [Text, Widths],
    ([text, widths]) =>
      Effect.gen(function* () {
        const { print, screen, widen } = yield* make
        print(text.join(""))
        const before = screen.frame()
        for (const columns of widths) widen(columns)
        widen(COLUMNS)
        const after = screen.frame()
        const rows = (frame: Frame.Frame) => frame.rows.map((row) => `${Row.line(row)}${row.wraps ? "\\" : ""}`)
        assert.deepStrictEqual(rows(after), rows(before))
      }).pipe(Effect.scoped, Effect.provide(XtermEmulator.layer))
  )
})
