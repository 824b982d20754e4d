/**
 * The 64-bit nonce of a datagram: a direction bit, a connection id of 16 bits, and a sequence number of 47 bits that is unique
 * within a session (spec 2.2).
 *
 * Encrypting twice with one nonce under one key destroys the cipher's secrecy. No nonce can be made beyond the last sequence
 * number, which 47 bits hold, so the connection id never changes a bit of the number: two nonces of one sender with different
 * numbers differ, whatever their ids are. Stock mosh sends 0 as the id: its numbers have 63 bits but never reach 2^47.
 */
import type { Role } from "../ssp/Role.ts"
import type { PacketNumber } from "../wire/Numbers.ts"

/** Bits of a sequence number: a key is retired before it has encrypted 2^47 blocks (spec 2.3). */
export const SEQUENCE_BITS = 47

/** The last sequence number: 2^47 − 1. */
export const MAX_SEQUENCE = (1n << BigInt(SEQUENCE_BITS)) - 1n

const TO_CLIENT = 1n << 63n

/** The nonce of a datagram of `sender`, without a connection id; `undefined` if `sequence` is negative or beyond the last. */
export const make = (sender: Role, sequence: PacketNumber): bigint | undefined =>
  sequence < 0n || sequence > MAX_SEQUENCE ? undefined : sender === "Server" ? TO_CLIENT | sequence : sequence

/** The nonce with the same sender and sequence number, and with the lower 16 bits of `id`. */
export const withId = (nonce: bigint, id: number): bigint =>
  (nonce & (TO_CLIENT | MAX_SEQUENCE)) | (BigInt(id & 0xffff) << BigInt(SEQUENCE_BITS))

/** The sender of the datagram with this nonce. */
export const sender = (nonce: bigint): Role => ((nonce & TO_CLIENT) === 0n ? "Client" : "Server")

/** The sequence number of a nonce. */
export const sequence = (nonce: bigint): PacketNumber => nonce & MAX_SEQUENCE

/**
 * Whether a sealed datagram has no connection id, as all of stock mosh. Only one in 65,536 random datagrams passes, so noise
 * rarely reaches the cipher.
 */
export const hasNoId = (datagram: Uint8Array): boolean => {
  // Indices, as all datagrams pass here: destructuring would iterate.
  const first = datagram[0] ?? 0
  const second = datagram[1] ?? 0
  const third = datagram[2] ?? 0
  return ((first & 0x7f) | second | (third & 0x80)) === 0
}

/** Whether a sealed datagram's nonce is one of the client's. */
export const isFromClient = (datagram: Uint8Array): boolean => ((datagram[0] ?? 0) & 0x80) === 0
