import { expect, it } from "vitest"
import * as TerminalSetup from "../../../../src/domain/client/terminal/TerminalSetup.ts"
import * as Capabilities from "../../../../src/domain/display/Capabilities.ts"
import * as FrameDiff from "../../../../src/domain/display/FrameDiff.ts"
import * as FramePatch from "../../../../src/domain/display/FramePatch.ts"
import * as Frame from "../../../../src/domain/terminal/Frame.ts"
import * as Properties from "../../../../src/domain/events/Properties.ts"

const SET =
  "\x1b]7;file://host/tmp\x07\x1b]22;text\x07\x1b]9;4;1;50\x07\x1b]1337;SetUserVar=a=eA==\x07" +
  "\x1b]4;1;#f00;200;blue\x07\x1b]11;black\x07\x1b]12;orange\x07"

it("the last frame resets what programs set, by sequences that only terminals which know them get", () => {
  const frame = FramePatch.patch(Frame.blank({ columns: 20, rows: 3 }), SET)
  expect(frame.properties).not.toEqual(Properties.NONE)
  const last = (term: string) =>
    FrameDiff.diff(frame, TerminalSetup.neutral(frame), Capabilities.fromTerm({ term })).match(/\x1b\][^\x07]*\x07/g)
  expect(last("xterm-256color")).toEqual([
    "\x1b]104;1;200\x07",
    "\x1b]111\x07",
    "\x1b]112\x07",
    "\x1b]7;\x07",
    "\x1b]22;\x07",
    "\x1b]9;4;0\x07",
    "\x1b]1337;SetUserVar=a=\x07"
  ])
  expect(last("linux")).toBe(null)
  expect(FramePatch.patch(frame, (last("xterm-256color") ?? []).join("")).properties).toEqual(Properties.NONE)
})
