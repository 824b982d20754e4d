/**
 * One end of the connection through ssh, at the client or at the relay: turns datagrams into bytes to write, and bytes into
 * datagrams.
 *
 * It behaves as a router with a short queue. Datagrams that exceed the window of `RelayFlow` wait; when the queue is full,
 * the oldest is dropped, because the newest state is worth the most. It owns its state, and has no clock.
 */
import type { Millis } from "../Machine.ts"
import * as RelayFlow from "./RelayFlow.ts"
import * as RelayFrame from "./RelayFrame.ts"

export interface RelayEnd {
  /** Sends a datagram: returns the bytes to write now, if any. */
  readonly send: (datagram: Uint8Array, now: Millis) => ReadonlyArray<Uint8Array>
  /** Processes the next bytes of the peer, in pieces of any size. */
  readonly receive: (bytes: Uint8Array, now: Millis) => Received
  /** What was dropped. */
  readonly dropped: () => Dropped
}

export interface Received {
  readonly datagrams: ReadonlyArray<Uint8Array>
  /** The bytes to write now: acknowledgements, and datagrams that waited. */
  readonly writes: ReadonlyArray<Uint8Array>
  /** Whether the relay's greeting was among the bytes. */
  readonly isGreeted: boolean
  /** Whether the peer violated the protocol. The connection must end. */
  readonly isMalformed: boolean
}

/** Numbers of datagrams that were not sent. */
export interface Dropped {
  /** Those that were empty or too long. */
  readonly illegal: number
  /** Those that the queue had no room for. */
  readonly overflow: number
}

/** Maximum number of bytes that wait for the window, of which each datagram takes at least `MIN_ROOM`. */
export const MAX_QUEUE = 65_536
const MIN_ROOM = 64

/** Bytes after which an acknowledgement is sent: well below `RelayFlow.FLOOR`. */
export const ACKNOWLEDGE_AFTER = 4096

export const make = (role: "Client" | "Relay", now: Millis): RelayEnd => {
  const flow = RelayFlow.make(now)
  let decoder = role === "Client" ? RelayFrame.CLIENT : RelayFrame.RELAY
  /** Frames that wait, oldest first, and what they take of `MAX_QUEUE`. */
  const queue: Array<Uint8Array> = []
  let queued = 0
  let received = 0
  let acknowledged = 0
  let isMalformed = false
  let illegal = 0
  let overflow = 0

  const size = (frame: Uint8Array): number => frame.length - RelayFrame.HEADER
  const room = (frame: Uint8Array): number => Math.max(MIN_ROOM, size(frame))

  /** Moves from the queue to `writes` what the window permits. */
  const drain = (writes: Array<Uint8Array>, at: Millis): void => {
    for (let frame = queue[0]; frame !== undefined && flow.canSend(size(frame)); frame = queue[0]) {
      queue.shift()
      queued -= room(frame)
      flow.sent(size(frame), at)
      writes.push(frame)
    }
  }

  return {
    send: (datagram, at) => {
      const frame = RelayFrame.encodeDatagram(datagram)
      if (frame === undefined) {
        illegal++
        return []
      }
      queue.push(frame)
      queued += room(frame)
      const writes: Array<Uint8Array> = []
      drain(writes, at)
      while (queued > MAX_QUEUE) {
        queued -= room(queue.shift() ?? frame)
        overflow++
      }
      return writes
    },
    receive: (bytes, at) => {
      const datagrams: Array<Uint8Array> = []
      const writes: Array<Uint8Array> = []
      let isGreeted = false
      if (isMalformed) return { datagrams, writes, isGreeted, isMalformed }
      const [next, frames] = RelayFrame.decode(decoder, bytes)
      decoder = next
      for (const frame of frames) {
        if (isMalformed) break
        switch (frame._tag) {
          case "Greeting":
            isGreeted = true
            break
          case "Datagram":
            received += frame.datagram.length
            datagrams.push(frame.datagram)
            break
          case "Acknowledgement":
            isMalformed ||= !flow.acknowledged(frame.received, at)
        }
      }
      isMalformed ||= decoder.expects === "Nothing"
      if (received - acknowledged >= ACKNOWLEDGE_AFTER) {
        acknowledged = received
        writes.push(RelayFrame.encodeAcknowledgement(received % 2 ** 32))
      }
      drain(writes, at)
      return { datagrams, writes, isGreeted, isMalformed }
    },
    dropped: () => ({ illegal, overflow })
  }
}
