import { it } from "@effect/vitest"
import { describe, expect } from "vitest"
import * as Capabilities from "../../../src/domain/display/Capabilities.ts"
import * as FrameDiff from "../../../src/domain/display/FrameDiff.ts"
import * as FramePatch from "../../../src/domain/display/FramePatch.ts"
import * as JoinDoubt from "../../../src/domain/display/JoinDoubt.ts"
import * as CharWidth from "../../../src/domain/terminal/CharWidth.ts"
import * as Frame from "../../../src/domain/terminal/Frame.ts"
import * as Row from "../../../src/domain/terminal/Row.ts"
import { type Pair, resizedPairs, smallPairs } from "../../support/frames.ts"

/** A scroll within a region, any other sequence, or one character. */
const TOKENS = /\x1b\[\d+;\d+r[^]*?\x1b\[r|\x1b\[[^@-~]*[@-~]|\x1b\][^\x07]*\x07|[^]/gu

/** What neither moves the cursor nor ends a pending wrap: the bell, strings of OSC, renditions, modes and cursor styles. */
const STAYS = /^(?:\x07|\x1b\].*|\x1b\[[^@-~]*[mhlq])$/s

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" })

const isOne = (text: string): boolean => [...graphemes.segment(text)].length === 1

/**
 * The characters that a joining terminal would put into the previous cell while it reads `host`. Joining to a blank
 * cell does no harm, so it does not count.
 */
const joinedBy = (shown: Frame.Frame, host: string): ReadonlyArray<string> => {
  const joined: Array<string> = []
  const { columns } = shown.size
  let frame = shown
  let { column, row } = shown.cursor
  let isAfterJoiner = false
  for (const [token] of host.matchAll(TOKENS)) {
    const width = token.startsWith("\x1b") ? -1 : CharWidth.of(token.codePointAt(0) ?? 0)
    if (width > 0 && column === columns) {
      row++
      column = 0
    }
    const place = `\x1b[${row + 1};${Math.min(column, columns - 1) + 1}H`
    if (width === 0) {
      // tmux joins to the character that was printed last.
      frame = FramePatch.patch(frame, `\x1b[${row + 1};${column}H${token}`)
      isAfterJoiner = token === "\u200d"
    } else if (width > 0) {
      const cells = frame.rows[row] as Row.Row
      const left = column > 0 ? Row.text(cells, JoinDoubt.previous(cells, column)) : ""
      if (left.trim() !== "" && (left.endsWith("\u200d") || isOne(left + token))) joined.push(left + token)
      frame = FramePatch.patch(frame, place + token)
      column += width
    } else {
      frame = FramePatch.patch(frame, place + token)
      if (!STAYS.test(token)) ({ column, row } = frame.cursor)
    }
    if (width > 0 && isAfterJoiner) {
      joined.push(`a joiner, then ${token}`)
      isAfterJoiner = false
    }
  }
  return joined
}

const left = Capabilities.fromTerm({ term: "xterm-256color" })
const next = Capabilities.fromTerm({ term: "tmux-256color" })

const isAlone = ({ after, before }: Pair): void => {
  const from = FramePatch.resize(before, after.size)
  for (const receiver of [left, next]) {
    const host = FrameDiff.diff(before, after, receiver)
    const joined = joinedBy(from, host)
    // Only tmux joins beyond the previous cell.
    const real = receiver === next ? joined : joined.filter((pair) => !pair.startsWith("a joiner"))
    if (real.length > 0)
      expect.fail(`${JSON.stringify(real)} of ${JSON.stringify(host)} on ${JSON.stringify(Frame.lines(from))}`)
  }
}

describe("a cell never depends on the previous one", () => {
  it.prop("on small screens", [smallPairs], ([pair]) => isAlone(pair), { arbitrary: { runs: 300 } })
  it.prop("from one size to another", [resizedPairs], ([pair]) => isAlone(pair), { arbitrary: { runs: 100 } })

  it("when a regional indicator appears after another", () => {
    const before = FramePatch.patch(Frame.blank({ columns: 10, rows: 1 }), "\u{1f1e9}")
    // The cursor of `before` is beside the first one.
    expect(() => isAlone({ before, after: FramePatch.patch(before, "\u{1f1ea}") })).not.toThrow()
  })

  it("even when a row full of joiners changes in one place, which is drawn once", () => {
    const columns = 2000
    const blank = Frame.blank({ columns, rows: 1 })
    const before = FramePatch.patch(blank, "क्".repeat(columns))
    const after = FramePatch.patch(
      before,
      Array.from({ length: columns / 2 }, (_, i) => `\x1b[1;${2 * i + 1}Hष्`).join("")
    )
    expect(FrameDiff.diff(before, after, left).length).toBeLessThan(20 * columns)
  })
})
