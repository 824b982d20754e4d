import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as Nonce from "../../../src/domain/crypto/Nonce.ts"

const Sequence = Schema.BigInt.check(Schema.isBetweenBigInt({ minimum: 0n, maximum: Nonce.MAX_SEQUENCE }))
const Reach = Schema.BigInt.check(
  Schema.isBetweenBigInt({ minimum: (1n << 47n) - 1000n, maximum: (1n << 47n) + 1000n })
)
const Role = Schema.Literals(["Client", "Server"])

describe("Nonce", () => {
  it.prop("holds its sender and its sequence number", [Role, Sequence], ([role, sequence]) => {
    const nonce = Nonce.make(role, sequence)
    expect(nonce).toBeDefined()
    if (nonce === undefined) return
    expect(Nonce.sender(nonce)).toBe(role)
    expect(Nonce.sequence(nonce)).toBe(sequence)
    expect(nonce).toBe(BigInt.asUintN(64, nonce))
  })

  it("puts the direction into the top bit", () => {
    expect(Nonce.make("Client", 5n)).toBe(5n)
    expect(Nonce.make("Server", 5n)).toBe(0x8000000000000005n)
  })

  it("exists for no sequence number beyond the largest", () => {
    expect(Nonce.make("Client", Nonce.MAX_SEQUENCE)).toBe(0x7fffffffffffffffn)
    expect(Nonce.make("Client", Nonce.MAX_SEQUENCE + 1n)).toBeUndefined()
    expect(Nonce.make("Server", -1n)).toBeUndefined()
  })

  it.prop("is reachable only while its key may be used", [Role, Sequence, Reach], ([role, any, near]) => {
    for (const sequence of [any, near]) {
      const datagram = Buffer.alloc(24)
      datagram.writeBigUInt64BE(Nonce.make(role, sequence) ?? 0n)
      expect(Nonce.isReachable(datagram)).toBe(sequence < 1n << 47n)
    }
  })
})
