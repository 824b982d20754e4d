import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Zlib from "node:zlib"
import { MAX_BYTES } from "../../../../src/domain/wire/Instruction.ts"
import { Compression } from "../../../../src/services/transport/Compression.ts"
import * as NodeCompression from "../../../../src/services/node/wire/NodeCompression.ts"
import { random } from "../../../support/seed.ts"

const { deflate, inflate } = Effect.runSync(Compression.pipe(Effect.provide(NodeCompression.layer)))

const deflated = (bytes: Uint8Array): Uint8Array => deflate(bytes) ?? new Uint8Array(0)

describe("Compression", () => {
  it.prop("inflates what it deflated, whatever follows", [Schema.Uint8Array, Schema.Uint8Array], ([bytes, rest]) => {
    const stream = deflated(bytes)
    expect(inflate(stream)).toEqual(Buffer.from(bytes))
    expect(inflate(Buffer.concat([stream, rest]))).toEqual(Buffer.from(bytes))
  })

  it("is never longer than with zlib's default, whatever repeats at whatever distance", () => {
    const next = random(2)
    for (let i = 0; i < 400; i++) {
      const bytes = new Uint8Array(2 ** (16 * next()))
      const [back, kinds] = [1 + Math.floor(300 * next()), 1 + Math.floor(40 * next())]
      for (let at = 0; at < bytes.length; at++)
        bytes[at] = at > back && next() < 0.8 ? (bytes[at - back] ?? 0) : 32 + Math.floor(kinds * next())
      expect(deflated(bytes).length).toBeLessThanOrEqual(Zlib.deflateSync(bytes).length)
    }
  })

  it("deflates as Node does with the same options, whatever was processed before, even damaged streams", () => {
    const next = random(3)
    for (let i = 0; i < 1000; i++) {
      const bytes = Uint8Array.from({ length: Math.floor(900 * next()) }, () => 97 + Math.floor(next() * 20))
      const stream = deflated(bytes)
      // The first byte contains the window size of a stream.
      const windowBits = ((stream[0] ?? 0) >> 4) + 8
      const options = { windowBits, memLevel: Math.min(windowBits - 6, 8) }
      expect(Buffer.from(stream)).toEqual(Zlib.deflateSync(bytes, options))
      const damaged = Uint8Array.from(stream, (byte, at) => (at === stream.length - 1 ? byte ^ 1 : byte))
      expect(inflate(damaged)).toBeUndefined()
      expect(inflate(stream)).toEqual(Buffer.from(bytes))
    }
  })

  it("gives results that later ones do not change", () => {
    const first = deflated(Buffer.from("first"))
    const inflated = inflate(first)
    const [kept, keptInflated] = [Buffer.from(first), Buffer.from(inflated ?? [])]
    inflate(deflated(Buffer.from("something else")))
    expect(Buffer.from(first)).toEqual(kept)
    expect(inflated).toEqual(keptInflated)
  })

  it.prop("inflates no part of a stream", [Schema.Uint8Array, Schema.Finite], ([bytes, share]) => {
    const stream = deflated(bytes)
    const length = Math.floor(Math.abs(share % 1) * stream.length)
    expect(inflate(stream.subarray(0, length))).toBeUndefined()
  })

  it.prop("never throws", [Schema.Uint8Array], ([bytes]) => {
    const result = inflate(bytes)
    expect(result === undefined || result instanceof Uint8Array).toBe(true)
  })

  it("accepts stored blocks, and no raw deflate", () => {
    const bytes = Buffer.from("hello")
    expect(inflate(Zlib.deflateSync(bytes, { level: 0 }))).toEqual(bytes)
    expect(inflate(Zlib.deflateRawSync(bytes))).toBeUndefined()
  })

  it("accepts an instruction of the maximum size, and not one byte more", () => {
    const most = Buffer.alloc(MAX_BYTES)
    const more = Buffer.alloc(MAX_BYTES + 1)
    expect(inflate(deflated(most))?.length).toBe(MAX_BYTES)
    expect(deflate(more)).toBeUndefined()
    expect(inflate(Zlib.deflateSync(more))).toBeUndefined()
  })

  it("neither sends nor reads an instruction that is too long when compressed", () => {
    const next = random(1)
    const noise = Buffer.from(Uint8Array.from({ length: MAX_BYTES }, () => next() * 256))
    expect(deflate(noise)).toBeUndefined()
    expect(inflate(Buffer.concat([deflated(Buffer.from("hello")), Buffer.alloc(MAX_BYTES)]))).toBeUndefined()
  })
})
