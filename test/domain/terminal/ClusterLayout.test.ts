import { describe, expect, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Capabilities from "../../../src/domain/display/Capabilities.ts"
import * as CellText from "../../../src/domain/display/CellText.ts"
import * as FrameDiff from "../../../src/domain/display/FrameDiff.ts"
import * as FramePatch from "../../../src/domain/display/FramePatch.ts"
import * as Screen from "../../../src/domain/objects/Screen.ts"
import { Features } from "../../../src/domain/ssp/SyncObject.ts"
import * as Cell from "../../../src/domain/terminal/Cell.ts"
import * as ClusterLayout from "../../../src/domain/terminal/ClusterLayout.ts"
import * as ClusterRules from "../../../src/domain/terminal/ClusterRules.ts"
import * as CompactRow from "../../../src/domain/history/CompactRow.ts"
import * as Frame from "../../../src/domain/terminal/Frame.ts"
import * as Row from "../../../src/domain/terminal/Row.ts"
import { rowWellFormed } from "../../fuzz/frame-laws.ts"
import { anyRules, clusteredPairs } from "../../support/clusters.ts"
import { project, visible } from "../../support/frames.ts"

const NONE = ClusterLayout.fitting(ClusterRules.NONE)

/** Everything that our ends announce. */
const ALL = Object.values(Features).reduce((all: number, bit) => all | bit, 0)

const EXPLICIT = "\x1b]66;"

describe("cells with an explicit width", () => {
  it.prop("arrive as they are at a peer that understands them", [clusteredPairs], ([{ after, before }]) => {
    const host = FrameDiff.diff(before, after, Capabilities.full)
    expect(Frame.equals(FramePatch.patch(before, host), after)).toBe(true)
    for (const row of after.rows) rowWellFormed(row, after.size.columns)
  })

  it.prop("are not sent to other peers, which see the same columns", [clusteredPairs], ([{ after, before }]) => {
    for (const features of [Features.stock, Features.frames, ALL & ~Features.widths]) {
      const from = Screen.visible({ frame: before, echoAck: 0n }, features)
      const to = Screen.visible({ frame: after, echoAck: 0n }, features)
      const diff = Screen.object.diff(from, to, features)
      expect(Buffer.from(diff).includes(EXPLICIT)).toBe(false)
      for (const row of to.frame.rows) expect(ClusterLayout.row(row, ClusterRules.NONE)).toBe(row)
      if ((features & Features.frames) === 0 || diff.length === 0) continue
      const patched = Result.getOrThrow(Screen.object.patch(from, diff))
      expect(
        Frame.equals(
          project(visible(patched.frame), Capabilities.withoutCopies),
          project(visible(to.frame), Capabilities.withoutCopies)
        )
      ).toBe(true)
    }
  })

  it("are sent to a peer that announced them, and to no other", () => {
    const frame = FramePatch.patch(Frame.blank({ columns: 8, rows: 1 }), `${EXPLICIT}w=2;👩‍🚀\x07`)
    const blank = Screen.blank(frame.size)
    const host = (peer: Features) => {
      const { frame: shown } = Screen.visible({ frame, echoAck: 0n }, peer)
      return Buffer.from(Screen.object.diff(blank, { ...blank, frame: shown }, peer)).toString()
    }
    expect(host(ALL)).toContain(EXPLICIT)
    expect(host(ALL & ~Features.widths)).not.toContain(EXPLICIT)
    expect(host(Features.stock)).not.toContain(EXPLICIT)
  })

  it.prop("are kept in the history, and left out of it for other peers", [clusteredPairs], ([{ after }]) => {
    for (const row of after.rows) {
      const bytes = CompactRow.encode(row)
      expect(Row.equals(Result.getOrThrow(CompactRow.decode(bytes)), row)).toBe(true)
      const plain = CompactRow.plain(bytes)
      expect(CompactRow.isExplicit(plain)).toBe(false)
      expect(Row.equals(Result.getOrThrow(CompactRow.decode(plain)), ClusterLayout.fitRow(NONE, row))).toBe(true)
    }
  })

  it("are ignored in a host string if they are not what a cell may contain", () => {
    for (const parameters of [
      "",
      "w=2",
      "w=2;",
      "w=3;ab",
      "w=1;漢",
      "w=2;\u0301a",
      "w=2;a\u00ad\u{e000}\ud800",
      "w=2;\u{10ffff}",
      `w=2;a${"\u0301".repeat(64)}`,
      "s=2;ab",
      "w=2:s=2;ab"
    ]) {
      expect([parameters, CellText.decode(parameters)]).toEqual([parameters, undefined])
    }
    expect(CellText.decode("w=2;👩‍🚀")).toEqual({ text: "👩‍🚀", columns: 2 })
  })
})

describe("a fitted row", () => {
  it.prop(
    "has cells that the receiver draws in as many columns",
    { rules: anyRules, pair: clusteredPairs },
    ({ pair, rules }) => {
      const fitting = ClusterLayout.fitting(rules)
      const fitted = ClusterLayout.fit(fitting, pair.after)
      expect(ClusterLayout.fit(fitting, fitted)).toBe(fitted)
      fitted.rows.forEach((row, y) => {
        rowWellFormed(row, fitted.size.columns)
        expect(row.wraps).toBe(pair.after.rows[y]?.wraps)
        for (const [column, text] of row.clusters ?? []) {
          const glyph = row.words[column * Cell.WORDS] ?? 0
          if ((glyph & Cell.CLUSTER) === 0) continue
          const columns = Cell.widthOf(glyph)
          expect(ClusterLayout.isOneCell(text, columns, rules)).toBe(true)
        }
      })
    }
  )

  it("loses the request for a wide symbol where only one column is left for it", () => {
    const row = FramePatch.patch(Frame.blank({ columns: 4, rows: 1 }), "a❤️b").rows[0] as Row.Row
    expect(Row.line(ClusterLayout.row(row, ClusterRules.ALL))).toBe("a❤b")
    expect(ClusterLayout.row(row, ClusterRules.NONE)).toBe(row)
  })
})

describe("the rules of several terminals", () => {
  it("are those that all known ones follow", () => {
    const { flag, modifier, narrowModifier, narrowModifierInOne } = ClusterRules.Kind
    expect(ClusterRules.common([])).toBe(undefined)
    expect(ClusterRules.common([undefined])).toBe(undefined)
    expect(ClusterRules.common([undefined, ClusterRules.ALL])).toBe(ClusterRules.ALL)
    expect(ClusterRules.common([flag | modifier, undefined, ClusterRules.ALL])).toBe(flag | modifier)
    expect(ClusterRules.common([narrowModifier, narrowModifierInOne])).toBe(ClusterRules.NONE)
  })
})
