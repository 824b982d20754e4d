/**
 * Processes packets from the peer. Their numbers and sizes are not trusted: each is checked against what was sent and
 * allowed before anything is kept.
 */
import type { Millis } from "../Machine.ts"
import type * as StreamFrame from "../wire/streams/StreamFrame.ts"
import * as StreamPacket from "../wire/streams/StreamPacket.ts"
import * as AckRanges from "./recovery/AckRanges.ts"
import * as ByteQueue from "./ByteQueue.ts"
import * as Delivery from "./Delivery.ts"
import * as FlowControl from "./FlowControl.ts"
import * as Limits from "./Limits.ts"
import * as LossRecovery from "./recovery/LossRecovery.ts"
import * as ReceiveStream from "./ReceiveStream.ts"
import * as RoundTrip from "./recovery/RoundTrip.ts"
import * as SentPackets from "./recovery/SentPackets.ts"
import * as State from "./State.ts"
import type { Violation } from "./StreamError.ts"
import * as StreamKind from "./StreamKind.ts"
import type { Output } from "./Streams.ts"
import * as StreamTable from "./StreamTable.ts"

/** A datagram of the peer arrived, for the first time. `payload`: its stream packet, if it is one. */
export const receive = (
  state: State.State,
  number: number,
  payload: Uint8Array | undefined,
  now: Millis,
  outputs: Array<Output>
): void => {
  endSilence(state, now)
  if (payload === undefined) return AckRanges.received(state.acks, number, false, now)
  const frames = StreamPacket.decode(payload)
  if (state.ended !== undefined) {
    if (frames?.some(({ _tag }) => _tag === "Close") !== true) State.answerWithClose(state.ended)
    return
  }
  if (frames === undefined) return State.violate(state, "malformed-frame", outputs)
  if (frames.some((frame) => fragments(state, frame))) return void outputs.push({ _tag: "Dropped", reason: "limit" })
  AckRanges.received(state.acks, number, frames.some(isEliciting), now)
  for (const frame of frames) {
    const violation = accept(state, frame, now, outputs)
    if (violation !== undefined) return State.violate(state, violation, outputs)
    if (state.ended !== undefined) return
  }
}

const isEliciting = ({ _tag }: StreamFrame.StreamFrame): boolean => _tag !== "Ack" && _tag !== "Close"

/** After a silence, the network may be back: what is in flight is probed at once. */
const endSilence = (state: State.State, now: Millis): void => {
  const { heardAt, recovery } = state
  state.heardAt = now
  const oldest = SentPackets.oldest(recovery.packets)
  const timeout = RoundTrip.probeTimeout(recovery.rtt, 0)
  // After a pause of both ends, a packet that was sent just now may still be acknowledged.
  if (oldest === undefined || now - oldest.at < timeout) return
  if (now - heardAt < Math.max(Limits.SILENCE, timeout)) return
  for (const packet of LossRecovery.restart(recovery, false)) Delivery.sendAgain(state, packet)
}

/** Whether a frame would make more gaps in a stream than we keep. Its packet is dropped as if the network had. */
const fragments = ({ table }: State.State, frame: StreamFrame.StreamFrame): boolean => {
  if (frame._tag !== "Stream" || frame.data.length === 0) return false
  const stream = table.streams.get(frame.stream)
  return stream !== undefined && ReceiveStream.wouldFragment(stream.receive, frame.offset)
}

const accept = (
  state: State.State,
  frame: StreamFrame.StreamFrame,
  now: Millis,
  outputs: Array<Output>
): Violation | undefined => {
  switch (frame._tag) {
    case "Ping":
      return undefined
    case "Ack":
      return Delivery.acknowledge(state, frame, now, outputs)
    case "MaxData":
      return raiseLimit(state, frame.limit)
    case "MaxStreams":
      if (frame.limit > state.table.limit) {
        state.table.limit = frame.limit
        outputs.push({ _tag: "Openable" })
      }
      return undefined
    case "Close":
      return State.end(state, { _tag: "ClosedByPeer", code: frame.code }, undefined, outputs) as undefined
    case "Stream":
    case "ResetStream":
    case "StopSending":
    case "MaxStreamData": {
      const stream = StreamTable.find(state.table, frame.stream)
      State.raiseStreamLimit(state)
      if (stream === undefined) return undefined
      return typeof stream === "string" ? stream : acceptOnStream(state, stream, frame, now, outputs)
    }
  }
}

