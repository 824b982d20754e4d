/**
 * Fills packets: acknowledgements first, then limits and resets, then stream data by urgency and turn.
 *
 * Acknowledgements and probes are sent as soon as they are due. Everything else waits for congestion control and
 * pacing.
 */
import type { Millis } from "../Machine.ts"
import * as StreamFrame from "../wire/streams/StreamFrame.ts"
import * as StreamPacket from "../wire/streams/StreamPacket.ts"
import type * as Varint from "../wire/streams/Varint.ts"
import * as AckRanges from "./recovery/AckRanges.ts"
import * as Background from "./Background.ts"
import * as ByteQueue from "./ByteQueue.ts"
import * as Delivery from "./Delivery.ts"
import * as FlowControl from "./FlowControl.ts"
import * as Limits from "./Limits.ts"
import * as LossRecovery from "./recovery/LossRecovery.ts"
import * as Pacer from "./recovery/Pacer.ts"
import * as SendQueue from "./SendQueue.ts"
import * as SendStream from "./SendStream.ts"
import type { SentFrame } from "./recovery/SentPackets.ts"
import type { State } from "./State.ts"

/** When `build` has something to send. */
export const deadline = (state: State): Millis => {
  const { acks, background, ended, pacer, queue, recovery } = state
  if (ended !== undefined) return ended.isDue ? -Infinity : Infinity
  if (recovery.probes > 0) return -Infinity
  const timed = Math.min(acks.due, LossRecovery.timer(recovery))
  if (!hasWindow(state) || SendQueue.isEmpty(queue)) return timed
  return Math.min(timed, Math.max(pacer.readyAt, Background.readyAt(background, queue)))
}

const hasWindow = ({ congestion, recovery }: State): boolean =>
  recovery.inFlight === 0 || recovery.inFlight + Limits.PACKET <= congestion.window()

/** The packet to be sent now as number `number`, in at most `limit` bytes; `undefined` if none is due. */
export const build = (state: State, number: number, limit: number, now: Millis): Uint8Array | undefined => {
  const { acks, background, congestion, ended, pacer, queue, recovery } = state
  if (ended !== undefined) {
    if (!ended.isDue || ended.code === undefined) return undefined
    ended.isDue = false
    LossRecovery.used(recovery, number)
    return StreamPacket.encode([{ _tag: "Close", code: ended.code }])
  }
  // A loss may leave a probe timeout that is due, too.
  for (let i = 0; i < 2 && LossRecovery.timer(recovery) <= now; i++) Delivery.onTimer(state, now)
  const yields = Background.yields(background, queue, now)
  const readyAt = yields ? Math.max(pacer.readyAt, Background.readyAt(background, queue)) : pacer.readyAt
  const isFree = recovery.probes > 0 || (hasWindow(state) && now >= readyAt)
  const isWanted = recovery.probes > 0 || !SendQueue.isEmpty(queue)
  // What gives way does not show what the path could carry.
  state.isLimited = isWanted && !isFree && !yields
  if (acks.due > now && !(isFree && isWanted)) return undefined

  const room = yields ? Math.min(limit, Background.limit(congestion.rate())) : limit
  const packet: Packet = { cursor: { bytes: new Uint8Array(room), at: 0 }, limit: room, frames: [] }
  packet.cursor.bytes[packet.cursor.at++] = StreamPacket.TYPE
  const largest = acks.pending > 0 || acks.due <= now ? putAck(packet, acks, now) : undefined
  if (isFree) {
    putControl(packet, state)
    putStreams(packet, state)
    if (packet.frames.length === 0 && recovery.probes > 0) put(packet, { _tag: "Ping" }, undefined)
    state.isLimited = !SendQueue.isEmpty(queue) && !yields
  }
  const bytes = packet.cursor.bytes.subarray(0, Math.max(packet.cursor.at, StreamPacket.MIN_LENGTH))
  if (packet.frames.length > 0 || packet.isPing === true) {
    if (largest !== undefined) packet.frames.push({ _tag: "Ack", largest })
    const size = bytes.length + Limits.DATAGRAM_OVERHEAD
    LossRecovery.sent(recovery, number, size, packet.frames, now)
    Pacer.sent(pacer, size, congestion.rate(), now)
    if (yields) Background.sent(background, size, congestion.rate(), now)
  } else if (largest === undefined) return undefined
  else LossRecovery.used(recovery, number)
  return bytes
}

