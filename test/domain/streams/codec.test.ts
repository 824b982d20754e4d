import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as Fragment from "../../../src/domain/wire/Fragment.ts"
import type * as AckFrame from "../../../src/domain/wire/streams/AckFrame.ts"
import type * as StreamFrame from "../../../src/domain/wire/streams/StreamFrame.ts"
import * as StreamPacket from "../../../src/domain/wire/streams/StreamPacket.ts"
import * as Varint from "../../../src/domain/wire/streams/Varint.ts"
import { hostile } from "../wire/hostile.ts"

const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, "hex"))

/** Integers of every encoded length. */
const Value = Schema.Union(
  [0x3f, 0x3fff, 0x3fff_ffff, Varint.MAX].map((maximum) => Schema.Int.check(Schema.isBetween({ minimum: 0, maximum })))
)
const Small = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 5000 }))

const Frame = Schema.Union([
  Schema.Struct({ _tag: Schema.Literal("Ping") }),
  Schema.Struct({ _tag: Schema.Literal("ResetStream"), stream: Value, code: Value, finalSize: Value }),
  Schema.Struct({ _tag: Schema.Literal("StopSending"), stream: Value, code: Value }),
  Schema.Struct({
    _tag: Schema.Literal("Stream"),
    stream: Value,
    offset: Small,
    data: Schema.Uint8Array,
    isFinal: Schema.Boolean
  }),
  Schema.Struct({ _tag: Schema.Literal("MaxData"), limit: Value }),
  Schema.Struct({ _tag: Schema.Literal("MaxStreamData"), stream: Value, limit: Value }),
  Schema.Struct({ _tag: Schema.Literal("MaxStreams"), limit: Value }),
  Schema.Struct({ _tag: Schema.Literal("Close"), code: Value })
])

/** An acknowledgement from the lengths of its ranges and of the gaps between them. */
const ackOf = (delay: number, lengths: ReadonlyArray<readonly [number, number]>): AckFrame.Ack => {
  const ranges: Array<AckFrame.AckRange> = []
  let next = 0
  for (const [gap, length] of lengths) {
    ranges.unshift({ first: next + gap, last: next + gap + length })
    next += gap + length + 2
  }
  return { _tag: "Ack", delay, ranges }
}

const plain = (frame: StreamFrame.StreamFrame): StreamFrame.StreamFrame =>
  frame._tag === "Stream" ? { ...frame, data: new Uint8Array(frame.data) } : frame

describe("Varint", () => {
  it.prop("reads what it writes, in as many bytes as `size` gives", [Value], ([value]) => {
    const cursor: Varint.Cursor = { bytes: new Uint8Array(8), at: 0 }
    Varint.write(cursor, value)
    expect(cursor.at).toBe(Varint.size(value))
    const back: Varint.Cursor = { bytes: cursor.bytes, at: 0 }
    expect(Varint.read(back)).toBe(value)
    expect(back.at).toBe(cursor.at)
    expect(Varint.read({ bytes: cursor.bytes.subarray(0, cursor.at - 1), at: 0 })).toBeUndefined()
  })

  it("reads the examples of RFC 9000, section A.1, and refuses what no number holds", () => {
    const read = (hex: string) => Varint.read({ bytes: bytes(hex), at: 0 })
    expect(read("9d7f3e7d")).toBe(494_878_333)
    expect(read("7bbd")).toBe(15_293)
    expect(read("25")).toBe(37)
    expect(read("4025")).toBe(37)
    expect(read("c01fffffffffffff")).toBe(Number.MAX_SAFE_INTEGER)
    expect(read("c020000000000000")).toBeUndefined()
    expect(read("c2197c5eff14e88c")).toBeUndefined()
    expect(read("")).toBeUndefined()
  })
})

describe("a stream packet", () => {
  it.prop("reads what it writes", [Schema.Array(Frame)], ([frames]) => {
    const packet = StreamPacket.encode(frames)
    expect(StreamPacket.isStreamPacket(packet)).toBe(true)
    expect(packet.length).toBeGreaterThanOrEqual(StreamPacket.MIN_LENGTH)
    expect(StreamPacket.decode(packet)).toEqual(frames.map(plain))
  })

  it.prop(
    "reads the ranges of an ACK",
    [Value, Schema.NonEmptyArray(Schema.Tuple([Small, Small]))],
    ([delay, lengths]) => {
      const ack = ackOf(delay, lengths)
      expect(StreamPacket.decode(StreamPacket.encode([ack]))).toEqual([ack])
    }
  )

  it.prop("is never taken for a fragment, nor a fragment for it", [Small, Schema.Uint8Array], ([id, contents]) => {
    const fragment = Fragment.encode({ id: BigInt(id), number: 0, isFinal: true, contents })
    expect(StreamPacket.isStreamPacket(fragment)).toBe(false)
    expect(StreamPacket.decode(fragment)).toBeUndefined()
  })

  it("reads a STREAM frame without a length to the end of the packet", () => {
    expect(StreamPacket.decode(bytes("80000d0407616263"))).toEqual([
      { _tag: "Stream", stream: 4, offset: 7, data: new Uint8Array([97, 98, 99]), isFinal: true }
    ])
  })

  it.each([
    ["an unknown type", "8003"],
    ["an unknown type with values", "801f0000"],
    ["another kind of packet", "8101"],
    ["data beyond the packet", "800a000461"],
    ["data beyond the largest offset", "800e00c01fffffffffffff0161"],
    ["a range below zero", "8002050006"],
    ["a range below zero after a gap", "8002050001000400"],
    ["fewer ranges than counted", "800205004000"],
    ["a value cut short", "8010ff"]
  ])("with %s is refused", (_, hex) => {
    expect(StreamPacket.decode(bytes(hex))).toBeUndefined()
  })

  it("is read or refused, whatever it holds", () => {
    const honest = [
      StreamPacket.encode([
        ackOf(3, [
          [0, 5],
          [2, 9]
        ]),
        { _tag: "MaxData", limit: 70_000 }
      ]),
      StreamPacket.encode([{ _tag: "Stream", stream: 2, offset: 1200, data: new Uint8Array(40), isFinal: true }])
    ]
    let read = 0
    for (const packet of hostile(honest, 20_000)) {
      const frames = StreamPacket.decode(packet)
      if (frames === undefined) continue
      read++
      expect(frames.length).toBeLessThan(packet.length)
      expect(StreamPacket.decode(StreamPacket.encode(frames))).toEqual(frames.map(plain))
    }
    expect(read).toBeGreaterThan(100)
  })
})
