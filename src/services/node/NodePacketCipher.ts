/**
 * `PacketCipher` by OpenSSL, through node:crypto.
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Crypto from "node:crypto"
import type { SessionKey } from "../../domain/crypto/SessionKey.ts"
import { PacketCipher } from "../PacketCipher.ts"

const NONCE = 8
const TAG = 16
const ALGORITHM = "aes-128-ocb"
const options = { authTagLength: TAG }

/** A session's cipher. Takes the key over: `key` is zeroes afterwards, and only OpenSSL still holds it. */
export const layer = (key: SessionKey): Layer.Layer<PacketCipher> =>
  Layer.effect(
    PacketCipher,
    Effect.sync(() => {
      const secret = Crypto.createSecretKey(key)
      key.fill(0)
      return make(secret)
    })
  )

const make = (secret: Crypto.KeyObject): PacketCipher["Service"] => {
  // OCB's 12-byte nonce is four zero bytes and the eight that travel (spec 2.2).
  const nonce12 = Buffer.alloc(4 + NONCE)

  return PacketCipher.of({
    seal: (nonce, plaintext) => {
      nonce12.writeBigUInt64BE(nonce, 4)
      const cipher = Crypto.createCipheriv(ALGORITHM, secret, nonce12, options)
      const head = cipher.update(plaintext)
      const tail = cipher.final()
      const datagram = Buffer.allocUnsafeSlow(NONCE + plaintext.length + TAG)
      nonce12.copy(datagram, 0, 4)
      head.copy(datagram, NONCE)
      tail.copy(datagram, NONCE + head.length)
      cipher.getAuthTag().copy(datagram, NONCE + plaintext.length)
      return datagram
    },
    open: (datagram) => {
      if (datagram.length < NONCE + TAG) return undefined
      const end = datagram.length - TAG
      nonce12.set(datagram.subarray(0, NONCE), 4)
      const decipher = Crypto.createDecipheriv(ALGORITHM, secret, nonce12, options)
      decipher.setAuthTag(datagram.subarray(end))
      try {
        const head = decipher.update(datagram.subarray(NONCE, end))
        const tail = decipher.final()
        return {
          nonce: nonce12.readBigUInt64BE(4),
          plaintext: tail.length === 0 ? head : Buffer.concat([head, tail])
        }
      } catch {
        return undefined
      }
    },
    chaff: () => {
      const random = Crypto.randomBytes(17)
      return random.subarray(1, 1 + (random.readUInt8(0) % 17))
    }
  })
}
