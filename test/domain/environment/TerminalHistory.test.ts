import { describe, expect, it } from "vitest"
import * as TerminalHistory from "../../../src/domain/environment/TerminalHistory.ts"

describe("a terminal", () => {
  it("without a history is recognised by its name", () => {
    const kept = (TERM: string) => TerminalHistory.isKept({ TERM })
    expect(["st", "st-256color", "linux", "vt100", "dumb", ""].filter(kept)).toEqual([])
    const others = ["xterm", "xterm-256color", "stterm", "tmux-256color", "rxvt-unicode", "foot"]
    expect(others.filter(kept)).toEqual(others)
  })

  it("is assumed to re-wrap lines only if that was measured", () => {
    const TERM = "xterm-256color"
    expect(TerminalHistory.isReflowed({ TERM })).toBe(false)
    expect(TerminalHistory.isReflowed({ TERM, VTE_VERSION: "7006" })).toBe(true)
    expect(TerminalHistory.isReflowed({ TERM, KONSOLE_VERSION: "221203" })).toBe(true)
    expect(TerminalHistory.isReflowed({ TERM, VTE_VERSION: "7006", XTERM_VERSION: "XTerm(379)" })).toBe(false)
    expect(TerminalHistory.isReflowed({ TERM: "tmux-256color" })).toBe(true)
    expect(TerminalHistory.isReflowed({ TERM: "mlterm" })).toBe(false)
  })

  it("is assumed to keep what programs erase only if that was measured", () => {
    const TERM = "xterm-256color"
    expect(TerminalHistory.keptErasures({ TERM })).toEqual([])
    expect(TerminalHistory.keptErasures({ TERM: "xterm-kitty" })).toEqual([])
    expect(TerminalHistory.keptErasures({ TERM, VTE_VERSION: "7006" })).toEqual(["Screen"])
    expect(TerminalHistory.keptErasures({ TERM, VTE_VERSION: "7006", XTERM_VERSION: "XTerm(379)" })).toEqual([])
    expect(TerminalHistory.keptErasures({ TERM: "alacritty" })).toEqual(["Screen"])
    expect(TerminalHistory.keptErasures({ TERM: "screen-256color" })).toEqual(["Screen", "Rest"])
  })

  it("is assumed to keep its history on a full reset only if that was measured", () => {
    expect(TerminalHistory.resetEffect("")).toBe("Erased")
    expect(TerminalHistory.resetEffect("XTerm(379)")).toBe("Erased")
    expect(TerminalHistory.resetEffect("Konsole 22.12.3")).toBe("Kept")
    expect(TerminalHistory.resetEffect("tmux 3.3a")).toBe("ScreenKept")
  })
})
