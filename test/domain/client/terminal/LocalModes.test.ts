import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as LocalModes from "../../../../src/domain/client/terminal/LocalModes.ts"
import * as KeyboardModes from "../../../../src/domain/keyboard/KeyboardModes.ts"
import * as TerminalReport from "../../../../src/domain/terminal/TerminalReport.ts"
import { Keyboard } from "../../../support/keyboards.ts"

const Event = Schema.Union([Keyboard, Schema.Literals(["alternate", "primary", "draw"])])

/** A terminal with flags for each screen, as kitty keeps them. */
const terminal = () => {
  let isAlternate = false
  const kitty = { primary: 0, alternate: 0 }
  let others: KeyboardModes.KeyboardModes = KeyboardModes.DEFAULT
  return {
    write: (text: string): void => {
      for (const [sequence, set, flags, modify, format] of text.matchAll(
        /\x1b(?:\[\?1049([hl])|\[=(\d+);1u|\[>4;(\d)m|\[>4;(\d)f|=|>)/g
      )) {
        if (set !== undefined) isAlternate = set === "h"
        else if (flags !== undefined) kitty[isAlternate ? "alternate" : "primary"] = Number(flags)
        else if (modify !== undefined) others = { ...others, modifyOtherKeys: Number(modify) }
        else if (format !== undefined) others = { ...others, formatOtherKeys: Number(format) }
        else others = { ...others, applicationKeypad: sequence === "\x1b=" }
      }
    },
    modes: () => ({ ...others, kitty: kitty[isAlternate ? "alternate" : "primary"] }),
    kitty
  }
}

const run = (events: ReadonlyArray<typeof Event.Type>, report: TerminalReport.TerminalReport, isModern = true) => {
  const screen = terminal()
  let text = ""
  const write = (more: string): void => {
    text += more
    screen.write(more)
  }
  let state: LocalModes.LocalModes = { ...LocalModes.initial(isModern), report }
  let wanted: KeyboardModes.KeyboardModes = KeyboardModes.DEFAULT
  for (const event of events) {
    if (typeof event === "object") {
      wanted = event
      const [next, sequences] = LocalModes.follow(state, event)
      state = next
      write(sequences)
    } else if (event === "draw") write(LocalModes.drawn(state, "\x1b[3;1Hsome text\x1b[K"))
    else write(LocalModes.drawn(state, `\x1b[?1049${event === "alternate" ? "h" : "l"}text that is drawn`))
    expect(screen.modes()).toEqual(
      isModern ? { ...wanted, kitty: report.kittyKeyboard ? wanted.kitty : 0 } : KeyboardModes.DEFAULT
    )
  }
  write(`${LocalModes.close(state)[1]}\x1b[?1049l`)
  return { screen, text }
}

describe("LocalModes", () => {
  it.prop("sets the modes on the screen that is shown, and none remains", [Schema.Array(Event)], ([events]) => {
    const { screen } = run(events, { ...TerminalReport.UNKNOWN, kittyKeyboard: true, synchronizedOutput: true })
    expect(screen.modes()).toEqual(KeyboardModes.DEFAULT)
    expect(screen.kitty).toEqual({ primary: 0, alternate: 0 })
  })

  it.prop(
    "sends nothing that the terminal did not report",
    [Schema.Array(Event), Schema.Boolean],
    ([events, isModern]) => {
      const { text } = run(events, TerminalReport.UNKNOWN, isModern)
      expect(text).not.toMatch(/\x1b\[=|2026/)
      if (!isModern) expect(text).not.toMatch(/\x1b[=>]|\x1b\[>/)
    }
  )

  it("resets keyboard flags before the screen is switched, and sets them on the screen that is shown", () => {
    const state = { ...LocalModes.initial(true), shown: { ...KeyboardModes.DEFAULT, kitty: 5 } }
    expect(LocalModes.drawn(state, "one\x1b[?1049htwo")).toBe("one\x1b[=0;1u\x1b[?1049h\x1b[=5;1utwo")
  })

  it("draws in one synchronized update, unless the text has one, or is short", () => {
    const state = {
      ...LocalModes.initial(true),
      report: { ...TerminalReport.UNKNOWN, synchronizedOutput: true }
    }
    expect(LocalModes.drawn(state, "x\x1b[K")).toBe("x\x1b[K")
    const long = "\x1b[3;1Hsome text\x1b[K"
    expect(LocalModes.drawn(state, long)).toBe(`\x1b[?2026h${long}\x1b[?2026l`)
    const twice = `${long}\x1b[?2026h${long}\x1b[?2026l`
    expect(LocalModes.drawn(state, twice)).toBe(twice)
  })
})
