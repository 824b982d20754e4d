/**
 * `PacketCipher` by OpenSSL, through node:crypto.
 *
 * ```ts
 * import { Effect, Layer } from "effect"
 * import { SessionKey } from "effect-mosh"
 * import { NodePacketCipher } from "effect-mosh/node"
 *
 * // A new key, and the ciphers of both ends.
 * export const both = Effect.map(NodePacketCipher.newKey, (key) => {
 *   const printed = SessionKey.format(key)
 *   return { here: NodePacketCipher.layer(key), there: Layer.fresh(NodePacketCipher.layerFromText(printed)) }
 * })
 * ```
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Crypto from "node:crypto"
import * as SessionKey from "../../../domain/crypto/SessionKey.ts"
import { MAX_CHAFF } from "../../../domain/wire/Instruction.ts"
import { OVERHEAD, PacketCipher } from "../../transport/PacketCipher.ts"

const NONCE = 8
const TAG = 16
const ALGORITHM = "aes-128-ocb"
/** Random bytes taken from OpenSSL at once. */
const RANDOM = 64 * (1 + MAX_CHAFF)
const options = { authTagLength: TAG }
/** The purpose of the output of HKDF (docs/spec/connection-ids.md). */
const CONNECTION_ID = Buffer.from("effect-mosh connection id")
const NO_SALT = Buffer.alloc(0)

/**
 * A session's cipher. It takes ownership of the key: the value is wiped, only OpenSSL keeps the key, and a second use of the
 * value is a defect.
 */
export const layer = (key: SessionKey.SessionKey): Layer.Layer<PacketCipher> => Layer.effect(PacketCipher, make(key))

/** As `layer`, the service itself: for one of many sessions, without the memory of a layer. */
export const make = (key: SessionKey.SessionKey): Effect.Effect<PacketCipher["Service"]> =>
  Effect.sync(() => {
    const bytes = SessionKey.bytes(key)
    const secret = Crypto.createSecretKey(bytes)
    bytes.fill(0)
    Redacted.wipeUnsafe(key)
    return withSecret(secret)
  })

/** As `layer`, with the key in its printable form. */
export const layerFromText = (text: string): Layer.Layer<PacketCipher, SessionKey.SessionKeyError> =>
  Layer.unwrap(Effect.map(Effect.fromResult(SessionKey.parse(text)), layer))

/** A new key: 16 random bytes. Print it by `SessionKey.format` before `layer` takes ownership. */
export const newKey: Effect.Effect<SessionKey.SessionKey> = Effect.suspend(() => {
  const key = SessionKey.fromBytes(Crypto.randomBytes(SessionKey.BYTES))
  return key === undefined ? Effect.die("randomBytes gave another number of bytes than asked for") : Effect.succeed(key)
})

const withSecret = (secret: Crypto.KeyObject): PacketCipher["Service"] => {
  // OCB's 12-byte nonce is four zero bytes and the eight that travel (spec 2.2).
  const nonce12 = Buffer.alloc(4 + NONCE)
  /** Random bytes for chaff, of which the first `used` were given out. */
  let random = Buffer.alloc(0)
  let used = 0

  return PacketCipher.of({
    seal: (nonce, plaintext) => {
      nonce12.writeBigUInt64BE(nonce, 4)
      const cipher = Crypto.createCipheriv(ALGORITHM, secret, nonce12, options)
      const head = cipher.update(plaintext)
      const tail = cipher.final()
      const datagram = Buffer.allocUnsafeSlow(plaintext.length + OVERHEAD)
      nonce12.copy(datagram, 0, 4)
      head.copy(datagram, NONCE)
      tail.copy(datagram, NONCE + head.length)
      cipher.getAuthTag().copy(datagram, NONCE + plaintext.length)
      return datagram
    },
    open: (datagram) => {
      if (datagram.length < OVERHEAD) return undefined
      const end = datagram.length - TAG
      nonce12.set(datagram.subarray(0, NONCE), 4)
      const decipher = Crypto.createDecipheriv(ALGORITHM, secret, nonce12, options)
      decipher.setAuthTag(datagram.subarray(end))
      // Strangers decide how often this fails, and a stack trace would double the cost.
      const { stackTraceLimit } = Error
      Error.stackTraceLimit = 0
      try {
        const head = decipher.update(datagram.subarray(NONCE, end))
        const tail = decipher.final()
        return {
          nonce: nonce12.readBigUInt64BE(4),
          plaintext: tail.length === 0 ? head : Buffer.concat([head, tail])
        }
      } catch {
        return undefined
      } finally {
        Error.stackTraceLimit = stackTraceLimit
      }
    },
    chaff: () => {
      if (used + 1 + MAX_CHAFF > random.length) {
        random = Crypto.randomBytes(RANDOM)
        used = 0
      }
      const length = random.readUInt8(used) % (1 + MAX_CHAFF)
      const chaff = random.subarray(used + 1, used + 1 + length)
      used += 1 + MAX_CHAFF
      return chaff
    },
    connectionId: (block) => {
      const info = Buffer.alloc(CONNECTION_ID.length + 8)
      CONNECTION_ID.copy(info)
      info.writeBigUInt64BE(BigInt(block), CONNECTION_ID.length)
      // OCB never sees these bytes, and HMAC-SHA-256 shows nothing of the key, which is random as HKDF requires.
      const output = new DataView(Crypto.hkdfSync("sha256", secret, NO_SALT, info, 2))
      return 1 + (output.getUint16(0) % 0xffff)
    }
  })
}
