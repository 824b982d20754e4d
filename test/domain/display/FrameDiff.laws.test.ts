import { expect, it } from "@effect/vitest"
import { describe } from "vitest"
import * as Capabilities from "../../../src/domain/display/Capabilities.ts"
import * as FrameDiff from "../../../src/domain/display/FrameDiff.ts"
import * as FramePatch from "../../../src/domain/display/FramePatch.ts"
import * as Cell from "../../../src/domain/terminal/Cell.ts"
import * as Frame from "../../../src/domain/terminal/Frame.ts"
import * as Row from "../../../src/domain/terminal/Row.ts"
import { largePairs, type Pair, project, resizedPairs, sessions, smallPairs, visible } from "../../support/frames.ts"

const { full, stock } = Capabilities

/** A frame in a short form, so that a failure is readable. */
const show = (frame: Frame.Frame) => ({
  ...frame,
  rows: frame.rows.map((row) => {
    const cells = Array.from({ length: Row.columns(row) }, (_, x) => {
      const { background, foreground, link, underline } = Row.rendition(row, x)
      const hex = [foreground, background, underline].map((word) => word.toString(16)).join(",")
      return `${row.words[x * Cell.WORDS] === Cell.EMPTY ? "empty" : Row.text(row, x)}/${hex}${link?.uri ?? ""}`
    })
    return `${cells.join(" ")}${row.wraps ? " wraps" : ""}`
  })
})

/** The property runner prints no diff of values: the message must say what differs. */
const expectSame = (actual: Frame.Frame, wanted: Frame.Frame, host: string) => {
  if (Frame.equals(actual, wanted)) return
  const a = Object.entries(show(actual)).map(([key, value]) => [key, JSON.stringify(value, null, 1)] as const)
  const b = new Map(Object.entries(show(wanted)).map(([key, value]) => [key, JSON.stringify(value, null, 1)] as const))
  const differences = a.filter(([key, value]) => b.get(key) !== value)
  expect.fail(
    `${JSON.stringify(host)}\n` + differences.map(([key, value]) => `${key}: ${value}\nnot ${b.get(key)}`).join("\n")
  )
}

const follows = ({ after, before }: Pair) => {
  const host = FrameDiff.diff(before, after, full)
  expectSame(FramePatch.patch(FramePatch.resize(before, after.size), host), after, host)
}

const followsAsStock = ({ after, before }: Pair) => {
  const host = FrameDiff.diff(before, after, stock)
  const from = FramePatch.resize(project(before, stock), after.size)
  expectSame(visible(project(FramePatch.patch(from, host), stock)), visible(project(after, stock)), host)
}

const runs = (runs: number) => ({ arbitrary: { runs } })

describe("between our own ends, a patch of a difference is the frame itself", () => {
  it.prop("on small screens", [smallPairs], ([pair]) => follows(pair), runs(800))
  it.prop("on large screens", [largePairs], ([pair]) => follows(pair), runs(40))
  it.prop("from one size to another", [resizedPairs], ([pair]) => follows(pair), runs(400))
  it.prop(
    "through a session",
    [sessions],
    ([frames]) => frames.forEach((after, i) => follows({ before: frames[i - 1] ?? Frame.blank(after.size), after })),
    runs(40)
  )
})

describe("to a stock client, it is the frame as far as stock mosh can show it", () => {
  it.prop("on small screens", [smallPairs], ([pair]) => followsAsStock(pair), runs(800))
  it.prop("on large screens", [largePairs], ([pair]) => followsAsStock(pair), runs(40))
  it.prop("from one size to another", [resizedPairs], ([pair]) => followsAsStock(pair), runs(400))
})
