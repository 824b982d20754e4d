/**
 * Hostile datagrams, of every kind that an attacker without the key can send.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Zlib from "node:zlib"
import * as Nonce from "../../src/domain/crypto/Nonce.ts"
import * as SessionKey from "../../src/domain/crypto/SessionKey.ts"
import type { Role } from "../../src/domain/ssp/Role.ts"
import * as Fragment from "../../src/domain/wire/Fragment.ts"
import * as Instruction from "../../src/domain/wire/Instruction.ts"
import * as Packet from "../../src/domain/wire/Packet.ts"
import * as NodePacketCipher from "../../src/services/node/wire/NodePacketCipher.ts"
import { PacketCipher } from "../../src/services/transport/PacketCipher.ts"

/** Datagrams that the attacker may have recorded: the first ones of `sender`, sealed with the session's key. */
export const recorded = (sender: Role, key: string): ReadonlyArray<Uint8Array> => {
  const parsed = SessionKey.parse(key)
  if (Result.isFailure(parsed)) throw parsed.failure
  const cipher = Effect.runSync(Effect.provide(PacketCipher, NodePacketCipher.layer(parsed.success)))
  return Array.from({ length: 8 }, (_, sequence) => {
    const instruction = {
      oldNumber: 0n,
      newNumber: 1n,
      acknowledged: 0n,
      throwaway: 0n,
      diff: new Uint8Array(0),
      features: 0
    }
    const contents = Zlib.deflateSync(Instruction.encode(instruction, new Uint8Array(sequence)))
    const [fragment] = Fragment.split(BigInt(sequence + 1), contents, 1200)
    const nonce = Nonce.make(sender, BigInt(sequence))
    if (fragment === undefined || nonce === undefined) throw new Error("no datagram")
    const payload = Fragment.encode(fragment)
    return cipher.seal(nonce, Packet.encode({ timestamp: 0, timestampReply: 0xffff, payload }))
  })
}

/**
 * `count` datagrams. A third is noise of every length up to 2100. A third looks like the session's own, with the right
 * direction and a plausible sequence number, but consists of noise or has one bit wrong. A third is replays.
 */
export const assortment = (genuine: ReadonlyArray<Uint8Array>, count: number, random: () => number): Array<Buffer> =>
  Array.from({ length: count }, (_, i) => {
    const original = genuine[i % genuine.length] ?? new Uint8Array(0)
    switch (i % 6) {
      case 0:
        return noise(Math.floor(random() * 2100), random)
      case 1:
        return noise(Math.floor(random() * 120), random)
      case 2: {
        const forged = noise(24 + Math.floor(random() * 1200), random)
        forged.set(original.subarray(0, 6))
        return forged
      }
      case 3: {
        const wrong = Buffer.from(original)
        const at = Math.floor(random() * wrong.length * 8)
        wrong[at >> 3] = (wrong[at >> 3] ?? 0) ^ (1 << (at & 7))
        return wrong
      }
      default:
        return Buffer.from(original)
    }
  })

const noise = (length: number, random: () => number): Buffer =>
  Buffer.from(Uint8Array.from({ length }, () => Math.floor(random() * 256)))
