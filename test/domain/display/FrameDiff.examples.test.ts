import { describe, expect, it } from "vitest"
import * as Capabilities from "../../../src/domain/display/Capabilities.ts"
import * as FrameDiff from "../../../src/domain/display/FrameDiff.ts"
import * as FramePatch from "../../../src/domain/display/FramePatch.ts"
import * as Frame from "../../../src/domain/terminal/Frame.ts"
import { project, visible } from "../../support/frames.ts"

const { full, stock } = Capabilities

interface Example {
  readonly name: string
  readonly rows: number
  /** What is on the screen, and what the program then does, as bytes for a receiver. */
  readonly shown: string
  readonly done: string
  /** What a stock server was seen to send for it (spec 13.4). */
  readonly sent: string
  /** Bytes that we add for a client whose width table may differ. */
  readonly doubtful?: number
}

const SIX_LINES = "line1\r\nline2\r\nline3\r\nline4\r\nline5\r\nline6"

const EXAMPLES: ReadonlyArray<Example> = [
  { name: "an echoed character", rows: 5, shown: "", done: "h", sent: "h" },
  { name: "home", rows: 5, shown: "\x1b[5;20Hx", done: "\x1b[H", sent: "\x1b[1;1H" },
  {
    name: "a row filled to its end",
    rows: 5,
    shown: "",
    done: "abcdefghijklmnopqrst",
    sent: "abcdefghijklmnopqrst\r\n\x1b[1;20H"
  },
  {
    name: "a character that wraps",
    rows: 5,
    shown: "abcdefghijklmnopqrst",
    done: "\x1b[1;20Htu",
    sent: "\x1b[?25l\x1b[1;20Htu\x1b[?25h"
  },
  {
    name: "few cells erased",
    rows: 5,
    shown: "xxxxxxxxxx",
    done: "\x1b[1;3H\x1b[4X",
    sent: "\x1b[?25l\x1b[1;3H    x\x1b[1;3H\x1b[?25h"
  },
  {
    name: "more cells erased",
    rows: 5,
    shown: "xxxxxxxxxxxxxxxxxx",
    done: "\x1b[1;9H\x1b[5X",
    sent: "\x1b[?25l\x1b[1;9H\x1b[5X\x1b[1;14Hx\x1b[1;9H\x1b[?25h"
  },
  { name: "one line more", rows: 6, shown: SIX_LINES, done: "\r\nline7", sent: "\x1b[0m\r\nline7" },
  {
    name: "two lines more",
    rows: 6,
    shown: SIX_LINES,
    done: "\r\nline8\r\nline9",
    sent: "\x1b[0m\r\n\n\x1b[?25l\x1b[5;1Hline8\r\nline9\x1b[?25h"
  },
  {
    name: "a scroll within a region",
    rows: 6,
    shown: SIX_LINES,
    done: "\x1b[1;4r\x1b[4;1H\n\x1b[r\x1b[4;1HX\x1b[H",
    sent: "\x1b[0m\x1b[1;4r\x1b[?25l\x1b[4;1H\n\x1b[r\x1b[4;1HX\x1b[1;1H\x1b[?25h"
  },
  { name: "bright colours", rows: 5, shown: "", done: "\x1b[91;102mB", sent: "\x1b[0;38;5;9;48;5;10mB" },
  {
    name: "direct colours",
    rows: 5,
    shown: "",
    done: "\x1b[38;2;1;2;3;48;2;4;5;6mD",
    sent: "\x1b[0;38;2;1;2;3;48;2;4;5;6mD"
  },
  { name: "attributes", rows: 5, shown: "", done: "\x1b[1;3;4;5;7;8mA", sent: "\x1b[0;1;3;4;5;7;8mA" },
  { name: "a mouse mode", rows: 5, shown: "", done: "\x1b[?1000h", sent: "\x1b[?1000h" },
  {
    name: "another mouse mode",
    rows: 5,
    shown: "\x1b[?1000h",
    done: "\x1b[?1002h",
    sent: "\x1b[?1000l\x1b[?1002h"
  },
  { name: "both titles", rows: 5, shown: "", done: "\x1b]1;ic\x07\x1b]2;ww\x07", sent: "\x1b]1;ic\x07\x1b]2;ww\x07" },
  {
    name: "a mark that stands alone",
    rows: 5,
    shown: "",
    done: "\u00a0\u0301",
    sent: "\u00a0\u0301",
    doubtful: "\x1b[1;2H".length
  }
]

describe("a difference that a stock server sent", () => {
  for (const { done, doubtful, name, rows, sent, shown } of EXAMPLES) {
    const before = FramePatch.patch(Frame.blank({ columns: 20, rows }), shown)
    const after = FramePatch.patch(before, done)

    it(`gives the frame that stock mosh shows: ${name}`, () => {
      const known = (frame: Frame.Frame) => visible(project(frame, stock))
      expect(known(FramePatch.patch(before, sent))).toEqual(known(after))
    })

    it(`is no shorter than ours: ${name}`, () => {
      expect(FrameDiff.diff(before, after, stock).length).toBeLessThanOrEqual(sent.length + (doubtful ?? 0))
      expect(FrameDiff.diff(before, after, full).length).toBeLessThanOrEqual(sent.length)
    })
  }
})

describe("the bottom right corner", () => {
  const before = Frame.blank({ columns: 20, rows: 5 })

  it("is read as stock mosh's emulator reads it, one column too far left (spec 8.7)", () => {
    const after = FramePatch.patch(before, "\x1b[?25l\x1b[5;20Hx\b\x1b[?25h")
    expect(after.cursor).toEqual({ row: 4, column: 18, visible: true, shape: 0 })
  })

  it("is written without that defect", () => {
    const after = FramePatch.patch(before, "\x1b[5;20Hx")
    for (const capabilities of [stock, full]) {
      expect(FrameDiff.diff(before, after, capabilities)).toBe("\x1b[5;20Hx\x1b[5;20H")
    }
  })
})

describe("a text that is copied again", () => {
  const copied = FramePatch.patch(Frame.blank({ columns: 20, rows: 5 }), "\x1b]52;c;eA==\x07")
  const again = FramePatch.patch(copied, "\x1b]52;c;eA==\x07")

  it("is sent again between our own ends, with its number, but not to a stock client", () => {
    expect(FrameDiff.diff(copied, again, full)).toBe("\x1b]52;c=2;eA==\x07")
    expect(FrameDiff.diff(copied, again, stock)).toBe("")
  })
})

describe("scrolling", () => {
  const rows = 24
  const lines = Array.from({ length: rows }, (_, y) => `this is line ${y} of the screen`)
  const screen = FramePatch.patch(Frame.blank({ columns: 80, rows }), lines.join("\r\n"))

  it("between a fixed header and a fixed status line costs no more than the new line", () => {
    const after = FramePatch.patch(screen, "\x1b[2;23r\x1b[23;1H\n\x1b[r\x1b[23;1Hnew")
    expect(FrameDiff.diff(screen, after, full)).toBe("\x1b[2;23r\n\x1b[M\x1b[r\x1b[23;1Hnew")
    expect(FrameDiff.diff(screen, after, stock)).toBe("\x1b[2;23r\x1b[23;1H\n\x1b[r\x1b[23;1Hnew")
  })

  it("down is one inserted line", () => {
    const after = FramePatch.patch(screen, "\x1b[H\x1b[Lnew")
    expect(FrameDiff.diff(screen, after, full)).toBe("\x1b[H\x1b[Lnew")
  })
})
