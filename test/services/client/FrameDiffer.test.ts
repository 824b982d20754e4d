import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Capabilities from "../../../src/domain/display/Capabilities.ts"
import * as FramePatch from "../../../src/domain/display/FramePatch.ts"
import * as Frame from "../../../src/domain/terminal/Frame.ts"
import { FrameDiffer } from "../../../src/services/client/FrameDiffer.ts"

it.effect("a terminal that is drawn anew gets each event once, and its properties again", () =>
  Effect.gen(function* () {
    const { make } = yield* FrameDiffer
    const differ = make(Capabilities.fromTerm({ term: "xterm-256color" }))
    const events = (text: string) =>
      (text.match(/\x1b\][^\x07]*\x07|\x07/g) ?? []).filter((event) => !event.startsWith("\x1b]8;"))
    const blank = Frame.blank({ columns: 20, rows: 3 })
    const first = FramePatch.patch(blank, "\x07\x1b]777;notify=1;9;1;0;one\x07\x1b]12;red\x07")
    const second = FramePatch.patch(first, "\x07\x1b]777;notify=2;9;1;0;two\x07\x1b]52;c=1;eA==\x07")
    // What happened before the terminal was opened is not shown.
    expect(events(differ.next(first))).toEqual(["\x1b]12;red\x07"])
    differ.invalidate()
    expect(events(differ.next(second)).toSorted()).toEqual(
      ["\x07", "\x1b]9;two\x07", "\x1b]52;c;eA==\x07", "\x1b]12;red\x07"].toSorted()
    )
    differ.invalidate()
    expect(events(differ.next(second))).toEqual(["\x1b]12;red\x07"])
    expect(events(differ.next(second))).toEqual([])
  })
)
