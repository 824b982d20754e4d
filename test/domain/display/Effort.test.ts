import { describe, expect, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Capabilities from "../../../src/domain/display/Capabilities.ts"
import * as Effort from "../../../src/domain/display/Effort.ts"
import * as FrameDiff from "../../../src/domain/display/FrameDiff.ts"
import * as FramePatch from "../../../src/domain/display/FramePatch.ts"
import { HostInterpreter } from "../../../src/domain/display/HostInterpreter.ts"
import * as Screen from "../../../src/domain/objects/Screen.ts"
import * as Frame from "../../../src/domain/terminal/Frame.ts"
import * as HostMessage from "../../../src/domain/wire/HostMessage.ts"
import { MAX_BYTES } from "../../../src/domain/wire/Instruction.ts"

const SMALL: Frame.Size = { columns: 80, rows: 24 }
/** A screen in which every fourth cell changes its colour. */
const colourful = ({ columns, rows }: Frame.Size): string =>
  Array.from({ length: rows }, (_, y) =>
    Array.from({ length: Math.floor(columns / 4) }, (_, x) => `\x1b[3${(x + y) % 8}mabcd`).join("")
  ).join("\r\n")

describe("one instruction", () => {
  const expensive = {
    characters: "x",
    "empty cells": "\x7f",
    "wide characters": "\u754c",
    marks: "x\u0301",
    "marks of one cell": "\u0301",
    renditions: "\x1b[1m\x1b[m",
    modes: "\x1b[?1000;1006;2004h\x1b[?1000;1006;2004l",
    links: "\x1b]8;;x\x07a\x1b]8;;y\x07b",
    clipboards: "\x1b]52;cpqs;QQ==\x07",
    "coloured blank screens": "\x1b[41m\x1b[2J"
  }
  for (const [name, piece] of Object.entries(expensive))
    it(`ends within its effort where it has 4 MiB of ${name}`, () => {
      const effort = Effort.none()
      const text = piece.repeat(Math.floor(MAX_BYTES / Buffer.byteLength(piece)))
      const frame = new HostInterpreter(Frame.blank(SMALL), effort).run(`${text}\x1b[H\x1b]2;read to the end\x07`)
      expect(effort.spent).toBeLessThan(1.01 * Effort.limit(SMALL))
      expect(frame.title === "read to the end").toBe(effort.spent <= Effort.limit(SMALL))
    })

  it("has one effort for all its host strings", () => {
    const host = "x".repeat(600_000)
    const events = ["first", "second"].map((title): HostMessage.HostEvent => ({
      _tag: "HostBytes",
      host: `\x1b]2;${title}\x07${host}`
    }))
    const screen = Screen.object.patch(Screen.blank(SMALL), HostMessage.encode([...events, ...events, ...events]))
    expect(Result.getOrUndefined(screen)?.frame.title).toBe("second")
    const third = HostMessage.encode([...events, { _tag: "HostBytes", host: "\x1b]2;third\x07" }])
    expect(Result.getOrUndefined(Screen.object.patch(Screen.blank(SMALL), third))?.frame.title).toBe("second")
  })

  it("creates no more than a few of the largest screens", () => {
    const sizes = (count: number) =>
      HostMessage.encode(
        Array.from({ length: count }, (_, i) => ({ _tag: "Resize", size: { columns: 256 - (i % 2), rows: 4096 } }))
      )
    expect(Result.isSuccess(Screen.object.patch(Screen.blank(SMALL), sizes(2)))).toBe(true)
    expect(Result.isFailure(Screen.object.patch(Screen.blank(SMALL), sizes(8)))).toBe(true)
  })

  for (const size of [SMALL, { columns: 960, rows: 270 }, { columns: 256, rows: 4096 }])
    it(`makes and paints all of ${size.columns} by ${size.rows} cells`, () => {
      const frame = FramePatch.patch(Frame.blank(size), colourful(size))
      const host = FrameDiff.diff(Frame.blank(SMALL), frame, Capabilities.stock)
      const diff = HostMessage.encode([
        { _tag: "Resize", size },
        { _tag: "HostBytes", host }
      ])
      expect(diff.length).toBeLessThan(MAX_BYTES)
      const patched = Result.getOrUndefined(Screen.object.patch(Screen.blank(SMALL), diff))
      expect(patched !== undefined && Frame.equals(patched.frame, frame)).toBe(true)
    })

  it("paints a mark on each cell of a screen of 200 by 60", () => {
    const size = { columns: 200, rows: 60 }
    const frame = FramePatch.patch(Frame.blank(size), "e\u0301".repeat(200 * 60))
    expect(Frame.lines(frame).at(-1)).toBe("e\u0301".repeat(200))
  })
})
