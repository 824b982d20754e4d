import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as RelayFrame from "../../../src/domain/relay/RelayFrame.ts"

const Byte = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 255 }))
const Datagram = Schema.NonEmptyArray(Byte)
const Sizes = Schema.NonEmptyArray(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 40 })))
const Count = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 2 ** 32 - 1 }))

const decodeAll = (decoder: RelayFrame.Decoder, bytes: Uint8Array, sizes: ReadonlyArray<number>) => {
  const frames: Array<RelayFrame.Frame> = []
  let state = decoder
  let kept = 0
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] ?? 1
    const [next, more] = RelayFrame.decode(state, bytes.subarray(at, at + size))
    state = next
    frames.push(...more)
    kept = Math.max(kept, state.rest.length)
    at += size
  }
  return { frames, state, kept }
}

const greeting = new TextEncoder().encode(RelayFrame.GREETING)
const frameOf = (length: number): Uint8Array =>
  RelayFrame.encodeDatagram(new Uint8Array(length)) ?? expect.fail("no frame")

describe("RelayFrame", () => {
  it.prop(
    "yields what was encoded, after whatever the login printed, however the bytes are cut",
    { prelude: Schema.Array(Byte), datagrams: Schema.Array(Datagram), counts: Schema.Array(Count), sizes: Sizes },
    ({ counts, datagrams, prelude, sizes }) => {
      const frames: Array<RelayFrame.Frame> = [
        ...datagrams.map((bytes) => ({ _tag: "Datagram", datagram: Uint8Array.from(bytes) }) as const),
        ...counts.map((received) => ({ _tag: "Acknowledgement", received }) as const)
      ]
      const encoded = frames.flatMap((frame) =>
        frame._tag === "Datagram"
          ? [RelayFrame.encodeDatagram(frame.datagram) ?? new Uint8Array(0)]
          : frame._tag === "Acknowledgement"
            ? [RelayFrame.encodeAcknowledgement(frame.received)]
            : []
      )
      const whole = Buffer.concat([Uint8Array.from(prelude), greeting, ...encoded])
      const client = decodeAll(RelayFrame.CLIENT, whole, sizes)
      expect(client.frames.map((frame) => structuredClone(frame))).toEqual([{ _tag: "Greeting" }, ...frames])
      expect(client.state).toMatchObject({ expects: "Frames", rest: new Uint8Array(0) })
      expect(
        decodeAll(RelayFrame.RELAY, Buffer.concat(encoded), sizes).frames.map((frame) => structuredClone(frame))
      ).toEqual(frames)
    }
  )

  it.prop(
    "keeps at most one incomplete frame of any bytes",
    { bytes: Schema.Array(Byte), sizes: Sizes },
    ({ bytes, sizes }) => {
      for (const decoder of [RelayFrame.CLIENT, RelayFrame.RELAY]) {
        const { kept } = decodeAll(decoder, Uint8Array.from(bytes), sizes)
        expect(kept).toBeLessThan(RelayFrame.HEADER + RelayFrame.MAX_DATAGRAM)
      }
    }
  )

  it("refuses empty and long datagrams, at both ends", () => {
    for (const length of [0, RelayFrame.MAX_DATAGRAM + 1, 65_535]) {
      expect(RelayFrame.encodeDatagram(new Uint8Array(length))).toBeUndefined()
      const [state, frames] = RelayFrame.decode(RelayFrame.RELAY, Uint8Array.of(0, length >> 8, length & 0xff, 1))
      expect([state.expects, frames]).toEqual(["Nothing", []])
    }
    const longest = decodeAll(RelayFrame.RELAY, frameOf(RelayFrame.MAX_DATAGRAM), [1000])
    expect(longest.frames).toHaveLength(1)
  })

  it("reads nothing after a malformed frame", () => {
    for (const header of [
      [2, 0, 4],
      [1, 0, 3],
      [255, 255, 255]
    ]) {
      const bytes = Buffer.concat([frameOf(1), Uint8Array.from(header), frameOf(1)])
      const { frames, state } = decodeAll(RelayFrame.RELAY, bytes, [bytes.length])
      expect([frames.length, state.expects]).toEqual([1, "Nothing"])
      expect(RelayFrame.decode(state, frameOf(1))).toEqual([state, []])
    }
  })

  it("gives up on a login that prints too much", () => {
    const noise = new Uint8Array(RelayFrame.MAX_PRELUDE).fill(0x4d)
    expect(decodeAll(RelayFrame.CLIENT, Buffer.concat([noise, greeting]), [4096]).state.expects).toBe("Frames")
    const more = Buffer.concat([noise, noise.subarray(0, 1), greeting])
    expect(decodeAll(RelayFrame.CLIENT, more, [4096]).state.expects).toBe("Nothing")
  })
})
