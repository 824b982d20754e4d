/**
 * What a frame keeps of a host string is a copy. `test/security/resident.test.ts` measures the same of whole sessions.
 */
import { describe, expect, it } from "@effect/vitest"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import * as FramePatch from "../../../src/domain/display/FramePatch.ts"
import * as Frame from "../../../src/domain/terminal/Frame.ts"

const COUNT = 16
const LENGTH = 2_000_000

setFlagsFromString("--expose-gc")
const collect: unknown = runInNewContext("gc")

const heapUsed = (): number => {
  if (typeof collect === "function") collect()
  return process.memoryUsage().heapUsed
}

describe("a frame keeps nothing of a long host string but", () => {
  for (const [name, piece] of Object.entries({
    "a title": "\x1b]2;the title of this window\x07",
    "an icon's title": "\x1b]1;the title of this icon\x07",
    "a link": "\x1b]8;;http://example.org/path\x07x\x1b]8;;\x07",
    "a link's parameters": "\x1b]8;id=a-long-identifier;http://example.org/\x07x\x1b]8;;\x07",
    "a clipboard text": "\x1b]52;c;QUJDREVGR0hJSktMTU5PUA==\x07"
  }))
    it(`${name}`, () => {
      const blank = Frame.blank({ columns: 80, rows: 24 })
      FramePatch.patch(blank, piece)
      const before = heapUsed()
      const frames = Array.from({ length: COUNT }, () =>
        FramePatch.patch(blank, Buffer.alloc(LENGTH, "\t").toString("latin1").concat(piece))
      )
      expect(heapUsed() - before).toBeLessThan((COUNT * LENGTH) / 4)
      expect(frames.length).toBe(COUNT)
    })
})
