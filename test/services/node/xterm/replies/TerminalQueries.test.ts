import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as ClusterRules from "../../../../../src/domain/terminal/ClusterRules.ts"
import * as KeyboardModes from "../../../../../src/domain/keyboard/KeyboardModes.ts"
import * as TerminalReport from "../../../../../src/domain/terminal/TerminalReport.ts"
import * as XtermEmulator from "../../../../../src/services/node/xterm/XtermEmulator.ts"
import { makeScreen } from "../screen.ts"

type TestScreen = Effect.Success<ReturnType<typeof makeScreen>>

const on = (name: string, body: (screen: TestScreen) => void) =>
  it.effect(name, () => Effect.map(makeScreen(), body).pipe(Effect.scoped, Effect.provide(XtermEmulator.layer)))

const report: TerminalReport.TerminalReport = {
  name: "kitty(0.26.5)",
  colors: new Map([
    [0, 0x010203],
    [1, 0xff0080],
    [TerminalReport.DYNAMIC + 10, 0xffffff],
    [TerminalReport.DYNAMIC + 11, 0x1e1e2e]
  ]),
  scheme: undefined,
  cell: { width: 10, height: 20 },
  kittyKeyboard: true,
  synchronizedOutput: true,
  pixelMouse: true,
  images: undefined,
  clusters: ClusterRules.NONE,
  clusterMode: "none"
}

/** Queries, and their replies from `report` on a screen of 20 columns and 5 rows. */
const QUERIES = [
  ["\x1b[>q", "\x1bP>|kitty(0.26.5)\x1b\\"],
  ["\x1b[>0q", "\x1bP>|kitty(0.26.5)\x1b\\"],
  ["\x1b]11;?\x07", "\x1b]11;rgb:1e1e/1e1e/2e2e\x07"],
  ["\x1b]11;?\x1b\\", "\x1b]11;rgb:1e1e/1e1e/2e2e\x1b\\"],
  ["\x1b]10;?;?\x1b\\", "\x1b]10;rgb:ffff/ffff/ffff\x1b\\\x1b]11;rgb:1e1e/1e1e/2e2e\x1b\\"],
  ["\x1b]12;?\x1b\\", ""],
  ["\x1b]4;1;?\x07", "\x1b]4;1;rgb:ffff/0000/8080\x07"],
  ["\x1b]4;0;?;7;?;1;?\x07", "\x1b]4;0;rgb:0101/0202/0303\x07\x1b]4;1;rgb:ffff/0000/8080\x07"],
  ["\x1b]4;196;?;255;?\x07", "\x1b]4;196;rgb:ffff/0000/0000\x07\x1b]4;255;rgb:eeee/eeee/eeee\x07"],
  ["\x1b]4;300;?;x;?;1\x07\x1b]13;?\x07", ""],
  ["\x1b[?996n", "\x1b[?997;1n"],
  ["\x1b[14t", "\x1b[4;100;200t"],
  ["\x1b[16t", "\x1b[6;20;10t"],
  ["\x1b[?u", "\x1b[?0u"],
  ["\x1b[?2031$p", "\x1b[?2031;2$y"],
  ["\x1bP+q436f;544e\x1b\\", "\x1bP1+r436f=323536\x1b\\\x1bP0+r544e\x1b\\"],
  [
    "\x1bP+q536d756c78;5375;544e\x1b\\",
    "\x1bP1+r536d756c78=1b5b343a25703125646d\x1b\\\x1bP1+r5375\x1b\\\x1bP0+r544e\x1b\\"
  ],
  ["\x1bP+qzz\x1b\\", ""]
] as const

