import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import * as CharWidth from "../../../src/domain/terminal/CharWidth.ts"

/** The measured table that the generated one is made from (spec 8.3, 13). */
const measured = (): Int8Array => {
  const widths = new Int8Array(0x110000).fill(-2)
  for (const line of readFileSync("test/fixtures/wcwidth-glibc-2.36.txt", "utf8").split("\n")) {
    const match = /^([0-9A-F]+)-([0-9A-F]+) (-?\d)$/.exec(line)
    if (match === null) continue
    widths.fill(Number(match[3]), Number.parseInt(match[1] ?? "", 16), Number.parseInt(match[2] ?? "", 16) + 1)
  }
  return widths
}

describe("CharWidth", () => {
  it("is made from the table whose sum the spec gives", () => {
    const sum = createHash("sha256")
      .update(`${measured().join(",")},`)
      .digest("hex")
    expect(sum).toBe("9b8d30658cfcfb586ab93e5ef34adfa47820b1d16c2959fc1d7bfe0dfe7ecdf8")
  })

  it("is glibc's width of every code point, except for stock mosh's exceptions", () => {
    const wanted = measured()
    wanted[0] = -1
    wanted.fill(1, 0xa0, 0x100)
    const wrong: Array<number> = []
    wanted.forEach((width, codePoint) => {
      if (CharWidth.of(codePoint) !== width) wrong.push(codePoint)
    })
    expect(wrong).toEqual([])
  })

  it("is that of Unicode 14, with characters of private use as one column", () => {
    const firstOf14 = [0x1fae0, 0x1f7f0]
    const firstOf15 = [0x1fae8, 0x1fadf]
    expect([...firstOf14, ...firstOf15].map(CharWidth.of)).toEqual([2, 2, -1, -1])
    const privateUse = [0xe000, 0xe0b0, 0xf8ff, 0xf0000, 0xffffd, 0x100000, 0x10fffd]
    expect(privateUse.map(CharWidth.of)).toEqual(privateUse.map(() => 1))
  })

  it("is -1 for a number that is not a code point", () => {
    expect([-1, 0x110000, Number.MAX_SAFE_INTEGER].map(CharWidth.of)).toEqual([-1, -1, -1])
  })
})
