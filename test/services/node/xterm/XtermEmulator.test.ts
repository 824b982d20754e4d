import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Color from "../../../../src/domain/terminal/Color.ts"
import * as KeyboardModes from "../../../../src/domain/keyboard/KeyboardModes.ts"
import * as Modes from "../../../../src/domain/terminal/Modes.ts"
import * as Rendition from "../../../../src/domain/terminal/Rendition.ts"
import { MAX_SIZE } from "../../../../src/domain/terminal/ScreenSize.ts"
import * as XtermEmulator from "../../../../src/services/node/xterm/XtermEmulator.ts"
import { colorForms } from "../../../support/color-forms.ts"
import { makeScreen } from "./screen.ts"

type TestScreen = Effect.Success<ReturnType<typeof makeScreen>>

/** One test on one screen. */
const on = (name: string, body: (screen: TestScreen) => void, columns?: number, rows?: number) =>
  it.effect(name, () =>
    Effect.map(makeScreen(columns, rows), body).pipe(Effect.scoped, Effect.provide(XtermEmulator.layer))
  )

describe("text", () => {
  on("is laid by the pinned widths, without clustering", (screen) => {
    screen.print("日本e\u0301!👩\u200d💻.🇩🇪|")
    assert.deepStrictEqual(screen.text(), ["日本e\u0301!👩\u200d💻.🇩🇪|"])
    assert.deepStrictEqual(screen.cursor(), [0, 14])
    assert.strictEqual(screen.cell(0, 0), "日")
    assert.strictEqual(screen.cell(0, 1), "")
    assert.strictEqual(screen.cell(0, 4), "e\u0301")
    assert.strictEqual(screen.cell(0, 6), "👩\u200d")
    assert.strictEqual(screen.cell(0, 8), "💻")
    assert.strictEqual(screen.cell(0, 11), "🇩")
  })

  on("leaves out what has no width and joins nothing", (screen) => {
    screen.print("a\u0378b\x7f\u2028c")
    assert.deepStrictEqual(screen.text(), ["abc"])
  })

  on("joins a mark although a colour came between", (screen) => {
    screen.print("e\x1b[31m\u0301x")
    assert.strictEqual(screen.cell(0, 0), "e\u0301")
    assert.strictEqual(screen.cell(0, 1), "x")
  })

  on("joins a mark to the last column while a wrap is pending", (screen) => {
    screen.print("x".repeat(19) + "日\r" + "y".repeat(20) + "\u0301z")
    assert.deepStrictEqual(screen.text(), ["x".repeat(19), "y".repeat(20) + "\u0301", "z"])
  })

  on("joins a mark to the character under a cursor that was moved there", (screen) => {
    screen.print("abc\x1b[1;2H\u0301")
    assert.deepStrictEqual(screen.text(), ["ab\u0301c"])
    assert.deepStrictEqual(screen.cursor(), [0, 1])
  })

  on("gives a mark that stands alone something to stand on", (screen) => {
    screen.print("\u0301\u0302x\x1b[3;5H\u0303")
    assert.deepStrictEqual(screen.text(), ["\u00a0\u0301\u0302x", "", "    \u00a0\u0303"])
    assert.deepStrictEqual(screen.cursor(), [2, 5])
  })

  on("takes no more marks than a cell holds", (screen) => {
    screen.print("a" + "\u0301".repeat(100_000) + "b")
    assert.strictEqual(screen.cell(0, 0), "a" + "\u0301".repeat(16))
    assert.strictEqual(screen.cell(0, 1), "b")
  })

  on("shows one U+FFFD for each maximal subpart of what is no UTF-8", (screen) => {
    const cases: ReadonlyArray<readonly [string, string]> = [
      ["c328", "\ufffd("],
      ["eda080", "\ufffd\ufffd\ufffd"],
      ["f4908080", "\ufffd\ufffd\ufffd\ufffd"],
      ["c080", "\ufffd\ufffd"],
      ["e08080", "\ufffd\ufffd\ufffd"],
      ["f888808080", "\ufffd\ufffd\ufffd\ufffd\ufffd"],
      ["8081", "\ufffd\ufffd"],
      ["f09f9841", "\ufffdA"],
      ["fffe", "\ufffd\ufffd"],
      ["fc8480808080", "\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd"],
      ["f0808080", "\ufffd\ufffd\ufffd\ufffd"],
      ["f09f9ff0", "\ufffd"],
      ["e280e697a5", "\ufffd日"],
      ["f48fbfbd41", "\u{10fffd}A"],
      ["e697a5", "日"]
    ]
    for (const [bytes, shown] of cases) {
      screen.print("\x1b[H\x1b[2J")
      for (const byte of Buffer.from(bytes, "hex")) screen.print(Uint8Array.of(byte))
      assert.deepStrictEqual(screen.text(), [shown], bytes)
    }
  })

  on("overwrites one half of a wide character and leaves the other empty", (screen) => {
    screen.print("日本\x1b[1;2Hx\x1b[1;3Hy")
    assert.deepStrictEqual(screen.text(), [" xy"])
  })

  on("without autowrap stays in the last column", (screen) => {
    screen.print("\x1b[?7l" + "a".repeat(18) + "bcde日")
    assert.deepStrictEqual(screen.text(), ["a".repeat(18) + "be"])
    assert.deepStrictEqual(screen.cursor(), [0, 19])
  })

  on("draws lines with the other character set", (screen) => {
    screen.print("\x1b(0lqk\x1b(B q")
    assert.deepStrictEqual(screen.text(), ["┌─┐ q"])
  })

  on("tells where a line goes on in the next row", (screen) => {
    screen.print("x".repeat(25) + "\r\n" + "y".repeat(20) + "\r\nz\r\n" + "w".repeat(19) + "日")
    assert.deepStrictEqual(
      screen.frame().rows.map((row) => row.wraps),
      // In the last case, 日 did not fit, so its row ends in an empty cell.
      [false, false, false, false, false]
    )
    screen.print("\x1bc" + "x".repeat(25))
    assert.deepStrictEqual(
      screen.frame().rows.map((row) => row.wraps),
      [true, false, false, false, false]
    )
    screen.print("\x1b[1;15H\x1b[K")
    assert.isFalse(screen.frame().rows[0]?.wraps)
  })

  on("keeps a line's wraps while the cursor moves through its rows, and the rest of it is drawn again", (screen) => {
    const wraps = () => screen.frame().rows.map((row) => row.wraps)
    screen.print("x".repeat(50) + "\x1b[1;1Hy\r\n\n")
    assert.deepStrictEqual(wraps(), [true, true, false, false, false])
    screen.print("\r\x1b[1A\n\r\n")
    assert.deepStrictEqual(wraps(), [true, true, false, false, false])
    // A pager's prompt in place of the rest of the line.
    screen.print("\r:\r\x1b[Kxx\r\x1b[Jxx")
    assert.deepStrictEqual(wraps(), [true, true, false, false, false])
  })

  on("ends a line in the last column where that is drawn again or erased", (screen) => {
    const wraps = () => screen.frame().rows.map((row) => row.wraps)
    screen.print("x".repeat(50) + "\x1b[1;1H" + "y".repeat(20) + "\r\n")
    assert.deepStrictEqual(wraps(), [false, true, false, false, false])
    screen.print("\x1b[2;5H\x1b[K" + "z".repeat(16))
    assert.deepStrictEqual(wraps(), [false, false, false, false, false])
    screen.print("\x1bc" + "x".repeat(50) + "\x1b[2;5H\x1b[2K\r" + "\u00fc".repeat(20) + "\r\n")
    assert.deepStrictEqual(wraps(), [true, false, false, false, false])
    screen.print("\x1bc" + "x".repeat(50) + "\x1b[1;15H\x1b[K" + "\u00fc".repeat(10) + "z")
    assert.deepStrictEqual(wraps(), [true, true, false, false, false])
  })
})

