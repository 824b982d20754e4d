/**
 * Payloads of stream packets: refused, or the same frames when written again, no more of them than there are bytes.
 */
import type * as AckFrame from "../../../src/domain/wire/streams/AckFrame.ts"
import * as StreamFrame from "../../../src/domain/wire/streams/StreamFrame.ts"
import * as StreamPacket from "../../../src/domain/wire/streams/StreamPacket.ts"
import * as Varint from "../../../src/domain/wire/streams/Varint.ts"
import { bytesEqual, law, type Target } from "../target.ts"

const data = new TextEncoder().encode("data")

/** One of each. */
export const samples: ReadonlyArray<StreamFrame.StreamFrame> = [
  { _tag: "Ping" },
  {
    _tag: "Ack",
    delay: 100,
    ranges: [
      { first: 90, last: 100 },
      { first: 3, last: 70 }
    ]
  },
  { _tag: "ResetStream", stream: 0, code: 1, finalSize: 5 },
  { _tag: "StopSending", stream: 1, code: 2 },
  { _tag: "Stream", stream: 0, offset: 0, data, isFinal: false },
  { _tag: "Stream", stream: 1, offset: 70_000, data, isFinal: true },
  { _tag: "MaxData", limit: 2 ** 40 },
  { _tag: "MaxStreamData", stream: 0, limit: 2 ** 20 },
  { _tag: "MaxStreams", limit: 9 },
  { _tag: "Close", code: 0 }
]

const encoded = (frame: StreamFrame.StreamFrame): Uint8Array => {
  const bytes = new Uint8Array(StreamFrame.size(frame))
  StreamFrame.write({ bytes, at: 0 }, frame)
  return bytes
}

export const streamPacket: Target = {
  what: "stream packets",
  seeds: () => [StreamPacket.encode(samples), ...samples.map((frame) => StreamPacket.encode([frame]))],
  tokens: [...samples.map(encoded), Uint8Array.of(StreamPacket.TYPE), Uint8Array.of(0xc0, 0x1f)],
  maxLength: 2048,
  budget: 200,
  quick: 8000,
  run: (input) => {
    const frames = StreamPacket.decode(input)
    if (frames === undefined) return
    law(StreamPacket.isStreamPacket(input), "a packet without its first bit")
    law(frames.length < input.length, "more frames than bytes")
    const again = StreamPacket.encode(frames)
    law(again.length <= Math.max(input.length + 2, StreamPacket.MIN_LENGTH), "longer when written again")
    const twice = StreamPacket.decode(again)
    law(twice !== undefined && bytesEqual(StreamPacket.encode(twice), again), "another packet when written again")
    for (const frame of frames) {
      if (frame._tag === "Stream") law(frame.offset + frame.data.length <= Varint.MAX, "data beyond the last offset")
      if (frame._tag === "Ack") law(descends(frame.ranges), "ranges out of order")
    }
  }
}

const descends = (ranges: ReadonlyArray<AckFrame.AckRange>): boolean =>
  ranges.every(({ first, last }, i) => first >= 0 && first <= last && last < (ranges[i - 1]?.first ?? Infinity) - 1)
