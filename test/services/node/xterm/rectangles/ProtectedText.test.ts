/** Protected text, compared with xterm 379 by random sequences. */
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as XtermEmulator from "../../../../../src/services/node/xterm/XtermEmulator.ts"
import { makeScreen } from "../screen.ts"

const DEC = ['\x1b[1"q', '\x1b[0"q']
const ISO = ["\x1bV", "\x1bW"]
const SELECTIVE = ["\x1b[?J", "\x1b[?K", "\x1b[?2J"]
const OTHERS = ["\x1b[J", "\x1b[K", "\x1b[2J", "\x1b[9X"]

describe("protected text", () => {
  it.effect.each([
    { name: "of DEC is spared by selective erasure only", protection: DEC, spared: SELECTIVE, erased: OTHERS },
    {
      name: "of ISO is spared by selective and by ordinary erasure",
      protection: ISO,
      spared: [...SELECTIVE, ...OTHERS],
      erased: []
    },
    {
      name: "is ordinary text after a reset",
      protection: [...DEC, "\x1b[!p"],
      spared: [],
      erased: [...SELECTIVE, ...OTHERS]
    }
  ])("$name", ({ erased, protection: [begin = "", end = "", after = ""], spared }) =>
    Effect.gen(function* () {
      const screen = yield* makeScreen(10, 2)
      const resultOf = (erase: string) => {
        screen.print(`\x1bcab${begin}cd${end}ef${after}\x1b[H${erase}`)
        return screen.line(0).trimEnd()
      }
      for (const erase of spared) expect([erase, resultOf(erase)]).toEqual([erase, "  cd"])
      for (const erase of erased) expect([erase, resultOf(erase)]).toEqual([erase, ""])
    }).pipe(Effect.scoped, Effect.provide(XtermEmulator.layer))
  )

  it.effect("of ISO is spared where characters are erased, of DEC in rectangles", () =>
    Effect.gen(function* () {
      const screen = yield* makeScreen(10, 2)
      screen.print("ab\x1bVcd\x1bWef\x1b[1;2H\x1b[4X")
      expect(screen.line(0).trimEnd()).toBe("a cd f")
      screen.print("\x1b[1;1;1;3${")
      expect(screen.line(0).trimEnd()).toBe("   d f")
      screen.print('\x1bcab\x1b[1"qcd\x1b[0"qef\x1b[1;1;1;9${')
      expect(screen.line(0).trimEnd()).toBe("  cd")
    }).pipe(Effect.scoped, Effect.provide(XtermEmulator.layer))
  )
})