describe("renditions", () => {
  const { BLINK, BOLD, DIM, INVERSE, INVISIBLE, ITALIC, OVERLINE, STRIKETHROUGH, UNDERLINE_SHIFT } = Rendition

  on("carry every attribute and colour", (screen) => {
    const cases: ReadonlyArray<readonly [string, Partial<Rendition.Rendition>]> = [
      ["1", { foreground: BOLD }],
      ["2", { foreground: DIM }],
      ["3", { foreground: ITALIC }],
      ["5", { foreground: BLINK }],
      ["7", { foreground: INVERSE }],
      ["8", { foreground: INVISIBLE }],
      ["9", { background: STRIKETHROUGH }],
      ["53", { background: OVERLINE }],
      ["4", { underline: 1 << UNDERLINE_SHIFT }],
      ["21", { underline: 2 << UNDERLINE_SHIFT }],
      ["4:3", { underline: 3 << UNDERLINE_SHIFT }],
      ["4:4", { underline: 4 << UNDERLINE_SHIFT }],
      ["4:5", { underline: 5 << UNDERLINE_SHIFT }],
      ["4;58;5;9", { underline: (1 << UNDERLINE_SHIFT) | Color.palette(9) }],
      ["4:3;58:2::1:2:3", { underline: (3 << UNDERLINE_SHIFT) | Color.rgb(1, 2, 3) }],
      ["4;58;2;255;255;255", { underline: (1 << UNDERLINE_SHIFT) | Color.rgb(255, 255, 255) }],
      ["4;58;5;9;59", { underline: 1 << UNDERLINE_SHIFT }],
      ["31;44", { foreground: Color.palette(1), background: Color.palette(4) }],
      ["97;100", { foreground: Color.palette(15), background: Color.palette(8) }],
      ["38;5;1;48;5;255", { foreground: Color.indexed(1), background: Color.palette(255) }],
      ["38;2;9;8;7;48:2::1:2:3", { foreground: Color.rgb(9, 8, 7), background: Color.rgb(1, 2, 3) }],
      ["38;2;9;8;7;31", { foreground: Color.palette(1) }],
      ["1;2;3;4;5;7;8;9;53;31;44;0", {}],
      ["1;2;22;3;23;4;24;5;25;7;27;8;28;9;29;53;55;31;39;44;49", {}]
    ]
    for (const [sgr, expected] of cases) {
      screen.print(`\x1b[H\x1b[0m\x1b[${sgr}mx`)
      assert.deepStrictEqual(screen.rendition(0, 0), { ...Rendition.DEFAULT, ...expected }, sgr)
      assert.deepStrictEqual(screen.pen(), { ...Rendition.DEFAULT, ...expected }, sgr)
    }
  })

  on("have the colours that programs ask for, in every form", (screen) => {
    for (const [sgr, expected] of colorForms) {
      screen.print(`\x1b[H\x1b[0m\x1b[4;${sgr}mx`)
      const wanted = { ...Rendition.DEFAULT, underline: 1 << UNDERLINE_SHIFT, ...expected }
      assert.deepStrictEqual(screen.rendition(0, 0), wanted, sgr)
    }
  })

  on("keep hyperlinks beside underlines", (screen) => {
    screen.print("\x1b]8;id=7;http://a/?b;c\x1b\\\x1b[4:3mx日\x1b[4:0m\x1b]8;;\x07y\x1b]8;;http://d\x07z")
    const link = { params: "id=7", uri: "http://a/?b;c" }
    for (const column of [0, 1, 2]) {
      assert.deepStrictEqual(screen.rendition(0, column), {
        ...Rendition.DEFAULT,
        underline: 3 << UNDERLINE_SHIFT,
        link
      })
    }
    assert.deepStrictEqual(screen.rendition(0, 3), Rendition.DEFAULT)
    assert.deepStrictEqual(screen.rendition(0, 4).link, { params: "", uri: "http://d" })
    assert.deepStrictEqual(screen.pen().link, { params: "", uri: "http://d" })
  })

  on("know each of very many hyperlinks that are on the screen", (screen) => {
    for (let i = 0; i < 5000; i++) screen.print(`\x1b]8;;http://a/${i}\x07${i % 20 === 0 ? "\r" : ""}x`)
    for (let x = 0; x < 20; x++) assert.strictEqual(screen.rendition(0, x).link?.uri, `http://a/${4980 + x}`)
  })

  on(
    "know hyperlinks of 16 MiB in all, and others again once those are gone",
    (screen) => {
      const open = (i: number) => `\x1b]8;;http://a/${i}/${"l".repeat(2000)}\x07x`
      for (let i = 0; i < 4800; i++) screen.print(open(i))
      assert.isDefined(screen.rendition(0, 0).link)
      assert.isDefined(screen.rendition(40, 0).link)
      assert.isUndefined(screen.rendition(59, 0).link)
      screen.print("\x1b[2J\x1b[H")
      for (let i = 0; i < 1100; i++) screen.print(open(i))
      assert.isDefined(screen.rendition(13, 0).link)
    },
    80,
    60
  )

  on("are saved and restored whole with the cursor", (screen) => {
    screen.print("\x1b[4:3;58;5;9;1m\x1b7\x1b[0m\x1b8x")
    assert.deepStrictEqual(screen.rendition(0, 0), {
      ...Rendition.DEFAULT,
      foreground: BOLD,
      underline: (3 << UNDERLINE_SHIFT) | Color.palette(9)
    })
    screen.print("\x1b[0m\x1b7\x1b[4:3m\x1b8y")
    assert.deepStrictEqual(screen.rendition(0, 1), Rendition.DEFAULT)
  })

  on("have the background in force where lines are scrolled or put in", (screen) => {
    for (const sequence of ["\x1b[T", "\x1b[S\x1b[5d", "\x1b[H\x1b[L", "\x1b[H\x1bM"]) {
      screen.print(`\x1bc\x1b[44m${sequence}`)
      const row = sequence.includes("S") ? 4 : 0
      assert.deepStrictEqual(screen.rendition(row, 0), { ...Rendition.DEFAULT, background: Color.palette(4) })
    }
    screen.print("\x1bc\x1b[3;4Hx\x1b[2T")
    assert.deepStrictEqual(screen.cursor(), [2, 4])
    assert.strictEqual(screen.cell(4, 3), "x")
  })

  on("leave erased cells with a background and nothing else", (screen) => {
    screen.print("\x1b[1;4;7;31;44mxxx\x1b[2J")
    assert.deepStrictEqual(screen.rendition(0, 0), { ...Rendition.DEFAULT, background: Color.palette(4) })
    assert.strictEqual(screen.cell(0, 0), "")
  })
})