interface Packet {
  readonly cursor: Varint.Cursor
  readonly limit: number
  readonly frames: Array<SentFrame>
  isPing?: boolean
}

/** Writes a frame if there is room. */
const put = (packet: Packet, frame: StreamFrame.StreamFrame, sent: SentFrame | undefined): boolean => {
  if (packet.cursor.at + StreamFrame.size(frame) > packet.limit) return false
  StreamFrame.write(packet.cursor, frame)
  if (sent === undefined) packet.isPing = true
  else packet.frames.push(sent)
  return true
}

/** Writes an ACK with as many ranges as fit in half the packet. Returns the largest number that it covers. */
const putAck = (packet: Packet, acks: AckRanges.AckRanges, now: Millis): number | undefined => {
  for (let count = Limits.ACK_RANGES; count >= 1; count = Math.floor(count / 2)) {
    const ack = AckRanges.frame(acks, count, now)
    if (ack === undefined) return undefined
    if (count > 1 && StreamFrame.size(ack) > packet.limit / 2) continue
    StreamFrame.write(packet.cursor, ack)
    AckRanges.sent(acks, now)
    return ack.ranges[0]?.last
  }
  return undefined
}

const putControl = (packet: Packet, state: State): void => {
  const { flow, queue, table } = state
  if (queue.dataLimit && put(packet, { _tag: "MaxData", limit: flow.advertised }, { _tag: "DataLimit" }))
    queue.dataLimit = false
  if (queue.streamsLimit && put(packet, { _tag: "MaxStreams", limit: table.advertised }, { _tag: "StreamsLimit" }))
    queue.streamsLimit = false
  for (const stream of queue.resets) {
    const { id, reset, sent: finalSize } = stream
    if (reset !== undefined) {
      const frame = { _tag: "ResetStream", stream: id, code: reset.code, finalSize } as const
      if (!put(packet, frame, { _tag: "Reset", stream })) return
      reset.progress = "sent"
    }
    queue.resets.delete(stream)
  }
  for (const stream of queue.stops) {
    const frame = { _tag: "StopSending", stream: stream.id, code: stream.stopped ?? 0 } as const
    if (!stream.isDone && !put(packet, frame, { _tag: "Stop", stream })) return
    queue.stops.delete(stream)
  }
  for (const stream of queue.windows) {
    const limit = stream.advertised
    const frame = { _tag: "MaxStreamData", stream: stream.id, limit } as const
    if (!put(packet, frame, { _tag: "StreamLimit", stream, limit })) return
    queue.windows.delete(stream)
  }
}

/** Less room than this is left empty. */
const MIN_PIECE = 16

const putStreams = (packet: Packet, state: State): void => {
  const { flow, queue } = state
  const { cursor, limit } = packet
  for (;;) {
    const stream = SendQueue.next(queue)
    if (stream === undefined) return
    const offset = Math.max(stream.sent, 1)
    const length = limit - cursor.at - StreamFrame.streamOverhead(stream.id, offset, limit)
    if (length < MIN_PIECE) return
    const piece = SendStream.next(stream, length, FlowControl.credit(flow))
    if (piece !== undefined) {
      const { end, isFinal, isNew, start } = piece
      StreamFrame.writeStreamHeader(cursor, stream.id, start, end - start, isFinal)
      ByteQueue.copy(stream.queue, start, end - start, cursor.bytes, cursor.at)
      cursor.at += end - start
      if (isNew) flow.sent += end - start
      packet.frames.push({ _tag: "Stream", stream, start, end, isFinal })
    }
    SendQueue.rotate(queue, stream, FlowControl.credit(flow))
  }
}
