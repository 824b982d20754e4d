import { it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { describe, expect } from "vitest"
import * as Capabilities from "../../../src/domain/display/Capabilities.ts"
import * as FrameDiff from "../../../src/domain/display/FrameDiff.ts"
import * as FramePatch from "../../../src/domain/display/FramePatch.ts"
import * as Frame from "../../../src/domain/terminal/Frame.ts"

const REPORTING = [9, 1000, 1001, 1002, 1003]
const ENCODINGS = [1005, 1006, 1015, 1016]
const MODES = [...REPORTING, ...ENCODINGS]

/** A terminal's mouse support: the modes that it knows, and what a reset ends. */
interface Mouse {
  readonly knows: ReadonlyArray<number>
  readonly reset: "its own mode" | "any mode" | "a flag"
}

/** The effective mode of a terminal that has read some bytes, for each of the two groups. */
const inForce = ({ knows, reset }: Mouse, host: string): ReadonlyArray<unknown> =>
  [REPORTING, ENCODINGS].map((group) => {
    let current = 0
    const flags = new Set<number>()
    for (const [, list = "", final] of host.matchAll(/\x1b\[\?([\d;]+)([hl])/g)) {
      for (const mode of list.split(";").map(Number)) {
        if (!group.includes(mode) || !knows.includes(mode)) continue
        if (final === "h") flags.add((current = mode))
        else {
          flags.delete(mode)
          if (reset === "any mode" || current === mode) current = 0
        }
      }
    }
    return reset === "a flag" ? [...flags].toSorted() : current
  })

const Requests = Schema.Array(Schema.Tuple([Schema.Literals(MODES), Schema.Literals(["h", "h", "l"])]))
const Terminal = Schema.Struct({
  knows: Schema.Array(Schema.Literals(MODES)),
  reset: Schema.Literals(["its own mode", "any mode", "a flag"])
})

const bytes = (requests: typeof Requests.Type): string =>
  requests.map(([mode, final]) => `\x1b[?${mode}${final}`).join("")

const blank = Frame.blank({ columns: 4, rows: 1 })
const mine = Capabilities.fromTerm({ term: "xterm-256color" })

describe("whatever mouse modes programs request", () => {
  it.prop(
    "a terminal that supports some of them ends in the mode that it has without mosh",
    [Requests, Requests, Requests, Terminal],
    (steps) => {
      const terminal = steps[3]
      let program = ""
      let drawn = ""
      let shown = blank
      for (const requests of [steps[0], steps[1], steps[2]]) {
        program += bytes(requests)
        const received = FramePatch.patch(
          shown,
          FrameDiff.diff(shown, FramePatch.patch(shown, bytes(requests)), Capabilities.full)
        )
        drawn += FrameDiff.diff(shown, received, mine)
        shown = received
        expect(inForce(terminal, drawn)).toEqual(inForce(terminal, program))
      }
      expect(inForce(terminal, FrameDiff.repaint(shown, mine))).toEqual(inForce(terminal, program))
    },
    { arbitrary: { runs: 500, size: 40 } }
  )

  it.prop("each is kept at most twice, and none when all are off", [Requests], ([requests]) => {
    const { mouse, mouseEncoding } = FramePatch.patch(blank, bytes(requests)).modes
    for (const mode of MODES) {
      expect([...mouse, ...mouseEncoding].filter((request) => Math.abs(request) === mode).length).toBeLessThanOrEqual(2)
    }
    const off = FramePatch.patch(blank, bytes(requests) + MODES.map((mode) => `\x1b[?${mode}l`).join(""))
    expect([off.modes.mouse, off.modes.mouseEncoding]).toEqual([[], []])
  })

  it("SGR stays on if pixels are requested beside it and the terminal does not support them", () => {
    const after = FramePatch.patch(blank, "\x1b[?1002h\x1b[?1006h\x1b[?1016h")
    const without1016 = { knows: [1002, 1006], reset: "its own mode" } as const
    expect(inForce(without1016, FrameDiff.diff(blank, after, mine))).toEqual([1002, 1006])
    expect(inForce(without1016, FrameDiff.diff(blank, after, Capabilities.fromTerm({ term: "screen" })))).toEqual([
      1002, 1006
    ])
  })

  it("a stock client is sent only the last one, as by a stock server", () => {
    const after = FramePatch.patch(blank, "\x1b[?1000h\x1b[?1002h\x1b[?1015h\x1b[?1006h")
    expect(FrameDiff.diff(blank, after, Capabilities.stock)).toBe("\x1b[?1002h\x1b[?1006h")
    const next = FramePatch.patch(after, "\x1b[?1003h\x1b[?1005l")
    expect(FrameDiff.diff(after, next, Capabilities.stock)).toBe("\x1b[?1002l\x1b[?1003h\x1b[?1006l")
  })
})