describe("modes", () => {
  on("are kept as the program set them", (screen) => {
    assert.deepStrictEqual(screen.frame().modes, Modes.DEFAULT)
    screen.print("\x1b[?5;1004;1007;2004h\x1b[?1002;1003h\x1b[?1006h")
    assert.deepStrictEqual(screen.frame().modes, {
      reverseVideo: true,
      focus: true,
      alternateScroll: true,
      bracketedPaste: true,
      mouse: [1002, 1003],
      mouseEncoding: [1006],
      keyboard: KeyboardModes.DEFAULT
    })
    screen.print("\x1b[?5;1004;1007;2004;1002;1003;1006l")
    assert.deepStrictEqual(screen.frame().modes, Modes.DEFAULT)
    screen.print("\x1b[?9;1000;1001;1002;1003h\x1b[?1005;1006;1015;1016h\x1b[?1003;1016l")
    assert.deepStrictEqual(screen.frame().modes.mouse, [9, 1000, 1001, 1002, 1003, -1003])
    assert.deepStrictEqual(screen.frame().modes.mouseEncoding, [1005, 1006, 1015, 1016, -1016])
  })

  on("keep their identity while they do not change", (screen) => {
    screen.print("\x1b[?2004h")
    const before = screen.frame().modes
    screen.print("x\x1b[?2004h\x1b[?25l")
    assert.strictEqual(screen.frame().modes, before)
  })

  for (const [name, reset] of [
    ["a full reset", "\x1bc"],
    ["a soft reset", "\x1b[!p"]
  ] as const) {
    on(`end with ${name}`, (screen) => {
      screen.print(`\x1b[?1;5;1002;1006;2004;1004;1007h\x1b[?25l\x1b[5 q\x1b[1m${reset}`)
      assert.deepStrictEqual(screen.frame().modes, Modes.DEFAULT)
      assert.deepStrictEqual(screen.frame().cursor, { row: 0, column: 0, visible: true, shape: 0 })
      assert.deepStrictEqual(screen.pen(), Rendition.DEFAULT)
      assert.isFalse(screen.applicationCursorKeys())
    })
  }

  on("tell of application cursor keys", (screen) => {
    screen.print("\x1b[?1h")
    assert.isTrue(screen.applicationCursorKeys())
    screen.print("\x1b[?1l")
    assert.isFalse(screen.applicationCursorKeys())
  })

  on("show the cursor's shape and whether it is visible", (screen) => {
    screen.print("\x1b[4 q\x1b[?25l")
    assert.deepInclude(screen.frame().cursor, { visible: false, shape: 4 })
    screen.print("\x1b[9 q")
    assert.strictEqual(screen.frame().cursor.shape, 4)
    screen.print("\x1b[ q\x1b[?25h")
    assert.deepInclude(screen.frame().cursor, { visible: true, shape: 0 })
  })
})

