import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as ByteQueue from "../../../src/domain/streams/ByteQueue.ts"
import * as RangeSet from "../../../src/domain/streams/RangeSet.ts"
import * as StreamKind from "../../../src/domain/streams/StreamKind.ts"
import * as WindowedMin from "../../../src/domain/streams/recovery/WindowedMin.ts"
import { random } from "../wire/hostile.ts"

const below = (limit: number) => Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: limit - 1 }))
const Seed = below(2 ** 31)

describe("RangeSet", () => {
  const Change = Schema.Tuple([Schema.Boolean, below(60), below(12)])

  it.prop("holds what a plain set holds, in the fewest ranges", [Schema.Array(Change)], ([changes]) => {
    const set: RangeSet.RangeSet = []
    const model = new Set<number>()
    for (const [isAdded, start, length] of changes) {
      if (isAdded) RangeSet.add(set, start, start + length)
      else RangeSet.remove(set, start, start + length)
      for (let i = start; i < start + length; i++)
        if (isAdded) model.add(i)
        else model.delete(i)
      for (let i = 0; i < 75; i++) expect(RangeSet.contains(set, i)).toBe(model.has(i))
      const starts = [...model].filter((value) => !model.has(value - 1))
      expect(RangeSet.count(set)).toBe(starts.length)
    }
  })
})

describe("ByteQueue", () => {
  it.prop("gives back the bytes at each offset, however it grew and wrapped", [Seed], ([seed]) => {
    const next = random(seed)
    const queue = ByteQueue.make()
    const byteAt = (offset: number) => (offset * 7 + (offset >>> 8)) & 0xff
    let end = 0
    for (let i = 0; i < 60; i++) {
      const length = Math.floor(next() ** 3 * 9000)
      ByteQueue.write(
        queue,
        end,
        Uint8Array.from({ length }, (_, j) => byteAt(end + j))
      )
      end += length
      if (next() < 0.6) ByteQueue.release(queue, queue.start + Math.floor(next() * (end - queue.start + 1)))
      expect([queue.end, ByteQueue.capacity(queue) === 0]).toEqual([end, queue.start === end])
      expect(ByteQueue.capacity(queue)).toBeLessThanOrEqual(Math.max(4096, 2 * 60 * 9000))
      const held = new Uint8Array(end - queue.start)
      ByteQueue.copy(queue, queue.start, held.length, held, 0)
      expect(held.every((byte, j) => byte === byteAt(queue.start + j))).toBe(true)
    }
  })

  it.prop(
    "keeps its bytes when it gives back a ring that it no longer fills",
    [below(900_000), below(50_000)],
    (sizes) => {
      const [released, kept] = sizes
      const bytes = Uint8Array.from({ length: released + kept }, (_, i) => (i * 7 + (i >>> 8)) & 0xff)
      const queue = ByteQueue.make()
      ByteQueue.write(queue, 0, bytes)
      for (let at = 0; at <= released; at += 1000) ByteQueue.release(queue, at)
      ByteQueue.release(queue, released)
      const held = new Uint8Array(kept)
      ByteQueue.copy(queue, released, kept, held, 0)
      expect(Buffer.compare(held, bytes.subarray(released))).toBe(0)
      expect(ByteQueue.capacity(queue)).toBeLessThanOrEqual(Math.max(65_536, 8 * kept))
    }
  )
})

describe("StreamKind", () => {
  const Header = Schema.Uint8Array

  it.prop("reads what it writes, once all of it has arrived", [below(2 ** 31), Header], ([kind, header]) => {
    const bytes = StreamKind.encode({ kind, header })
    if (bytes === undefined) throw new Error("not encoded")
    for (let length = 0; length < bytes.length; length++)
      expect(StreamKind.decode(bytes.subarray(0, length))).toBe("incomplete")
    const more = new Uint8Array([...bytes, 1, 2, 3])
    expect(StreamKind.decode(more)).toEqual({ kind, header: new Uint8Array(header), length: bytes.length })
  })

  it("refuses a header that is too long, before it arrives", () => {
    expect(StreamKind.encode({ kind: 1, header: new Uint8Array(1025) })).toBeUndefined()
    expect(StreamKind.decode(new Uint8Array([1, 0x44, 0x01]))).toBe("malformed-header")
    expect(StreamKind.decode(new Uint8Array([0xff, 255, 255, 255, 255, 255, 255, 255]))).toBe("malformed-header")
  })
})

describe("WindowedMin", () => {
  it.prop("is the smallest value of at least half the span, and at most one and a half", [Seed], ([seed]) => {
    const next = random(seed)
    const min = WindowedMin.make()
    const added: Array<{ readonly at: number; readonly value: number }> = []
    let now = 0
    for (let i = 0; i < 100; i++) {
      now += next() * 30
      const value = Math.floor(next() * 1000)
      added.push({ at: now, value })
      WindowedMin.add(min, value, 100, now)
      const least = (span: number) => Math.min(...added.filter(({ at }) => at > now - span).map(({ value }) => value))
      expect(WindowedMin.least(min)).toBeLessThanOrEqual(least(50))
      expect(WindowedMin.least(min)).toBeGreaterThanOrEqual(least(150))
    }
  })
})
