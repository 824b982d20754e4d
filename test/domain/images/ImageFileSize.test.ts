import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as ImageFileSize from "../../../src/domain/images/ImageFileSize.ts"

const Side = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 2000 }))
const Segment = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 300 }))

const big = (value: number) => [value >> 8, value & 0xff]
const little = (value: number) => [value & 0xff, value >> 8]

describe("the size of a picture", () => {
  it.prop("is read from a GIF file, and from none that is cut", [Side, Side], ([width, height]) => {
    const file = Uint8Array.from([...Buffer.from("GIF89a"), ...little(width), ...little(height), 0, 0])
    assert.deepStrictEqual(ImageFileSize.of(file), { width, height })
    assert.isUndefined(ImageFileSize.of(file.subarray(0, 9)))
  })

  it.prop(
    "is read from a JPEG file behind any other segments, and from none that is cut",
    [Side, Side, Schema.Array(Segment)],
    ([width, height, segments]) => {
      const others = segments.flatMap((length) => [0xff, 0xe1, ...big(length + 2), ...Array<number>(length).fill(0xc0)])
      const frame = [0xff, 0xff, 0xc2, ...big(17), 8, ...big(height), ...big(width), 3]
      const file = Uint8Array.from([0xff, 0xd8, ...others, ...frame, ...Array<number>(11).fill(0)])
      assert.deepStrictEqual(ImageFileSize.of(file), { width, height })
      assert.isUndefined(ImageFileSize.of(file.subarray(0, 2 + others.length + 8)))
    }
  )

  it.prop(
    "is that of any file",
    [Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 255 })))],
    ([bytes]) => {
      const size = ImageFileSize.of(Uint8Array.from([0xff, 0xd8, 0xff, ...bytes]))
      if (size !== undefined) assert.isAtMost(size.width * size.height, 4096 * 2304)
    }
  )
})
