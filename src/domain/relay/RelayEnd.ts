/**
 * One end of the connection through ssh, at the client or at the relay: turns datagrams into bytes to write, and bytes into
 * datagrams.
 *
 * It behaves as a router with a short queue. Datagrams that exceed the window of `RelayFlow` wait; when the queue is full,
 * the oldest is dropped, because the newest state is worth the most. It has no timer.
 */
import type { Machine, Millis } from "../Machine.ts"
import * as RelayFlow from "./RelayFlow.ts"
import * as RelayFrame from "./RelayFrame.ts"

export interface RelayEnd {
  /** Owns state: only the newest value of an end may be used. */
  readonly flow: RelayFlow.RelayFlow
  readonly decoder: RelayFrame.Decoder
  /** Frames that wait, oldest first, and what they take of `MAX_QUEUE`. */
  readonly queue: ReadonlyArray<Uint8Array>
  readonly queued: number
  /** Bytes of datagrams that arrived in all, and those that were acknowledged. */
  readonly received: number
  readonly acknowledged: number
  /** Whether the peer violated the protocol. Then everything it sends is ignored. */
  readonly isMalformed: boolean
  readonly dropped: Dropped
}

/** Numbers of datagrams that were not sent. */
export interface Dropped {
  /** Those that were empty or too long. */
  readonly illegal: number
  /** Those that the queue had no room for. */
  readonly overflow: number
}

export type Input =
  /** Send a datagram. */
  | { readonly _tag: "Send"; readonly datagram: Uint8Array }
  /** The next bytes of the peer arrived, in pieces of any size. */
  | { readonly _tag: "Receive"; readonly bytes: Uint8Array }
  | { readonly _tag: "Tick" }

export type Output =
  /** Write these bytes: an acknowledgement, or a datagram. */
  | { readonly _tag: "Write"; readonly bytes: Uint8Array }
  /** The relay's greeting arrived. */
  | { readonly _tag: "Greeted" }
  /** A datagram arrived. */
  | { readonly _tag: "Datagram"; readonly datagram: Uint8Array }
  /** The peer violated the protocol. The connection must end. */
  | { readonly _tag: "Malformed" }

/** Maximum number of bytes that wait for the window, of which each datagram takes at least `MIN_ROOM`. */
export const MAX_QUEUE = 65_536
const MIN_ROOM = 64

/** Bytes after which an acknowledgement is sent: well below `RelayFlow.FLOOR`. */
export const ACKNOWLEDGE_AFTER = 4096

export const init = (role: "Client" | "Relay", now: Millis): RelayEnd => ({
  flow: RelayFlow.init(now),
  decoder: role === "Client" ? RelayFrame.CLIENT : RelayFrame.RELAY,
  queue: [],
  queued: 0,
  received: 0,
  acknowledged: 0,
  isMalformed: false,
  dropped: { illegal: 0, overflow: 0 }
})

const step = (end: RelayEnd, input: Input, now: Millis): readonly [RelayEnd, ReadonlyArray<Output>] => {
  switch (input._tag) {
    case "Send":
      return send(end, input.datagram, now)
    case "Receive":
      return end.isMalformed ? [end, []] : receive(end, input.bytes, now)
    case "Tick":
      return [end, []]
  }
}

export const machine: Machine<RelayEnd, Input, Output> = { step, deadline: () => Infinity }

const send = (end: RelayEnd, datagram: Uint8Array, now: Millis): readonly [RelayEnd, ReadonlyArray<Output>] => {
  const frame = RelayFrame.encodeDatagram(datagram)
  const { dropped } = end
  if (frame === undefined) return [{ ...end, dropped: { ...dropped, illegal: dropped.illegal + 1 } }, []]
  const [next, writes] = drain({ ...end, queue: [...end.queue, frame], queued: end.queued + room(frame) }, now)
  return [bounded(next), writes]
}

const receive = (end: RelayEnd, bytes: Uint8Array, now: Millis): readonly [RelayEnd, ReadonlyArray<Output>] => {
  const [decoder, frames] = RelayFrame.decode(end.decoder, bytes)
  const outputs: Array<Output> = []
  let { flow, received } = end
  let isMalformed = decoder.expects === "Nothing"
  for (const frame of frames) {
    if (frame._tag === "Greeting") outputs.push({ _tag: "Greeted" })
    else if (frame._tag === "Datagram") {
      received += frame.datagram.length
      outputs.push(frame)
    } else {
      const next = RelayFlow.acknowledged(flow, frame.received, now)
      if (next === undefined) {
        isMalformed = true
        break
      }
      flow = next
    }
  }
  const acknowledges = received - end.acknowledged >= ACKNOWLEDGE_AFTER
  if (acknowledges) outputs.push({ _tag: "Write", bytes: RelayFrame.encodeAcknowledgement(received % 2 ** 32) })
  const acknowledged = acknowledges ? received : end.acknowledged
  const [next, writes] = drain({ ...end, flow, decoder, received, acknowledged, isMalformed }, now)
  return [next, [...outputs, ...writes, ...(isMalformed ? [{ _tag: "Malformed" } as const] : [])]]
}

/** Writes what the window permits of the queue. */
const drain = (end: RelayEnd, now: Millis): readonly [RelayEnd, ReadonlyArray<Output>] => {
  const { queue } = end
  let { flow, queued } = end
  let taken = 0
  for (let frame = queue[0]; frame !== undefined; frame = queue[taken]) {
    if (!RelayFlow.canSend(flow, size(frame))) {
      flow = RelayFlow.limited(flow)
      break
    }
    flow = RelayFlow.sent(flow, size(frame), now)
    queued -= room(frame)
    taken++
  }
  if (taken === 0) return [flow === end.flow ? end : { ...end, flow }, []]
  const writes = queue.slice(0, taken).map((bytes): Output => ({ _tag: "Write", bytes }))
  return [{ ...end, flow, queued, queue: queue.slice(taken) }, writes]
}

/** Drops the oldest frames that the queue has no room for. */
const bounded = (end: RelayEnd): RelayEnd => {
  let { queued } = end
  let count = 0
  for (let frame = end.queue[0]; frame !== undefined && queued > MAX_QUEUE; frame = end.queue[count]) {
    queued -= room(frame)
    count++
  }
  if (count === 0) return end
  const dropped = { ...end.dropped, overflow: end.dropped.overflow + count }
  return { ...end, queue: end.queue.slice(count), queued, dropped }
}

const size = (frame: Uint8Array): number => frame.length - RelayFrame.HEADER

const room = (frame: Uint8Array): number => Math.max(MIN_ROOM, size(frame))
