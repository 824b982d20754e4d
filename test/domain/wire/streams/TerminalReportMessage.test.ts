import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as Limits from "../../../../src/domain/streams/Limits.ts"
import * as ClusterRules from "../../../../src/domain/terminal/ClusterRules.ts"
import * as TerminalReport from "../../../../src/domain/terminal/TerminalReport.ts"
import * as TerminalReportMessage from "../../../../src/domain/wire/streams/TerminalReportMessage.ts"
import { hostile } from "../hostile.ts"

const number = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))
const Color = Schema.Tuple([
  Schema.Union([number(0, 255), Schema.Literals([266, 267, 268, 273, 275])]),
  number(0, 0xffffff)
])
const Sketch = Schema.Struct({
  number: number(1, 1_000_000),
  name: Schema.Array(number(0x20, 0x7e)).check(Schema.isMaxLength(TerminalReport.LONGEST_NAME)),
  colors: Schema.Array(Color).check(Schema.isMaxLength(TerminalReportMessage.MAX_COLORS)),
  scheme: Schema.Literals(["dark", "light", "unknown"]),
  cell: Schema.Array(number(1, TerminalReport.LARGEST_CELL)).check(Schema.isMaxLength(2)),
  kittyKeyboard: Schema.Boolean,
  synchronizedOutput: Schema.Boolean,
  pixelMouse: Schema.Boolean,
  images: Schema.Literals(["kitty", "sixel", "iterm2", "none"]),
  clusters: number(0, ClusterRules.MASK),
  clusterMode: Schema.Literals(["none", "set", "reset", "always"])
})

const messageOf = (sketch: typeof Sketch.Type): TerminalReportMessage.Message => {
  const [width, height] = sketch.cell
  return {
    number: sketch.number,
    report: {
      name: String.fromCharCode(...sketch.name),
      colors: new Map(sketch.colors),
      scheme: sketch.scheme === "unknown" ? undefined : sketch.scheme,
      cell: width === undefined || height === undefined ? undefined : { width, height },
      kittyKeyboard: sketch.kittyKeyboard,
      synchronizedOutput: sketch.synchronizedOutput,
      pixelMouse: sketch.pixelMouse,
      images: sketch.images === "none" ? undefined : sketch.images,
      clusters: sketch.clusters,
      clusterMode: sketch.clusterMode
    }
  }
}

const example: TerminalReportMessage.Message = {
  number: 1,
  report: {
    name: "VTE(7006)",
    colors: new Map([
      [1, 0xff0080],
      [267, 0x1e1e2e]
    ]),
    scheme: "dark",
    cell: { width: 9, height: 200 },
    kittyKeyboard: false,
    synchronizedOutput: true,
    pixelMouse: false,
    images: undefined,
    clusters: ClusterRules.NONE,
    clusterMode: "none"
  }
}

describe("TerminalReportMessage", () => {
  it.prop("reads what it writes, in a header that a stream may have", [Sketch], ([sketch]) => {
    const message = messageOf(sketch)
    const header = TerminalReportMessage.encode(message)
    expect(header.length).toBeLessThan(Limits.KIND_HEADER)
    expect(TerminalReportMessage.decode(header)).toEqual(message)
  })

  it("has the bytes of docs/spec/terminal.md", () => {
    const bytes = Buffer.from(TerminalReportMessage.encode(example)).toString("hex")
    expect(bytes).toBe("01060940c80956544528373030362901ff0080410b1e1e2e")
  })

  it("ignores what it does not know, and refuses what is cut short", () => {
    const header = TerminalReportMessage.encode(example)
    // All flags, 10 of them unknown.
    header[1] = 0x3f
    expect(TerminalReportMessage.decode(header)?.report).toMatchObject({ kittyKeyboard: true, scheme: "dark" })
    expect(TerminalReportMessage.decode(header.subarray(0, -1))).toBeUndefined()
    expect(TerminalReportMessage.decode(header.subarray(0, 8))).toBeUndefined()
    const unknown = [...header, 0x42, 0x00, 1, 2, 3]
    expect(TerminalReportMessage.decode(Uint8Array.from(unknown))?.report.colors.size).toBe(2)
  })

  it("never throws, whatever it gets, and stays within its bounds", () => {
    let good = 0
    for (const bytes of hostile([TerminalReportMessage.encode(example)], 5000)) {
      const message = TerminalReportMessage.decode(bytes)
      if (message === undefined) continue
      good++
      const { cell, colors, name } = message.report
      expect(name).toMatch(/^[\x20-\x7e]{0,128}$/)
      expect(colors.size).toBeLessThanOrEqual(TerminalReportMessage.MAX_COLORS)
      for (const [at, color] of colors) expect(TerminalReport.isColor(at) && color <= 0xffffff).toBe(true)
      expect(cell === undefined || Math.max(cell.width, cell.height) <= TerminalReport.LARGEST_CELL).toBe(true)
    }
    expect(good).toBeGreaterThan(0)
  })
})
