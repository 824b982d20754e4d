/**
 * Connection ids: 16 bits in the nonces of a client's datagrams, by which a server that shares a port among sessions finds the
 * session of a client that moved, without trying keys (docs/spec/connection-ids.md).
 *
 * A block is 4096 consecutive packets of a client. All of a block have one id, a function of the session's key and the block, so
 * only the two ends can compute it. The bits of the nonce that all packets of a block have in common are its prefix.
 */
import type { PacketNumber } from "../wire/Numbers.ts"
import * as Nonce from "./Nonce.ts"

/** Bits of the packet numbers of one block. */
const BLOCK_BITS = 12

/** How many packets have the same id. */
export const BLOCK = 2 ** BLOCK_BITS

/** How many blocks there are. */
const BLOCKS = 2 ** (Nonce.SEQUENCE_BITS - BLOCK_BITS)

/** How many blocks after that of the newest packet a server expects. */
export const AHEAD = 3

/** The block of a packet: 0 to 2^35 − 1. */
export const blockOf = (sequence: PacketNumber): number => Number(sequence >> BigInt(BLOCK_BITS))

/** What all nonces of a block begin with, after the direction bit: an integer below 2^51. */
export const prefix = (id: number, block: number): number => id * BLOCKS + block

/** The first 31 bits after the direction bit. */
const head = (datagram: Uint8Array): number =>
  (((datagram[0] ?? 0) & 0x7f) << 24) | ((datagram[1] ?? 0) << 16) | ((datagram[2] ?? 0) << 8) | (datagram[3] ?? 0)

/** The prefix of a sealed datagram. */
export const prefixOf = (datagram: Uint8Array): number =>
  head(datagram) * 2 ** 20 + (((datagram[4] ?? 0) << 12) | ((datagram[5] ?? 0) << 4) | ((datagram[6] ?? 0) >> 4))

/**
 * The prefixes that a client may use whose newest packet is of `block`: those of this block and the next ones. `idOf` gives the
 * id of a block.
 */
export const expected = (idOf: (block: number) => number, block: number): ReadonlyArray<number> =>
  Array.from({ length: Math.min(1 + AHEAD, BLOCKS - block) }, (_, i) => prefix(idOf(block + i), block + i))
