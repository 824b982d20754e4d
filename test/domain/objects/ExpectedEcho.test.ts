import { expect, it } from "@effect/vitest"
import * as FramePatch from "../../../src/domain/display/FramePatch.ts"
import * as ExpectedEcho from "../../../src/domain/objects/ExpectedEcho.ts"
import * as Frame from "../../../src/domain/terminal/Frame.ts"

const screen = (text: string) => FramePatch.patch(Frame.blank({ columns: 10, rows: 2 }), text)
const utf8 = (text: string) => new TextEncoder().encode(text)

/** Whether `after` shows what was typed in pieces at the screen `before`. */
const shows = (before: string, after: string, ...[first = "", ...others]: ReadonlyArray<string>): boolean => {
  let expected = ExpectedEcho.at(screen(before).cursor, utf8(first))
  for (const piece of others) expected = expected && ExpectedEcho.followedBy(expected, utf8(piece))
  return expected !== undefined && ExpectedEcho.isShown(expected, screen(after))
}

it("finds what was typed between the cursor's places", () => {
  expect(shows("$ ", "$ s", "s")).toBe(true)
  expect(shows("$ ", "$ ls", "ls")).toBe(true)
  expect(shows("$ ", "$ ls", "l", "s")).toBe(true)
  expect(shows("$ ", "$ é", "é")).toBe(true)
  expect(shows("$ ", "$ \u6f22", "\u6f22")).toBe(true)
  expect(shows("$ ls", "$ ls ", " ")).toBe(true)
  expect(shows("", "s", "s")).toBe(true)
})

it("finds nothing where something else is shown, or no text was typed", () => {
  expect(shows("$ ls", "$ ls", "s")).toBe(false)
  expect(shows("$ s\b", "$ s\b", "s")).toBe(false)
  expect(shows("$ ", "$ s\x1b[?25l", "s")).toBe(false)
  expect(shows("$ ", "$ ls", "s")).toBe(false)
  expect(shows("$ ", "$ l", "ls")).toBe(false)
  expect(shows("$ ", "$ *", "s")).toBe(false)
  expect(shows("$ ", "$ s", "")).toBe(false)
  expect(shows("$ s", "$ ", "\x7f")).toBe(false)
  expect(shows("$ ", "$ \r\n", "\r")).toBe(false)
  expect(shows("$ ", "\r\n$ s", "s")).toBe(false)
  expect(shows("$ ", "$ é", "\xa9")).toBe(false)
})