describe("beside the screen", () => {
  on("titles are kept apart, and cut as stock cuts them", (screen) => {
    assert.strictEqual(screen.frame().title, undefined)
    screen.print("\x1b]2;window\x07\x1b]1;icon\x1b\\")
    assert.deepInclude(screen.frame(), { title: "window", iconTitle: "icon" })
    screen.print("\x1b]0;both\x07")
    assert.deepInclude(screen.frame(), { title: "both", iconTitle: "both" })
    screen.print(`\x1b]2;${"😀".repeat(1000)}\x07`)
    assert.strictEqual(screen.frame().title, "😀".repeat(254))
    screen.print("\x1bc")
    assert.deepInclude(screen.frame(), { title: "", iconTitle: "both" })
  })

  on("titles are saved and restored, each kind on its own", (screen) => {
    const titles = () => [screen.frame().title, screen.frame().iconTitle]
    screen.print("\x1b[23t\x1b[23;0t\x1b[22;1t\x1b[23;1t")
    assert.deepStrictEqual(titles(), [undefined, undefined])
    screen.print("\x1b]2;shell\x07\x1b]1;icon\x07\x1b[22;0;0t\x1b]0;vim\x07\x1b[22;2t\x1b]2;help\x07")
    assert.deepStrictEqual(titles(), ["help", "vim"])
    screen.print("\x1b[23;2t")
    assert.deepStrictEqual(titles(), ["vim", "vim"])
    screen.print("\x1b[23;1t")
    assert.deepStrictEqual(titles(), ["vim", "icon"])
    screen.print("\x1b[23t")
    assert.deepStrictEqual(titles(), ["shell", "icon"])
    screen.print("\x1b[23t\x1b[23;2t\x1b[22;3t\x1b]2;x\x07\x1b[23;3t")
    assert.deepStrictEqual(titles(), ["x", "icon"])
  })

  on("a title that was saved before there was one is empty afterwards", (screen) => {
    screen.print("\x1b[22t\x1b]2;vim\x07\x1b[23t")
    assert.deepInclude(screen.frame(), { title: "", iconTitle: undefined })
  })

  on("of saved titles, the last ten are kept, until a full reset", (screen) => {
    for (let i = 0; i < 5000; i++) screen.print(`\x1b]2;${i}\x07\x1b[22;2t`)
    for (let i = 0; i < 20; i++) screen.print("\x1b[23;2t")
    assert.strictEqual(screen.frame().title, "4990")
    screen.print("\x1b[22;2t\x1bc\x1b[23;2t")
    assert.strictEqual(screen.frame().title, "")
  })

  on("bells are counted", (screen) => {
    screen.print("\x07x\x07\x1b]2;t\x07\x1bc")
    assert.strictEqual(screen.frame().bells, 2)
  })

  on("each selection of the clipboard is kept", (screen) => {
    const clipboard = () => Object.fromEntries(screen.frame().clipboard)
    screen.print("\x1b]52;c;aGVsbG8=\x07\x1b]52;p;cA==\x1b\\")
    assert.deepStrictEqual(clipboard(), { c: "aGVsbG8=", p: "cA==" })
    screen.print("\x1b]52;c;?\x07\x1b]52;x;eA==\x07\x1b]52;c\x07")
    assert.deepStrictEqual(clipboard(), { c: "aGVsbG8=", p: "cA==" })
    screen.print("\x1b]52;ps0;Yg==\x07\x1b]52;;Yw==\x07")
    assert.deepStrictEqual(clipboard(), { c: "Yw==", p: "Yg==", s: "Yg==", "0": "Yg==" })
    screen.print("\x1b]52;p;!\x07")
    assert.strictEqual(clipboard()["p"], "")
    // Every write counts, even of the same text.
    const copies = () => screen.frame().copies.get("s")
    assert.strictEqual(copies(), 1)
    screen.print("\x1b]52;ss;Yg==\x07\x1b]52;s;Yg==\x07\x1b]52;s;?\x07")
    assert.strictEqual(copies(), 3)
    screen.print(`\x1b]52;c;${"QUFB".repeat(25_000)}\x07`)
    assert.strictEqual(clipboard()["c"]?.length, 100_000)
    screen.print(`\x1b]52;c;${"QUFB".repeat(2_000_000)}\x07x`)
    assert.strictEqual(clipboard()["c"]?.length, 100_000)
    assert.deepStrictEqual(screen.text(), ["x"])
    screen.print("\x1bc")
    assert.deepStrictEqual(clipboard(), {})
  })

  on("queries are answered", (screen) => {
    const ask = (query: string) => {
      screen.print(query)
      return screen.replies()
    }
    assert.strictEqual(ask("\x1b[c"), "\x1b[?62c")
    assert.strictEqual(ask("\x1b[0c"), "\x1b[?62c")
    assert.strictEqual(ask("\x1b[>c"), "\x1b[>1;10;0c")
    assert.strictEqual(ask("\x1b[=c"), "\x1bP!|00000000\x1b\\")
    assert.strictEqual(ask("\x1b[5n"), "\x1b[0n")
    assert.strictEqual(ask("\x1b[3;7H\x1b[6n"), "\x1b[3;7R")
    assert.strictEqual(ask("\x1b[1;1H" + "x".repeat(20) + "\x1b[6n\x1b[?6n"), "\x1b[1;20R\x1b[?1;20R")
    assert.strictEqual(ask("\x1b[?2004$p\x1b[?2004h\x1b[?2004$p"), "\x1b[?2004;2$y\x1b[?2004;1$y")
    assert.strictEqual(ask("\x1bP$qr\x1b\\"), "\x1bP1$r1;5r\x1b\\")
    assert.strictEqual(ask("\x1b[18t"), "\x1b[8;5;20t")
    for (const silent of ["\x1b[>q", "\x05", "\x1b]11;?\x07", "\x1b]52;c;?\x07", "\x1bP+q544e\x1b\\", "\x1b[?u"]) {
      assert.strictEqual(ask(silent), "", JSON.stringify(silent))
    }
  })
})

