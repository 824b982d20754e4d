import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as ImagePreference from "../../../src/domain/client/ImagePreference.ts"
import { obstacles } from "../../../src/domain/client/Requirements.ts"
import * as TerminalReport from "../../../src/domain/terminal/TerminalReport.ts"

const kitty: TerminalReport.TerminalReport = { ...TerminalReport.UNKNOWN, images: "kitty", kittyKeyboard: true }

describe("MOSH_IMAGES", () => {
  it("shows images where the terminal does, unless it is off", () => {
    for (const setting of [undefined, "", "auto"]) {
      const preference = Result.getOrThrow(ImagePreference.parse(setting))
      assert.strictEqual(ImagePreference.restrict(kitty, preference), kitty)
    }
    const off = Result.getOrThrow(ImagePreference.parse("off"))
    assert.deepStrictEqual(ImagePreference.restrict(kitty, off), { ...kitty, images: undefined })
  })

  it("asks a terminal how it shows images, but not tmux, whatever its TERM", () => {
    const asks = (environment: Readonly<Record<string, string>>) => ImagePreference.asks("auto", environment)
    assert.isTrue(asks({ TERM: "xterm-256color" }))
    // Started from a shell in tmux.
    assert.isTrue(asks({ TERM: "xterm-kitty", TERM_PROGRAM: "tmux", TMUX: "socket,1,0" }))
    assert.isFalse(asks({ TERM: "tmux-256color" }))
    assert.isFalse(asks({ TERM: "xterm-256color", TMUX: "socket,1,0" }))
    assert.isFalse(asks({ TERM: "xterm-256color", TERM_PROGRAM: "tmux" }))
    assert.isFalse(ImagePreference.asks("off", { TERM: "xterm-256color" }))
  })

  it("is refused with another value, in one line", () => {
    assert.deepStrictEqual(obstacles({ LANG: "C.UTF-8", TERM: "xterm", MOSH_IMAGES: "no" }, true), [
      "Unknown value no of MOSH_IMAGES: use one of auto, off."
    ])
  })
})
