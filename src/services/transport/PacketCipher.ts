/**
 * Authenticated encryption of datagrams: AES-128 in OCB mode, RFC 7253, 128-bit tag, no associated data (spec 2.3).
 *
 * A service value holds the key of one session, and never reveals it.
 *
 * ```ts
 * import { Effect, Layer } from "effect"
 * import { PacketCipher } from "effect-mosh"
 *
 * // Calls `onForged` for each datagram that is not authentic.
 * export const counting = (onForged: () => void) =>
 *   Layer.effect(
 *     PacketCipher,
 *     Effect.map(PacketCipher, (cipher) =>
 *       PacketCipher.of({
 *         ...cipher,
 *         open: (datagram) => {
 *           const opened = cipher.open(datagram)
 *           if (opened === undefined) onForged()
 *           return opened
 *         }
 *       })
 *     )
 *   )
 * ```
 */
import * as Context from "effect/Context"

export class PacketCipher extends Context.Service<
  PacketCipher,
  {
    /** Encrypts: returns the datagram `nonce (8 bytes) || ciphertext || tag`. The caller must never repeat a nonce. */
    readonly seal: (nonce: bigint, plaintext: Uint8Array) => Uint8Array
    /** Decrypts a datagram; `undefined` if it is too short or not authentic. Never throws. */
    readonly open: (datagram: Uint8Array) => OpenedPacket | undefined
    /** Random padding of random length, 0–16 bytes, which hides the length of an instruction (spec 4.1). */
    readonly chaff: () => Uint8Array
    /**
     * The connection id of a block of packets (docs/spec/connection-ids.md): 1 to 65,535, a pseudorandom function of the
     * session's key and the block, 0 to 2^35 − 1. Both ends must have the same one. It must reveal nothing about the key, and use
     * no nonce of the cipher. Absent: a session of this cipher has no connection ids, and loses nothing else.
     */
    readonly connectionId?: ((block: number) => number) | undefined
  }
>()("effect-mosh/services/PacketCipher") {}

/** Length of a datagram minus the length of its plaintext, bytes. */
export const OVERHEAD = 8 + 16

/** The contents of an authentic datagram. */
export interface OpenedPacket {
  /** The direction bit and the packet number (spec 2.2). */
  readonly nonce: bigint
  /** The decrypted bytes. */
  readonly plaintext: Uint8Array
}