const raiseLimit = (state: State.State, limit: number): undefined => {
  if (limit <= state.flow.limit) return
  state.flow.limit = limit
  for (const stream of state.queue.starved) State.schedule(state, stream)
}

type OnStream = StreamFrame.Stream | StreamFrame.ResetStream | StreamFrame.StopSending | StreamFrame.MaxStreamData

const acceptOnStream = (
  state: State.State,
  stream: StreamTable.Stream,
  frame: OnStream,
  now: Millis,
  outputs: Array<Output>
): Violation | undefined => {
  const { send } = stream
  switch (frame._tag) {
    case "MaxStreamData":
      if (frame.limit > send.limit) send.limit = frame.limit
      State.schedule(state, send)
      State.reportRoom(state, send, outputs)
      return undefined
    case "StopSending":
      if (send.reset !== undefined || send.fin === "acknowledged") return undefined
      State.reset(state, send, frame.code)
      if (stream.isAnnounced) outputs.push({ _tag: "Stopped", stream: stream.id, code: frame.code })
      return undefined
    case "ResetStream":
      return acceptReset(state, stream, frame, now, outputs)
    case "Stream":
      return acceptData(state, stream, frame, now, outputs)
  }
}

const acceptData = (
  state: State.State,
  stream: StreamTable.Stream,
  { data, isFinal, offset }: StreamFrame.Stream,
  now: Millis,
  outputs: Array<Output>
): Violation | undefined => {
  const { flow } = state
  const { receive } = stream
  const end = offset + data.length
  const violation = ReceiveStream.check(receive, end, isFinal)
  if (violation !== undefined) return violation
  if (!FlowControl.admits(flow, Math.max(0, end - receive.highest))) return "window-exceeded"
  const { finalSize, ready } = receive
  State.consuming(state, receive, now, () => {
    flow.received += ReceiveStream.receive(receive, offset, data, isFinal)
  })
  const isNews = receive.ready > ready || receive.finalSize !== finalSize
  if (!stream.isAnnounced) {
    const problem = announce(state, stream, now, outputs)
    if (problem !== undefined) return problem
  }
  if (isNews && stream.isAnnounced && receive.stopped === undefined && ReceiveStream.isReadable(receive))
    outputs.push({ _tag: "Readable", stream: stream.id })
  State.finish(state, stream, outputs)
  return undefined
}

/** Reports a stream of the peer's once its header is there. */
const announce = (
  state: State.State,
  stream: StreamTable.Stream,
  now: Millis,
  outputs: Array<Output>
): Violation | undefined => {
  const { receive } = stream
  const bytes = new Uint8Array(Math.min(receive.ready, StreamKind.MAX_LENGTH))
  ByteQueue.copy(receive.queue, 0, bytes.length, bytes, 0)
  const opening = StreamKind.decode(bytes)
  if (opening === "malformed-header") return opening
  if (opening === "incomplete") return receive.ready === receive.finalSize ? "malformed-header" : undefined
  State.consuming(state, receive, now, () => ReceiveStream.read(receive, opening.length))
  // If the stream ends right after its header, the application has yet to read that end.
  receive.isDone = false
  stream.isAnnounced = true
  outputs.push({ _tag: "PeerOpened", stream: stream.id, kind: opening.kind, header: opening.header })
  return undefined
}

const acceptReset = (
  state: State.State,
  stream: StreamTable.Stream,
  { code, finalSize }: StreamFrame.ResetStream,
  now: Millis,
  outputs: Array<Output>
): Violation | undefined => {
  const { flow } = state
  const { receive } = stream
  const violation = ReceiveStream.check(receive, finalSize, true)
  if (violation !== undefined) return violation
  if (!FlowControl.admits(flow, finalSize - receive.highest)) return "window-exceeded"
  const wasDone = receive.isDone
  State.consuming(state, receive, now, () => {
    flow.received += ReceiveStream.onReset(receive, code, finalSize)
  })
  if (!stream.isAnnounced) State.reset(state, stream.send, code)
  else if (!wasDone && receive.stopped === undefined) outputs.push({ _tag: "Reset", stream: stream.id, code })
  State.finish(state, stream, outputs)
  return undefined
}
