import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SessionKey from "../../../../src/domain/crypto/SessionKey.ts"
import * as NodePacketCipher from "../../../../src/services/node/wire/NodePacketCipher.ts"
import { OVERHEAD, PacketCipher } from "../../../../src/services/transport/PacketCipher.ts"
import fixtures from "../../../fixtures/mosh-fixtures.json" with { type: "json" }

const key = (text: string): SessionKey.SessionKey => Result.getOrThrow(SessionKey.parse(text))
const cipherOf = (sessionKey: SessionKey.SessionKey) =>
  Effect.runSync(PacketCipher.pipe(Effect.provide(NodePacketCipher.layer(sessionKey))))
const cipher = cipherOf(key(fixtures.key_text))
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex")

/** Computed with another implementation of HKDF. */
const VECTORS = [
  [0, 23_847],
  [1, 15_365],
  [2 ** 35 - 1, 25_892]
] as const

const Nonce = Schema.BigInt.check(Schema.isBetweenBigInt({ minimum: 0n, maximum: 2n ** 64n - 1n }))

describe("PacketCipher", () => {
  for (const vector of fixtures.ocb) {
    it(`seals and opens the vector ${vector.id}`, () => {
      const nonce = BigInt(`0x${vector.nonce}`)
      const plaintext = Buffer.from(vector.plaintext, "hex")
      expect(hex(cipher.seal(nonce, plaintext))).toBe(vector.datagram)
      const opened = cipher.open(Buffer.from(vector.datagram, "hex"))
      expect(opened?.nonce).toBe(nonce)
      expect(hex(opened?.plaintext ?? new Uint8Array(0))).toBe(vector.plaintext)
    })
  }

  it.prop("opens what it sealed", { nonce: Nonce, plaintext: Schema.Uint8Array }, ({ nonce, plaintext }) => {
    const datagram = cipher.seal(nonce, plaintext)
    expect(datagram.length).toBe(plaintext.length + OVERHEAD)
    const opened = cipher.open(datagram)
    expect(opened?.nonce).toBe(nonce)
    expect(hex(opened?.plaintext ?? new Uint8Array(1))).toBe(hex(plaintext))
  })

  it.prop("opens nothing else", { datagram: Schema.Uint8Array }, ({ datagram }) => {
    expect(cipher.open(datagram)).toBeUndefined()
  })

  it("opens nothing that was sealed with another key", () => {
    const other = cipherOf(key("AAECAwQFBgcICQoLDA0ODg"))
    expect(cipher.open(other.seal(1n, Buffer.from("hello")))).toBeUndefined()
  })

  it("makes connection ids from 1 to 65,535 that depend on the key and the block, by HKDF-SHA-256", () => {
    const other = cipherOf(key("AAECAwQFBgcICQoLDA0ODg"))
    const blocks = [...Array.from({ length: 2000 }, (_, i) => i), 2 ** 35 - 1]
    const ids = blocks.map((block) => cipher.connectionId?.(block) ?? NaN)
    for (const id of ids) expect(Number.isInteger(id) && id >= 1 && id <= 0xffff).toBe(true)
    expect(blocks.map((block) => cipher.connectionId?.(block))).toEqual(ids)
    // By chance, about 30 of 2000 random ids equal another one, and 0.03 that of the other key.
    expect(new Set(ids).size).toBeGreaterThan(1900)
    expect(blocks.filter((block, i) => other.connectionId?.(block) === ids[i]).length).toBeLessThan(3)
    for (const [block, id] of VECTORS) expect(cipher.connectionId?.(block)).toBe(id)
  })

  it("takes ownership of the key: it is wiped, and no second cipher can be made from it", () => {
    const bytes = Uint8Array.from({ length: 16 }, (_, i) => i + 1)
    const taken: SessionKey.SessionKey = Redacted.make(bytes)
    cipherOf(taken)
    expect(bytes).toEqual(new Uint8Array(16))
    expect(() => cipherOf(taken)).toThrow("redacted")
  })

  it("pads with 0 to 16 bytes, all lengths equally likely", () => {
    const counts = Array.from({ length: 17 }, () => 0)
    for (let i = 0; i < 17_000; i++) {
      const { length } = cipher.chaff()
      counts[length] = (counts[length] ?? NaN) + 1
    }
    expect(counts.length).toBe(17)
    for (const count of counts) expect(count).toBeGreaterThan(700)
  })
})
