/** Saved private modes (XTSAVE, XTRESTORE), compared with xterm 379 by hand. */
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as XtermEmulator from "../../../../src/services/node/xterm/XtermEmulator.ts"
import { makeScreen } from "./screen.ts"

type TestScreen = Effect.Success<ReturnType<typeof makeScreen>>

const on = (name: string, body: (screen: TestScreen) => void) =>
  it.effect(name, () => Effect.map(makeScreen(20, 5), body).pipe(Effect.scoped, Effect.provide(XtermEmulator.layer)))

/** Whether a mode is set, as DECRQM reports it. */
const isSet = (screen: TestScreen, mode: number): boolean => {
  screen.replies()
  screen.print(`\x1b[?${mode}$p`)
  return screen.replies() === `\x1b[?${mode};1$y`
}

describe("private modes", () => {
  on("are restored to what they were when they were saved", (screen) => {
    for (const mode of [1, 5, 6, 7, 25, 45, 66, 1004, 1006, 1003, 1007, 2004, 1049])
      for (const [saved, other] of ["hl", "lh"]) {
        screen.print(`\x1b[?${mode}${saved}\x1b[?${mode}s\x1b[?${mode}${other}`)
        expect([mode, isSet(screen, mode)]).toEqual([mode, other === "h"])
        screen.print(`\x1b[?${mode}r`)
        expect([mode, isSet(screen, mode)]).toEqual([mode, saved === "h"])
      }
  })

  on("of the mouse share one saved value", (screen) => {
    screen.print("\x1b[?1002h\x1b[?1006h\x1b[?1000;1015s\x1b[?1003h\x1b[?1002;1006l\x1b[?1000;1006r")
    expect([1000, 1002, 1006, 1015].map((mode) => isSet(screen, mode))).toEqual([false, true, true, false])
    screen.print("\x1bc\x1b[?1003h\x1b[?1003r")
    expect(isSet(screen, 1003)).toBe(false)
  })

  on("that were never saved are reset, and unknown ones ignored", (screen) => {
    screen.print("\x1b[?7;2004h\x1b[?7;2004;2026;2027;12345;0r\x1b[?12345s")
    expect([isSet(screen, 7), isSet(screen, 2004)]).toEqual([false, false])
  })

  on("of the cursor save and restore it", (screen) => {
    screen.print("\x1b[2;3H\x1b[?1048s\x1b[H\x1b[?1048r")
    expect(screen.cursor()).toEqual([1, 2])
    // Origin mode moves the cursor.
    screen.print("\x1b[?6r")
    expect(screen.cursor()).toEqual([0, 0])
  })
})
