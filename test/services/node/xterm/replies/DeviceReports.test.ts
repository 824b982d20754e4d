import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as XtermEmulator from "../../../../../src/services/node/xterm/XtermEmulator.ts"
import { makeScreen } from "../screen.ts"

/** ANSI modes that no terminal of today sets. */
const NEVER_SET = [1, 5, 7, 10, 11, 13, 14, 15, 16, 17, 18, 19]

const REPORTS = [
  ["\x1b[?5n", "\x1b[?0n"],
  ["\x1b[5n\x1b[3;2H\x1b[6n\x1b[?6n", "\x1b[0n\x1b[3;2R\x1b[?3;2R"],
  ["\x1bZ\x1b[c", "\x1b[?62c\x1b[?62c"],
  [NEVER_SET.map((mode) => `\x1b[${mode}$p`).join(""), NEVER_SET.map((mode) => `\x1b[${mode};4$y`).join("")],
  ["\x1b[4$p\x1b[20$p\x1b[6$p", "\x1b[4;2$y\x1b[20;2$y\x1b[6;0$y"],
  ["\x1b[?15n", "\x1b[?13n"],
  ["\x1b[?25n", "\x1b[?21n"],
  ["\x1b[?26n", "\x1b[?27;1n"],
  ["\x1b[?53n\x1b[?55n\x1b[?56n", "\x1b[?50n\x1b[?50n\x1b[?57;0n"],
  ["\x1b[?62n\x1b[?63n\x1b[?63;12n", "\x1b[0*{\x1bP0!~0000\x1b\\\x1bP12!~0000\x1b\\"],
  ["\x1b[?75n\x1b[?85n", "\x1b[?70n\x1b[?83n"],
  ["\x1b[?99n\x1b[1$w", ""],
  ["\x1b[2$w", "\x1bP2$u1/9/17\x1b\\"],
  ["\x1b[3g\x1b[1;4H\x1bH\x1b[2$w", "\x1bP2$u4\x1b\\"],
  ["\x1bP$qt\x1b\\\x1bP$q$|\x1b\\\x1bP$q*|\x1b\\", "\x1bP1$r5t\x1b\\\x1bP1$r20$|\x1b\\\x1bP1$r5*|\x1b\\"],
  ["\x1b[2*x\x1b[!p\x1bP$q*x\x1b\\\x1bc\x1bP$q*x\x1b\\", "\x1bP1$r2*x\x1b\\\x1bP1$r0*x\x1b\\"],
  ['\x1bP$q"p\x1b\\', '\x1bP1$r64;1"p\x1b\\'],
  [
    '\x1b[1;31m\x1b[4h\x1b[62;1"p\x1bP$q"p\x1b\\\x1bP$qm\x1b\\\x1b[4$p',
    '\x1bP1$r62;1"p\x1b\\\x1bP1$r0m\x1b\\\x1b[4;2$y'
  ],
  ['\x1bc\x1b[1m\x1b[60"p\x1b[65"p\x1b["p\x1bP$q"p\x1b\\\x1bP$qm\x1b\\', '\x1bP1$r62;1"p\x1b\\\x1bP1$r0;1m\x1b\\'],
  ['\x1b[0m\x1b[64"p\x1bP$q"p\x1b\\', '\x1bP1$r64;1"p\x1b\\'],
  ['\x1b[1"q\x1bP$q"q\x1b\\', '\x1bP1$r1"q\x1b\\'],
  ["\x1b[2;4r\x1bP$qr\x1b\\\x1bP$qz\x1b\\", "\x1bP1$r2;4r\x1b\\\x1bP0$r\x1b\\"]
] as const

it.effect("devices and settings are reported, and nothing of others", () =>
  Effect.gen(function* () {
    const screen = yield* makeScreen()
    for (const [query, reply] of REPORTS) {
      screen.print(query)
      assert.strictEqual(screen.replies(), reply, JSON.stringify(query))
    }
  }).pipe(Effect.scoped, Effect.provide(XtermEmulator.layer))
)