describe("queries that only the client's terminal can answer", () => {
  on("are answered from its report, and not at all without one", (screen) => {
    for (const [query] of QUERIES) screen.print(query)
    assert.strictEqual(screen.replies(), "")
    screen.know(report)
    for (const [query, reply] of QUERIES) {
      screen.print(query)
      assert.strictEqual(screen.replies(), reply, JSON.stringify(query))
    }
    screen.know({ ...TerminalReport.UNKNOWN, scheme: "light" })
    screen.print("\x1b[>q\x1b]11;?\x07\x1b[?u\x1b]4;196;?\x07\x1bP+q436f\x1b\\\x1b[?996n")
    assert.strictEqual(screen.replies(), "\x1b[?997;2n")
  })

  on("wait for the report, with all replies after them, and no others before", (screen) => {
    screen.know("Expected")
    screen.print("\x1b[5n\x1b]11;?\x07\x1b[c\x1b[>4;2m\x1b[?u\x1b[=5u\x1b[?u")
    assert.strictEqual(screen.replies(), "\x1b[0n")
    screen.know(report)
    assert.strictEqual(screen.replies(), "\x1b]11;rgb:1e1e/1e1e/2e2e\x07\x1b[?62c\x1b[?0u\x1b[?5u")
    screen.know("Expected")
    for (let i = 0; i < 10_000; i++) screen.print("\x1b[?u")
    screen.know("Unknown")
    assert.strictEqual(screen.replies(), "")
    screen.print("\x1b[c")
    assert.strictEqual(screen.replies(), "\x1b[?62c")
  })

  on("give the colours that programs have set", (screen) => {
    screen.know(report)
    screen.print("\x1b]11;#010203\x07\x1b]4;1;rgb:ff/ff/ff;2;red\x07\x1b]11;?\x07\x1b]4;1;?\x07")
    assert.strictEqual(screen.replies(), "\x1b]11;rgb:0101/0202/0303\x07\x1b]4;1;rgb:ffff/ffff/ffff\x07")
    screen.print("\x1b]11;Black\x07\x1b]4;1;papaya whip\x07\x1b]11;?\x07\x1b]4;1;?\x07")
    assert.strictEqual(screen.replies(), "\x1b]11;rgb:0000/0000/0000\x07")
    screen.print("\x1b]111\x07\x1b]104\x07\x1b]11;?\x07\x1b]4;1;?\x07")
    assert.strictEqual(screen.replies(), "\x1b]11;rgb:1e1e/1e1e/2e2e\x07\x1b]4;1;rgb:ffff/0000/8080\x07")
  })

  on("include changes from dark to light, if the program asked for them", (screen) => {
    const light = { ...report, colors: new Map([[TerminalReport.DYNAMIC + 11, 0xffffff]]) }
    screen.know(report)
    screen.know(light)
    assert.strictEqual(screen.replies(), "")
    screen.print("\x1b[?2031h\x1b[?2031$p")
    screen.know(light)
    assert.strictEqual(screen.replies(), "\x1b[?2031;1$y")
    screen.know(report)
    assert.strictEqual(screen.replies(), "\x1b[?997;1n")
    screen.print("\x1b[?2031l")
    screen.know(light)
    assert.strictEqual(screen.replies(), "")
  })
})

describe("queries of settings", () => {
  on("report every mode that is carried, the pen, and the cursor's shape", (screen) => {
    const ask = (query: string) => {
      screen.print(query)
      return screen.replies()
    }
    screen.know(report)
    for (const mode of [1, 5, 7, 9, 25, 1000, 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1016, 1049, 2004]) {
      screen.print(`\x1b[?${mode}h`)
      assert.strictEqual(ask(`\x1b[?${mode}$p`), `\x1b[?${mode};1$y`)
      screen.print(`\x1b[?${mode}l`)
      assert.strictEqual(ask(`\x1b[?${mode}$p`), `\x1b[?${mode};2$y`)
    }
    assert.strictEqual(ask("\x1b[?9999$p"), "\x1b[?9999;0$y")
    // Where the terminal reports cells, a program that relies on the mode would take them for pixels.
    screen.know({ ...report, pixelMouse: false })
    assert.strictEqual(ask("\x1b[?1016h\x1b[?1016$p"), "\x1b[?1016;0$y")
    assert.strictEqual(ask("\x1bP$qm\x1b\\"), "\x1bP1$r0m\x1b\\")
    assert.strictEqual(ask("\x1b[1;48;2;1;2;3m\x1bP$qm\x1b\\"), "\x1bP1$r0;1;48;2;1;2;3m\x1b\\")
    assert.strictEqual(ask("\x1b[5 q\x1bP$q q\x1b\\"), "\x1bP1$r5 q\x1b\\")
  })
})

describe("keyboard modes", () => {
  on("are those of the shown screen, until a reset", (screen) => {
    const keyboard = () => screen.frame().modes.keyboard
    screen.print("\x1b=\x1b[>4;2m\x1b[>4;1f\x1b[>1u")
    assert.deepStrictEqual(keyboard(), { applicationKeypad: true, modifyOtherKeys: 2, formatOtherKeys: 1, kitty: 1 })
    screen.print("\x1b[?1049h")
    assert.strictEqual(keyboard().kitty, 0)
    screen.print("\x1b[=31;1u\x1b[=2;3u")
    assert.strictEqual(keyboard().kitty, 29)
    screen.print("\x1b[?1049l")
    assert.strictEqual(keyboard().kitty, 1)
    screen.print("\x1b[<u\x1b>\x1b[>4m\x1b[>4f")
    assert.deepStrictEqual(keyboard(), KeyboardModes.DEFAULT)
    const before = screen.frame().modes
    screen.print("x\x1b[<u\x1b[>4;9m\x1b[>1;2m")
    assert.strictEqual(screen.frame().modes, before)
    for (const reset of ["\x1bc", "\x1b[!p"]) {
      screen.print(`\x1b=\x1b[>4;2m\x1b[>5u${reset}`)
      assert.deepStrictEqual(keyboard(), KeyboardModes.DEFAULT)
    }
    screen.print("\x1b[>4;2m\x1b[>m")
    assert.strictEqual(keyboard().modifyOtherKeys, 0)
  })
})
