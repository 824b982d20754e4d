import { it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { expect } from "vitest"
import * as Utf8 from "../../../../src/services/node/xterm/Utf8.ts"

/** Bytes at which decoders disagree: the ends of each range, and a few that are valid. */
const BYTES: ReadonlyArray<number> = [
  0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xe6, 0xec, 0xed, 0xee,
  0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xf8, 0xfc, 0xfe, 0xff
]
const Byte = Schema.Literals(BYTES)
const Pieces = Schema.Array(Schema.Array(Byte))

/** What a decoder makes of pieces of a stream that ends with a line feed. */
const decoded = (pieces: ReadonlyArray<ReadonlyArray<number>>): string => {
  const decoder = Utf8.make()
  let text = ""
  for (const piece of [...pieces, [0x0a]]) {
    const target = new Uint32Array(piece.length + 1)
    const size = decoder.decode(Uint8Array.from(piece), target)
    text += String.fromCodePoint(...target.subarray(0, size))
  }
  return text
}

it.prop("decodes any bytes as the WHATWG decoder does, however they are cut", [Pieces], ([pieces]) => {
  const whole = Uint8Array.from([...pieces.flat(), 0x0a])
  expect(decoded(pieces)).toBe(new TextDecoder("utf-8", { ignoreBOM: true }).decode(whole))
})

it("decodes every sequence of four bytes at the ends of ranges as the WHATWG decoder does", () => {
  const reference = new TextDecoder("utf-8", { ignoreBOM: true })
  const edges = [0x41, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc2, 0xe0, 0xed, 0xf0, 0xf4, 0xf5]
  const wrong = edges
    .flatMap((a) => edges.map((b) => [a, b]))
    .flatMap((half, _, halves) => halves.map((other) => [...half, ...other]))
    .filter((bytes) => decoded([bytes]) !== reference.decode(Uint8Array.from([...bytes, 0x0a])))
  expect(wrong).toEqual([])
})

it("forgets an incomplete sequence", () => {
  const decoder = Utf8.make()
  const target = new Uint32Array(4)
  expect(decoder.decode(Uint8Array.of(0xe0), target)).toBe(0)
  decoder.clear()
  expect(decoder.decode(Uint8Array.of(0xc3, 0xa9), target)).toBe(1)
  expect(target[0]).toBe(0xe9)
})
