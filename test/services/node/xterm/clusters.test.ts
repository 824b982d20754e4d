import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as ClusterRules from "../../../../src/domain/terminal/ClusterRules.ts"
import * as TerminalReport from "../../../../src/domain/terminal/TerminalReport.ts"
import * as XtermEmulator from "../../../../src/services/node/xterm/XtermEmulator.ts"
import { makeScreen } from "./screen.ts"

type TestScreen = Effect.Success<ReturnType<typeof makeScreen>>

const on = (name: string, body: (screen: TestScreen) => void) =>
  it.effect(name, () => Effect.map(makeScreen(), body).pipe(Effect.scoped, Effect.provide(XtermEmulator.layer)))

/** Texts, and the columns that they take by all rules, and by none. */
const TEXTS: ReadonlyArray<readonly [text: string, joined: number, apart: number]> = [
  ["❤️", 2, 1],
  ["1️⃣", 2, 1],
  ["👍🏽", 2, 4],
  ["☝🏽", 2, 3],
  ["🇩🇪", 2, 2],
  ["🇩🇪🇫🇷", 4, 4],
  ["👩‍🚀", 2, 4],
  ["👩🏽‍❤️‍💋‍👨🏿", 2, 11],
  ["🏳️‍🌈", 2, 3],
  ["🏴󠁧󠁢󠁥󠁮󠁧󠁿", 2, 2],
  ["का", 1, 2],
  ["क्ष", 1, 2],
  ["각", 2, 2],
  ["e\u0301", 1, 1],
  ["a🏽", 3, 3],
  ["漢字", 4, 4]
]

describe("text of an emulator that joins clusters", () => {
  on("takes the columns that the rules give, and is in one cell", (screen) => {
    for (const [text, joined, apart] of TEXTS) {
      screen.join(ClusterRules.ALL)
      screen.print(`\r\x1b[2K${text}|`)
      assert.deepStrictEqual([text, screen.cursor()[1]], [text, joined + 1])
      if (joined < 3) assert.strictEqual(screen.cell(0, 0), text)
      assert.strictEqual(screen.cell(0, joined), "|")
      screen.join(ClusterRules.NONE)
      screen.print(`\r\x1b[2K${text}|`)
      assert.deepStrictEqual([text, screen.cursor()[1]], [text, apart + 1])
    }
  })

  on("is joined however it is cut, and not after the cursor has moved", (screen) => {
    screen.join(ClusterRules.ALL)
    for (const character of "👩‍🚀") screen.print(character)
    assert.deepStrictEqual(screen.cursor(), [0, 2])
    screen.print("\r\n👩\u200d\x1b[3;1H🚀")
    assert.strictEqual(screen.cell(2, 0), "🚀")
  })

  on("stays narrow where the row has no room, and overwrites half of what is right of it", (screen) => {
    screen.join(ClusterRules.ALL)
    screen.print("\x1b[1;20H❤️")
    assert.strictEqual(screen.cell(0, 19), "❤️")
    screen.print("\x1b[2;1H❤漢字\x1b[2;1H❤️")
    assert.deepStrictEqual(screen.text()[1], "❤️ 字")
  })
})

describe("mode 2027 of an emulator", () => {
  const know = (screen: TestScreen, clusterMode: TerminalReport.ClusterMode) => {
    screen.know({ ...TerminalReport.UNKNOWN, clusterMode })
    screen.join(ClusterRules.ALL)
  }
  const columns = (screen: TestScreen) => {
    screen.print("\r\x1b[2K👩‍🚀")
    return screen.cursor()[1]
  }

  on("is unknown where the client's terminal does not have it", (screen) => {
    screen.print("\x1b[?2027h\x1b[?2027$p")
    assert.strictEqual(screen.replies(), "\x1b[?2027;0$y")
    know(screen, "none")
    screen.print("\x1b[?2027l\x1b[?2027$p")
    assert.strictEqual(screen.replies(), "\x1b[?2027;0$y")
    assert.strictEqual(columns(screen), 2)
  })

  on("is as in the client's terminal, until the program sets or resets it", (screen) => {
    for (const [mode, value, width] of [
      ["set", 1, 2],
      ["reset", 2, 4]
    ] as const) {
      know(screen, mode)
      screen.print("\x1bc\x1b[?2027$p")
      assert.strictEqual(screen.replies(), `\x1b[?2027;${value}$y`)
      assert.strictEqual(columns(screen), width)
      screen.print("\x1b[?2027l\x1b[?2027$p")
      assert.strictEqual(screen.replies(), "\x1b[?2027;2$y")
      assert.strictEqual(columns(screen), 4)
      screen.print("\x1b[?2027h\x1b[?2027$p")
      assert.strictEqual(screen.replies(), "\x1b[?2027;1$y")
      assert.strictEqual(columns(screen), 2)
    }
  })
})
