/**
 * The zlib stream of an instruction: inflated whole and within bounds, or not at all.
 */
import * as Effect from "effect/Effect"
import * as Zlib from "node:zlib"
import { MAX_BYTES } from "../../../src/domain/wire/Instruction.ts"
import { Compression } from "../../../src/services/transport/Compression.ts"
import * as NodeCompression from "../../../src/services/node/wire/NodeCompression.ts"
import * as Captured from "./captured.ts"
import { bytesEqual, law, type Target } from "../target.ts"

const { deflate, inflate } = Effect.runSync(Effect.provide(Compression, NodeCompression.layer))

const bomb = (bytes: number): Uint8Array => Zlib.deflateSync(Buffer.alloc(bytes), { level: 9 })

export const inflateTarget: Target = {
  what: "zlib streams, bombs among them",
  seeds: () => [
    ...Captured.compressed,
    bomb(MAX_BYTES),
    bomb(MAX_BYTES + 1),
    Zlib.deflateSync(bomb(64 * MAX_BYTES)),
    Zlib.deflateSync(Buffer.from("stored"), { level: 0 }),
    Zlib.deflateSync(Buffer.from("fixed"), { strategy: Zlib.constants.Z_FIXED }),
    Zlib.deflateSync(Buffer.from("run".repeat(500)), { strategy: Zlib.constants.Z_HUFFMAN_ONLY }),
    Zlib.deflateRawSync(Buffer.from("raw"))
  ],
  tokens: [Uint8Array.of(0x78, 0x9c), Uint8Array.of(0x78, 0x01), Uint8Array.of(0x00, 0x00, 0xff, 0xff)],
  maxLength: 8192,
  budget: 1000,
  quick: 200,
  run: (input) => {
    const bytes = inflate(input)
    if (bytes === undefined) return
    law(bytes.length <= MAX_BYTES, "more was inflated than an instruction may have")
    // No stream inflates to more than 1032 times its length (RFC 1951: 258 bytes in two bits).
    law(bytes.length <= 1032 * input.length, "more was inflated than the stream can say")
    law(bytesEqual(inflate(Buffer.concat([input, Buffer.from("rest")])) ?? Buffer.of(0), bytes), "a rest was minded")
    const again = deflate(bytes)
    law(again !== undefined && bytesEqual(inflate(again) ?? Buffer.of(0), bytes), "not the same when deflated again")
  }
}
