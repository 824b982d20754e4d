/**
 * What a datagram carries under its encryption: two timestamps, and a fragment of an instruction (spec 2.3).
 */
import type { Timestamp16 } from "./Timestamp16.ts"

export interface Packet {
  /** The sender's clock; `Timestamp16.NONE` when it does not say. */
  readonly timestamp: Timestamp16
  /** Our clock as the sender last saw it, moved on by how long it kept it; or `Timestamp16.NONE`. */
  readonly timestampReply: Timestamp16
  /** An encoded `Fragment`. */
  readonly payload: Uint8Array
}

/** Bytes before the payload. */
export const HEADER = 4

export const encode = (packet: Packet): Uint8Array => {
  const bytes = new Uint8Array(HEADER + packet.payload.length)
  const view = new DataView(bytes.buffer)
  view.setUint16(0, packet.timestamp)
  view.setUint16(2, packet.timestampReply)
  bytes.set(packet.payload, HEADER)
  return bytes
}

/** `undefined` when too short. `payload` shares memory with `plaintext`. */
export const decode = (plaintext: Uint8Array): Packet | undefined => {
  if (plaintext.length < HEADER) return undefined
  const view = new DataView(plaintext.buffer, plaintext.byteOffset)
  return { timestamp: view.getUint16(0), timestampReply: view.getUint16(2), payload: plaintext.subarray(HEADER) }
}
