import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import * as Nonce from "../../../src/domain/crypto/Nonce.ts"

const Sequence = Schema.BigInt.check(Schema.isBetweenBigInt({ minimum: 0n, maximum: Nonce.MAX_SEQUENCE }))
const Id = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 0xffff }))
const Role = Schema.Literals(["Client", "Server"])

const sealed = (nonce: bigint): Uint8Array => {
  const datagram = Buffer.alloc(24)
  datagram.writeBigUInt64BE(nonce)
  return datagram
}

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
    expect(Nonce.make("Client", Nonce.MAX_SEQUENCE)).toBe(0x7fff_ffff_ffffn)
    expect(Nonce.make("Client", Nonce.MAX_SEQUENCE + 1n)).toBeUndefined()
    expect(Nonce.make("Server", -1n)).toBeUndefined()
  })

  it("has the connection id above all bits of the sequence number", () => {
    expect(Nonce.withId(0n, 1)).toBe(1n << BigInt(Nonce.SEQUENCE_BITS))
    expect(Nonce.withId(Nonce.MAX_SEQUENCE, 0xffff)).toBe(0x7fff_ffff_ffff_ffffn)
  })

  it.prop(
    "keeps its sender and its sequence number beside any connection id",
    [Role, Sequence, Id],
    ([role, sequence, id]) => {
      const nonce = Nonce.withId(Nonce.make(role, sequence) ?? 0n, id)
      expect(Nonce.sender(nonce)).toBe(role)
      expect(Nonce.sequence(nonce)).toBe(sequence)
      expect(nonce).toBe(BigInt.asUintN(64, nonce))
      const datagram = sealed(nonce)
      expect(Nonce.hasNoId(datagram)).toBe(id === 0)
      expect(Nonce.isFromClient(datagram)).toBe(role === "Client")
      expect(Nonce.withId(nonce, 0)).toBe(Nonce.make(role, sequence))
    }
  )

  it.prop(
    "differs between two sequence numbers, whatever the connection ids are",
    [Role, Sequence, Sequence, Id, Id],
    ([role, a, b, first, second]) => {
      if (a === b) return
      const nonces = [Nonce.withId(Nonce.make(role, a) ?? 0n, first), Nonce.withId(Nonce.make(role, b) ?? 0n, second)]
      expect(nonces[0]).not.toBe(nonces[1])
    }
  )
})
