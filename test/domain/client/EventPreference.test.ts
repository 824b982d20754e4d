import * as Result from "effect/Result"
import { expect, it } from "vitest"
import * as EventPreference from "../../../src/domain/client/EventPreference.ts"
import { obstacles } from "../../../src/domain/client/Requirements.ts"
import * as Capabilities from "../../../src/domain/display/Capabilities.ts"
import * as FrameDiff from "../../../src/domain/display/FrameDiff.ts"
import * as FramePatch from "../../../src/domain/display/FramePatch.ts"
import * as Frame from "../../../src/domain/terminal/Frame.ts"

const BELL = "\x07"
const COPY = "\x1b]52;c;eA==\x07"
const NOTIFICATION = "\x1b]9;done\x07"
const COLOR = "\x1b]12;red\x07"

const sent = (setting: string | undefined) => {
  const blank = Frame.blank({ columns: 8, rows: 2 })
  const frame = FramePatch.patch(blank, `${BELL}${COPY}\x1b]777;notify=1;9;1;0;done\x07${COLOR}`)
  const preference = Result.getOrThrow(EventPreference.parse(setting))
  return FrameDiff.diff(
    blank,
    frame,
    EventPreference.restrict(Capabilities.fromTerm({ term: "xterm-256color" }), preference)
  ).replaceAll(/\x1b\[[^a-z]*[a-zA-Z]|\x1b\]8;;\x07/g, "")
}

it("the user decides which events reach the terminal", () => {
  expect([undefined, "", "all"].map(sent)).toEqual(Array(3).fill(BELL + NOTIFICATION + COLOR + COPY))
  expect(sent("none")).toBe("")
  expect(sent("bells")).toBe(BELL)
  expect(sent("clipboard")).toBe(COPY)
  expect(sent("notifications,bells")).toBe(BELL + NOTIFICATION)
  expect(sent("properties")).toBe(COLOR)
})

it("an unknown kind is reported in one line", () => {
  const lines = obstacles({ LANG: "C.UTF-8", TERM: "xterm", MOSH_EVENTS: "bells,sounds" }, true)
  expect(lines).toEqual([
    "Unknown kind of events sounds in MOSH_EVENTS: use all, none, or some of bells,clipboard,notifications,properties."
  ])
})
