import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as ByteBuilder from "../../../src/domain/images/ByteBuilder.ts"

const LIMIT = 100
const Parts = Schema.Array(Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 255 }))))

describe("ByteBuilder", () => {
  it.prop("contains the parts one after the other, or nothing if they exceed the limit", [Parts], ([parts]) => {
    const builder = ByteBuilder.make(LIMIT)
    // A second round, because `take` leaves an empty builder.
    for (const round of [parts, [...parts, ...parts]]) {
      for (const part of round) ByteBuilder.append(builder, Uint8Array.from(part))
      const whole = round.flat()
      const isExceeded = whole.length > LIMIT
      expect(builder.isExceeded).toBe(isExceeded)
      expect(builder.length).toBe(isExceeded ? 0 : whole.length)
      expect(ByteBuilder.take(builder)).toEqual(isExceeded ? undefined : Uint8Array.from(whole))
      expect(builder).toEqual(ByteBuilder.make(LIMIT))
    }
  })

  it.prop("holds at most twice its length, and at most the limit", [Parts], ([parts]) => {
    const builder = ByteBuilder.make(LIMIT)
    for (const part of parts) {
      ByteBuilder.append(builder, Uint8Array.from(part))
      expect(ByteBuilder.capacity(builder)).toBeGreaterThanOrEqual(builder.length)
      expect(ByteBuilder.capacity(builder)).toBeLessThanOrEqual(Math.min(LIMIT, 2 * builder.length))
    }
  })

  it("grows seldom, however short the parts are", () => {
    const builder = ByteBuilder.make(1_000_000)
    const buffers = new Set<Uint8Array>()
    for (let i = 0; i < 10_000; i++) {
      ByteBuilder.append(builder, Uint8Array.of(i))
      buffers.add(builder.buffer)
    }
    expect(buffers.size).toBeLessThan(20)
  })

  it("keeps no reference to a part", () => {
    const builder = ByteBuilder.make(LIMIT)
    const part = Uint8Array.of(1, 2)
    ByteBuilder.append(builder, part)
    part.fill(9)
    expect(ByteBuilder.take(builder)).toEqual(Uint8Array.of(1, 2))
  })
})
