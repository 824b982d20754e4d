import { expect, it } from "@effect/vitest"
import * as FramePatch from "../../../src/domain/display/FramePatch.ts"
import * as EchoedText from "../../../src/domain/session/EchoedText.ts"
import * as Frame from "../../../src/domain/terminal/Frame.ts"

const screen = (text: string) => FramePatch.patch(Frame.blank({ columns: 10, rows: 2 }), text)
const shows = (text: string, typed: string): boolean => EchoedText.shows(screen(text), new TextEncoder().encode(typed))

it("finds the last character that was typed left of the cursor", () => {
  expect(shows("$ ls", "s")).toBe(true)
  expect(shows("$ ls", "ls")).toBe(true)
  expect(shows("$ é", "é")).toBe(true)
  expect(shows("$ \u6f22", "\u6f22")).toBe(true)
})

it("finds nothing where something else is shown, or no character was typed", () => {
  expect(shows("$ ls", "l")).toBe(false)
  expect(shows("$ *", "s")).toBe(false)
  expect(shows("$ ls", "")).toBe(false)
  expect(shows("$ ls", "\x7f")).toBe(false)
  expect(shows("$ ls\r\n", "\r")).toBe(false)
  expect(shows("", "s")).toBe(false)
  expect(shows("$ é", "\xa9")).toBe(false)
})
