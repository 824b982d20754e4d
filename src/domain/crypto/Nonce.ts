/**
 * The 64-bit nonce of a datagram: a direction bit and a sequence number, unique within a session (spec 2.2).
 *
 * Encrypting twice with one nonce under one key destroys the cipher's secrecy, so no nonce can be made beyond the last
 * sequence number.
 */
import type { Role } from "../ssp/Role.ts"
import type { PacketNumber } from "../wire/Numbers.ts"

/** The last sequence number: 2^63 − 1. */
export const MAX_SEQUENCE = 0x7fff_ffff_ffff_ffffn

const TO_CLIENT = 1n << 63n

/** The nonce of a datagram of `sender`; `undefined` if `sequence` is negative or beyond the last. */
export const make = (sender: Role, sequence: PacketNumber): bigint | undefined =>
  sequence < 0n || sequence > MAX_SEQUENCE ? undefined : sender === "Server" ? TO_CLIENT | sequence : sequence

/** The sender of the datagram with this nonce. */
export const sender = (nonce: bigint): Role => ((nonce & TO_CLIENT) === 0n ? "Client" : "Server")

/** The sequence number of a nonce. */
export const sequence = (nonce: bigint): PacketNumber => nonce & MAX_SEQUENCE

/**
 * Whether a sealed datagram's sequence number is one that an honest sender can reach: below 2^47, because a key is
 * retired before it has encrypted 2^47 blocks (spec 2.3). Only one in 65,536 random datagrams passes, so noise rarely
 * reaches the cipher.
 */
export const isReachable = (datagram: Uint8Array): boolean => {
  // Indices, as all datagrams pass here: destructuring would iterate.
  const first = datagram[0] ?? 0
  const second = datagram[1] ?? 0
  const third = datagram[2] ?? 0
  return ((first & 0x7f) | second | (third & 0x80)) === 0
}

/** Whether a sealed datagram's nonce is one of the client's. */
export const isFromClient = (datagram: Uint8Array): boolean => ((datagram[0] ?? 0) & 0x80) === 0
