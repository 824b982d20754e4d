import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { Terminal } from "@xterm/headless"
import * as LineFilter from "../../../src/domain/bootstrap/LineFilter.ts"

/** What programs print, whole, cut off and run together. */
const Piece = Schema.Union([
  Schema.String,
  Schema.Literals([
    "\u001b",
    "\u001b[",
    "\u009b",
    "\u001b]",
    "\u009d",
    "\u001bP",
    "\u0090",
    "\u001b\\",
    "\u009c",
    "\u0007",
    "\u001b]52;c;aGk=\u0007",
    "\u001b]0;title\u001b\\",
    "\u001b[?1049h",
    "\u001b[?1003h",
    "\u001b[>4;2m",
    "\u001b[>c",
    "\u001b[6n",
    "\u001b[5n",
    "\u001bP$qm\u001b\\",
    "\u001b[31m",
    "\u001b[38:2::1:2:3m",
    "\u001b[K",
    "\u001b[2K",
    "\u001b[2J",
    "\u001b[9;9H",
    "\u001b(0",
    "\u001bc",
    "\u000e",
    "\u0005",
    "\r",
    "\t",
    "\b",
    "5",
    ";",
    "m",
    "h",
    "n",
    "\u202e",
    "\ud800"
  ])
])
const Line = Schema.Array(Piece)
const many = { arbitrary: { runs: 500 } }

const ALLOWED = /^(?:[\t\b\r\u0020-\u007e\u00a0-\u2027\u202f-\u2065\u206a-\u{10ffff}]|\u001b\[[\d;:]*m|\u001b\[0?K)*$/u

describe("LineFilter", () => {
  it.prop(
    "passes printable text, tab, backspace, carriage return, SGR and erasing to the end of the line, and nothing else",
    [Line],
    ([pieces]) => {
      const passed = LineFilter.filter(pieces.join("").replaceAll("\n", ""))
      expect(passed).toMatch(ALLOWED)
      expect(LineFilter.filter(passed)).toBe(passed)
    },
    many
  )

  it.prop("does not change harmless lines", [Schema.String.check(Schema.isPattern(ALLOWED))], ([line]) => {
    expect(LineFilter.filter(line)).toBe(line)
  })

  it.prop(
    "lets no line make a terminal answer, change its modes or buffer, or take a title or a clipboard",
    [Schema.Array(Line)],
    async ([lines]) => {
      const terminal = new Terminal({ cols: 40, rows: 8, allowProposedApi: true })
      const events: Array<string> = []
      terminal.onData((reply) => events.push(`reply ${reply}`))
      terminal.onTitleChange((title) => events.push(`title ${title}`))
      terminal.buffer.onBufferChange(() => events.push("buffer"))
      terminal.onBell(() => events.push("bell"))
      const before = JSON.stringify(terminal.modes)
      const text = lines.map((pieces) => LineFilter.filter(pieces.join("").replaceAll("\n", "")) + "\r\n").join("")
      for (const code of [0, 4, 8, 52]) terminal.parser.registerOscHandler(code, () => events.push("osc") > 0)
      await new Promise<void>((resolve) => terminal.write(text, resolve))
      expect(events).toEqual([])
      expect(JSON.stringify(terminal.modes)).toBe(before)
      terminal.dispose()
    }
  )

  it.each([
    ["\u001b]52;c;aGVsbG8=\u0007before\u001b[c\u001b[6nafter", "beforeafter"],
    ["\u001b]0;title that nothing ends", ""],
    ["\u001b[1;31mred\u001b[0m\u001b[K", "\u001b[1;31mred\u001b[0m\u001b[K"],
    ["\u009b31mnot in eight bits", "not in eight bits"],
    ["\u001b[>4;2mkeys\u001b[?1049h", "keys"],
    ["10%\r20%\b\t.", "10%\r20%\b\t."],
    ["grüße \u{1f600} שלום", "grüße \u{1f600} שלום"]
  ])("%j becomes %j", (line, passed) => {
    expect(LineFilter.filter(line)).toBe(passed)
  })

  it("takes time proportional to the line, even if it only starts sequences", () => {
    for (const start of ["\u001b", "\u001b[", "\u001b]", "\u001b[1;", "\u009d0"]) {
      expect(LineFilter.filter(start.repeat(200_000)).replace(/[\d;]/g, "")).toBe("")
    }
  })

  it("continues a colour in the next line, and ends each line without it", () => {
    const first = LineFilter.continued("", "\u001b[1m\u001b[31mred")
    expect(first).toEqual({ text: "\u001b[1m\u001b[31mred\u001b[m", style: "\u001b[1m\u001b[31m" })
    const second = LineFilter.continued(first.style, "red\u001b[0;4mline")
    expect(second).toEqual({ text: "\u001b[1m\u001b[31mred\u001b[0;4mline\u001b[m", style: "\u001b[0;4m" })
    expect(LineFilter.continued(second.style, "\u001b[0mplain")).toEqual({
      text: "\u001b[0;4m\u001b[0mplain",
      style: ""
    })
  })

  it.prop("keeps a bounded style", [Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 500 }))], ([count]) => {
    expect(LineFilter.continued("", "\u001b[1m".repeat(count)).style.length).toBeLessThanOrEqual(256)
  })
})