describe("the screen", () => {
  on("of the shell comes back after the alternate one", (screen) => {
    screen.print("$ vim\r\n\x1b[?1049h\x1b[2J\x1b[Hfull screen")
    assert.deepStrictEqual(screen.text(), ["full screen"])
    screen.print("\x1b[?1049l$ ")
    assert.deepStrictEqual(screen.text(), ["$ vim", "$"])
    assert.deepStrictEqual(screen.cursor(), [1, 2])
  })

  on("of the shell comes back whole although the size changed meanwhile", (screen) => {
    screen.print("one\r\ntwo\r\nthree\x1b[?1049h\x1b[2J")
    screen.resize(10, 4)
    for (let i = 0; i < 20; i++) screen.print(`line ${i}\r\n`)
    assert.deepStrictEqual(screen.text(), ["line 17", "line 18", "line 19"])
    screen.resize(30, 6)
    screen.print("\x1b[?1049l!")
    assert.deepStrictEqual(screen.text(), ["one", "two", "three!"])
  })

  on("keeps what was last written when it gets lower", (screen) => {
    screen.print("1\r\n2\r\n3\r\n4\r\n5")
    screen.resize(20, 3)
    assert.deepStrictEqual(screen.text(), ["3", "4", "5"])
    assert.deepStrictEqual(screen.cursor(), [2, 1])
    screen.resize(20, 6)
    assert.deepStrictEqual(screen.text(), ["3", "4", "5"])
    screen.print("\x1b[H")
    screen.resize(20, 2)
    assert.deepStrictEqual(screen.text(), ["3", "4"])
  })

  on("cuts its lines and does not wrap them anew when it gets narrower", (screen) => {
    screen.print("0123456789日x\r\nabc")
    screen.resize(11, 5)
    assert.deepStrictEqual(screen.text(), ["0123456789", "abc"])
    screen.resize(20, 5)
    assert.deepStrictEqual(screen.text(), ["0123456789", "abc"])
    screen.print("\x1b[1;3H\x1b[2P")
    assert.deepStrictEqual(screen.text(), ["01456789", "abc"])
    screen.print("\x1bc" + "x".repeat(25))
    screen.resize(19, 5)
    assert.isTrue(screen.frame().rows.every((row) => !row.wraps))
  })

  on("may be as small as one cell", (screen) => {
    screen.resize(1, 1)
    screen.print("a日b\r\n\x1b[5;5Hc")
    assert.deepStrictEqual(screen.frame().size, { columns: 1, rows: 1 })
    assert.strictEqual(screen.frame().rows[0]?.words.length, 4)
  })

  on("is cut to what memory can bear", (screen) => {
    screen.resize(2 ** 31 - 1, 2 ** 31 - 1)
    assert.deepStrictEqual(screen.frame().size, { columns: MAX_SIZE.columns, rows: 524 })
    screen.resize(0, -1)
    assert.deepStrictEqual(screen.frame().size, { columns: 1, rows: 1 })
  })

  on("moves rows when it scrolls, and makes no new ones", (screen) => {
    screen.print("1\r\n2\r\n3\r\n4\r\n5")
    const before = screen.frame().rows
    screen.print("\r\n6")
    const after = screen.frame().rows
    for (let y = 0; y < 4; y++) assert.strictEqual(after[y], before[y + 1])
  })

  on("is the same object while nothing was written", (screen) => {
    screen.print("x")
    assert.strictEqual(screen.frame(), screen.frame())
  })

  on("takes absurd counts for what the screen holds", (screen) => {
    for (const final of "@ABCDEFGHIJKLMPSTXZ`abde") screen.print(`x\x1b[2147483647${final}`)
    screen.print("\x1bc\x1b[4294967296;99999999999999999999H!")
    assert.deepStrictEqual(screen.text(), ["", "", "", "", " ".repeat(19) + "!"])
  })

  on("erases up to its very last cell", (screen) => {
    screen.print("x\x1b[5;20H\x1b[1Jy")
    assert.deepStrictEqual(screen.text(), ["", "", "", "", " ".repeat(19) + "y"])
  })

  on("does not grow with strings that never end", (screen) => {
    for (const introducer of ["]0;", "]8;;", "]52;c;", "]9;", "P", "P$q", "_", "^", "X"]) {
      screen.print(`\x1b${introducer}`)
      const piece = Buffer.alloc(1 << 20, "A")
      for (let i = 0; i < 4; i++) screen.print(piece)
      screen.print("\x1b\\.")
    }
    assert.deepStrictEqual(screen.text(), ["........."])
    assert.deepInclude(screen.frame(), { title: undefined, iconTitle: undefined })
    assert.strictEqual(screen.frame().clipboard.size, 0)
  })
})
