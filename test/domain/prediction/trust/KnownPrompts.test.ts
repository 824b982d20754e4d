import { describe, expect, it } from "@effect/vitest"
import * as FramePatch from "../../../../src/domain/display/FramePatch.ts"
import * as KnownPrompts from "../../../../src/domain/prediction/trust/KnownPrompts.ts"
import * as Frame from "../../../../src/domain/terminal/Frame.ts"

const screen = (printed: string) => {
  const { cursor, rows } = FramePatch.patch(Frame.blank({ columns: 30, rows: 3 }), printed)
  return { rows, caret: { ...cursor, softwareCursor: false } }
}

const after = (printed: string, place = 1) => KnownPrompts.of(screen(printed), place)

describe("KnownPrompts", () => {
  it("knows a prompt by its place and its end, whatever is before that", () => {
    expect(after("~ $ ")).toBe(after("~/garden $ "))
    expect(after("~ $ ")).not.toBe(after("~ $ ", 2))
    expect(after("~ $ ")).not.toBe(after("~ # "))
    expect(after("~ $ ")).not.toBe(after("~ $ ls"))
    expect(after("Password: ")).not.toBe(after("$ "))
  })

  it("takes no row without ink for a prompt", () => {
    expect(after("")).toBeUndefined()
    expect(after("output\r\n    ")).toBeUndefined()
    expect(after("    $")).toBeDefined()
  })

  it("finds the beginning of the line that was edited last, in any row, if its prompt is there", () => {
    const last = KnownPrompts.lastOf(screen("~ $ "), 1)
    const home = (printed: string, place = 1) => KnownPrompts.homeAfter(last, screen(printed), place)
    expect(last?.column).toBe(4)
    expect(home("~ $ ls")).toBe(4)
    expect(home("ls  lsof\r\n~ $ ls")).toBe(4)
    expect(home("~ $ ")).toBe(4)
    for (const printed of ["~/a $ ls", "~ $", "password: x", "", "~ $ ls\r\n"]) expect(home(printed)).toBeUndefined()
    expect(home("~ $ ls", 2)).toBeUndefined()
    expect(KnownPrompts.homeAfter(undefined, screen("~ $ ls"), 1)).toBeUndefined()
  })

  it("finds a known prompt before a column of the caret's row", () => {
    const prompts = [after("~ $ ") ?? ""]
    const isBefore = (printed: string, column: number, place = 1) =>
      KnownPrompts.isBefore(prompts, screen(printed), place, column)
    expect(isBefore("~/a $ ls", 6)).toBe(true)
    expect(isBefore("~ $ ", 4)).toBe(true)
    for (const [printed, column] of [
      ["~ $ ", 5],
      ["~ $ ls", 3],
      ["~ $ ls", 5],
      ["~ $ ls\r\n", 4],
      ["Password: ", 10]
    ] as const)
      expect(isBefore(printed, column)).toBe(false)
    expect(isBefore("~ $ ls", 4, 2)).toBe(false)
  })

  it("remembers a bounded number of prompts, the newest", () => {
    let prompts = KnownPrompts.NONE
    for (let place = 0; place < 1000; place++) prompts = KnownPrompts.learn(prompts, `${place} $ `)
    expect(prompts.length).toBe(64)
    expect(prompts.at(-1)).toBe("999 $ ")
    expect(KnownPrompts.learn(prompts, "999 $ ")).toBe(prompts)
    expect(KnownPrompts.learn(prompts, "998 $ ").length).toBe(64)
  })
})
