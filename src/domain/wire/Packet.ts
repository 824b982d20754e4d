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
  const view = new DataView(bytes.buffer)
  view.setUint16(0, packet.timestamp)
  view.setUint16(2, packet.timestampReply)
  bytes.set(packet.payload, HEADER)
  return bytes
}

/** Decodes a packet; `undefined` if the bytes are too short. `payload` shares memory with `plaintext`. */
export const decode = (plaintext: Uint8Array): Packet | undefined => {
  if (plaintext.length < HEADER) return undefined
  const view = new DataView(plaintext.buffer, plaintext.byteOffset)
  return { timestamp: view.getUint16(0), timestampReply: view.getUint16(2), payload: plaintext.subarray(HEADER) }
}
