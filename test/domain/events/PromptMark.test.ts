import { it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { describe, expect } from "vitest"
import * as PromptMark from "../../../src/domain/events/PromptMark.ts"

const Mark = Schema.TaggedUnion({
  Prompt: { kind: Schema.Literals(["initial", "continuation", "right"]) },
  Input: {},
  Output: {},
  Ended: {
    status: Schema.UndefinedOr(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 2 ** 31 })))
  }
})

describe("marks of prompts", () => {
  it.prop("are read as they are written", [Mark], ([mark]) => {
    expect(PromptMark.parse(PromptMark.format(mark))).toEqual(mark)
  })

  it.prop("any text is a mark or none", [Schema.String], ([text]) => {
    const mark = PromptMark.parse(text)
    if (mark !== undefined) expect(PromptMark.parse(PromptMark.format(mark))).toEqual(mark)
  })

  it("of bash, zsh, fish and kitty are recognised", () => {
    const read: ReadonlyArray<readonly [string, PromptMark.PromptMark | undefined]> = [
      ["A", { _tag: "Prompt", kind: "initial" }],
      ["A;cl=m;aid=123", { _tag: "Prompt", kind: "initial" }],
      ["A;special_key=1", { _tag: "Prompt", kind: "initial" }],
      ["A;k=s", { _tag: "Prompt", kind: "continuation" }],
      ["P;k=i", { _tag: "Prompt", kind: "initial" }],
      ["P;k=r", { _tag: "Prompt", kind: "right" }],
      ["P;k=c", { _tag: "Prompt", kind: "continuation" }],
      ["B", { _tag: "Input" }],
      ["C;cmdline_url=echo%20x", { _tag: "Output" }],
      ["D", { _tag: "Ended", status: undefined }],
      ["D;0", { _tag: "Ended", status: 0 }],
      ["D;130;aid=9", { _tag: "Ended", status: 130 }],
      ["D;-1", { _tag: "Ended", status: undefined }],
      ["D;aid=9", { _tag: "Ended", status: undefined }],
      ["", undefined],
      ["AB", undefined],
      ["Z;k=s", undefined]
    ]
    expect(read.map(([text]) => [text, PromptMark.parse(text)])).toEqual(read)
  })

  it("a prompt at the right edge belongs to the phase that it is in", () => {
    const input = PromptMark.after(PromptMark.NO_MARKS, { _tag: "Input" }, 7)
    const right = PromptMark.after(input, { _tag: "Prompt", kind: "right" }, 70)
    expect(right).toEqual({ phase: "Input", inputColumn: 7, status: undefined, marks: 2 })
    expect(PromptMark.after(right, { _tag: "Prompt", kind: "continuation" }, 0).phase).toBe("Prompt")
  })

  it("a shell keeps the last status", () => {
    const failed = PromptMark.after(PromptMark.NO_MARKS, { _tag: "Ended", status: 3 }, 0)
    expect(PromptMark.after(failed, { _tag: "Ended", status: undefined }, 0).status).toBe(3)
  })
})
