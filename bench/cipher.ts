import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { randomBytes } from "node:crypto"
import * as SessionKey from "../src/domain/crypto/SessionKey.ts"
import { layer } from "../src/services/node/wire/NodePacketCipher.ts"
import { PacketCipher } from "../src/services/transport/PacketCipher.ts"
import { costOf } from "./measure.ts"
import type { Table } from "./table.ts"

const SIZES = [100, 500, 1200]

export const cipher = async (): Promise<Table> => {
  const key = SessionKey.fromBytes(randomBytes(SessionKey.BYTES))
  if (key === undefined) throw new Error("a random key is not a key")
  const services = await Effect.runPromise(Effect.scoped(Layer.build(layer(key))))
  const { seal, open } = Context.get(services, PacketCipher)
  let nonce = 0n
  const rows = SIZES.map((size) => {
    const plaintext = randomBytes(size)
    const sealed = seal(nonce++, plaintext)
    const damaged = Uint8Array.from(sealed)
    damaged[20] = (damaged[20] ?? 0) ^ 1
    const sealing = costOf(() => void seal(nonce++, plaintext))
    const opening = costOf(() => void open(sealed))
    const refusing = costOf(() => void open(damaged))
    return [`${size} bytes`, sealing.median, opening.median, refusing.median, sealing.count]
  })
  return {
    title: "cipher",
    note: "µs per datagram, AES-128-OCB",
    columns: ["plaintext", "seal", "open", "refuse a damaged one", "rounds"],
    rows
  }
}
