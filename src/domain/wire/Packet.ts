/**
 * The plaintext of a datagram: two timestamps, and a fragment of an instruction (spec 2.3).
 */
import type { Timestamp16 } from "./Timestamp16.ts"

export interface Packet {
  /** The sender's clock; `Timestamp16.NONE` if it is absent. */
  readonly timestamp: Timestamp16
  /** The receiver's last timestamp, plus the time for which the sender held it; or `Timestamp16.NONE`. */
  readonly timestampReply: Timestamp16
  /** An encoded `Fragment`. */
  readonly payload: Uint8Array
}

/** Size of the header, bytes. */
export const HEADER = 4

export const encode = (packet: Packet): Uint8Array => {
  const bytes = new Uint8Array(HEADER + packet.payload.length)
  // By bytes: a `DataView` would move a short array out of V8's heap.
  bytes[0] = packet.timestamp >> 8
  bytes[1] = packet.timestamp
  bytes[2] = packet.timestampReply >> 8
  bytes[3] = packet.timestampReply
  bytes.set(packet.payload, HEADER)
  return bytes
}

const uint16 = (bytes: Uint8Array, at: number): number => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)

/** Decodes a packet; `undefined` if the bytes are too short. `payload` shares memory with `plaintext`. */
export const decode = (plaintext: Uint8Array): Packet | undefined => {
  if (plaintext.length < HEADER) return undefined
  return { timestamp: uint16(plaintext, 0), timestampReply: uint16(plaintext, 2), payload: plaintext.subarray(HEADER) }
}
