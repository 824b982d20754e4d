/**
 * The 64-bit number that makes every datagram of a session unique: a direction bit and a sequence number (spec 2.2).
 *
 * A nonce that is used twice under one key destroys the cipher's secrecy, so there is deliberately no way to make one
 * beyond the last sequence number.
 */
import type { Role } from "../ssp/Role.ts"

/** The last sequence number: 2^63 − 1. */
export const MAX_SEQUENCE = 0x7fff_ffff_ffff_ffffn

const TO_CLIENT = 1n << 63n

/** The nonce of a datagram that `sender` makes; `undefined` when `sequence` is beyond the last. */
export const make = (sender: Role, sequence: bigint): bigint | undefined =>
  sequence < 0n || sequence > MAX_SEQUENCE ? undefined : sender === "Server" ? TO_CLIENT | sequence : sequence

/** Who made the datagram with this nonce. */
export const sender = (nonce: bigint): Role => ((nonce & TO_CLIENT) === 0n ? "Client" : "Server")

export const sequence = (nonce: bigint): bigint => nonce & MAX_SEQUENCE

/**
 * Whether a sealed datagram has a number that an honest sender can come to: below 2^47, for a key ends before it has
 * encrypted 2^47 blocks (spec 2.3). Of noise, one in 65,536 has: the rest needs no cipher to be refused.
 */
export const isReachable = (datagram: Uint8Array): boolean => {
  const [first = 0, second = 0, third = 0] = datagram
  return ((first & 0x7f) | second | (third & 0x80)) === 0
}
