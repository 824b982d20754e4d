/**
 * Authenticated encryption of datagrams: AES-128 in OCB mode, RFC 7253, 128-bit tag, no associated data (spec 2.3).
 *
 * A service value holds one session's key, and never shows it.
 *
 * ```ts
 * import { Effect, Layer } from "effect"
 * import { PacketCipher } from "effect-mosh"
 *
 * // Tells how many datagrams were not authentic.
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
    /** The datagram `nonce (8 bytes) || ciphertext || tag`. The caller never repeats a nonce. */
    readonly seal: (nonce: bigint, plaintext: Uint8Array) => Uint8Array
    /** The plaintext of an authentic datagram; `undefined` when it is too short or not authentic. Never throws. */
    readonly open: (datagram: Uint8Array) => OpenedPacket | undefined
    /** Padding of random length, 0–16 bytes, and random content, that hides how long an instruction is (spec 4.1). */
    readonly chaff: () => Uint8Array
  }
>()("effect-mosh/services/PacketCipher") {}

/** How many bytes a datagram is longer than its plaintext. */
export const OVERHEAD = 8 + 16

/** What an authentic datagram held. */
export interface OpenedPacket {
  /** Direction bit and sequence number, spec 2.2. */
  readonly nonce: bigint
  /** What was sealed. */
  readonly plaintext: Uint8Array
}
