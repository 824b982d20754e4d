import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as ByteQueue from "../../../src/services/server/ByteQueue.ts"

/** A push of so many bytes, or, when negative, a removal of at most so many. */
const Step = Schema.Int.check(Schema.isBetween({ minimum: -3000, maximum: 3000 }))

describe("ByteQueue", () => {
  // First, because a queue that joins nothing would allocate a chunk for each byte of the megabyte below: 64 GB.
  it("joins two keystrokes into one chunk", () => {
    const queue = ByteQueue.make()
    queue.push(Uint8Array.of(1))
    queue.push(Uint8Array.of(2))
    expect([...queue.head()]).toEqual([1, 2])
  })

  it.prop("gives back the bytes that were pushed, in order", [Schema.Array(Step)], ([steps]) => {
    const queue = ByteQueue.make()
    let pushed = 0
    let dropped = 0
    const read = (most: number): void => {
      const head = queue.head().subarray(0, most)
      head.forEach((byte, i) => expect(byte).toBe((dropped + i) % 251))
      dropped += head.length
      queue.drop(head.length)
    }
    for (const step of steps) {
      if (step < 0) read(-step)
      else queue.push(Uint8Array.from({ length: step }, () => pushed++ % 251))
      expect(queue.length()).toBe(pushed - dropped)
    }
    while (queue.length() > 0) {
      expect(queue.head().length).toBeGreaterThan(0)
      read(Infinity)
    }
    expect(dropped).toBe(pushed)
  })

  it("keeps a copy of what is pushed", () => {
    const queue = ByteQueue.make()
    const bytes = Uint8Array.of(1)
    queue.push(bytes)
    bytes[0] = 2
    expect([...queue.head()]).toEqual([1])
  })

  it("joins a megabyte of single bytes into chunks", () => {
    const queue = ByteQueue.make()
    const byte = Uint8Array.of(0x6b)
    for (let i = 0; i < 1 << 20; i++) queue.push(byte)
    let chunks = 0
    for (; queue.length() > 0; chunks++) queue.drop(queue.head().length)
    // The first chunks are shorter: from 64 bytes they double up to 64 KiB.
    expect(chunks).toBeLessThanOrEqual((1 << 20) / ByteQueue.CHUNK + 11)
  })

  it("gives a keystroke as a copy, and a large piece in one chunk", () => {
    const queue = ByteQueue.make()
    queue.push(Uint8Array.of(0x6b))
    expect(queue.head().buffer.byteLength).toBe(1)
    queue.clear()
    queue.push(new Uint8Array(20_000))
    expect(queue.head().length).toBe(20_000)
  })

  it("is empty after it was cleared", () => {
    const queue = ByteQueue.make()
    queue.push(new Uint8Array(100_000))
    queue.clear()
    expect([queue.length(), queue.head().length]).toEqual([0, 0])
    queue.push(Uint8Array.of(7))
    expect([...queue.head()]).toEqual([7])
  })
})
