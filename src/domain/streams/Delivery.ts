/**
 * Handles acknowledgements and losses of sent packets, and queues again what was lost.
 */
import type { Millis } from "../Machine.ts"
import { FLOOR } from "../ssp/path/PathMtu.ts"
import type { Ack } from "../wire/streams/AckFrame.ts"
import * as AckRanges from "./recovery/AckRanges.ts"
import * as FlowControl from "./FlowControl.ts"
import * as Limits from "./Limits.ts"
import * as LossRecovery from "./recovery/LossRecovery.ts"
import * as RoundTrip from "./recovery/RoundTrip.ts"
import * as SendStream from "./SendStream.ts"
import type { SentFrame, SentPacket } from "./recovery/SentPackets.ts"
import * as State from "./State.ts"
import type { Violation } from "./StreamError.ts"
import type { Output } from "./Streams.ts"

/** An ACK arrived. */
export const acknowledge = (
  state: State.State,
  ack: Ack,
  now: Millis,
  outputs: Array<Output>
): Violation | undefined => {
  const { congestion, recovery } = state
  const result = LossRecovery.acknowledge(recovery, ack, now)
  if (result === undefined) return "acknowledged-unsent"
  const { acknowledged, lost, sample, timeouts } = result
  if (acknowledged.length === 0) return undefined
  for (const { frames } of acknowledged) for (const frame of frames) arrived(state, frame, outputs)
  if (timeouts >= Limits.PERSISTENT_TIMEOUTS) congestion.collapsed(now)
  const bytes = acknowledged.reduce((sum, packet) => sum + (isOnPath(recovery, packet) ? packet.bytes : 0), 0)
  const event = { bytes, rtt: sample, smoothed: RoundTrip.smoothed(recovery.rtt), isLimited: state.isLimited }
  if (bytes > 0) congestion.acknowledged(event, now)
  lose(state, lost, now)
  if (acknowledged.some((packet) => packet.bytes >= state.largeLoss.bytes))
    state.largeLoss = { count: 0, bytes: Infinity }
  return undefined
}

/** The loss or probe timer is due. */
export const onTimer = (state: State.State, now: Millis): void => {
  const { lost, repeat } = LossRecovery.onTimer(state.recovery, now)
  lose(state, lost, now)
  for (const packet of repeat) sendAgain(state, packet)
}

const isOnPath = ({ pathIndex }: LossRecovery.LossRecovery, { index }: SentPacket): boolean => index >= pathIndex

const lose = (state: State.State, lost: ReadonlyArray<SentPacket>, now: Millis): void => {
  for (const packet of lost) {
    if (isOnPath(state.recovery, packet)) state.congestion.lost(packet.bytes, now)
    if (!packet.isRepeated) sendAgain(state, packet)
    const { bytes, count } = state.largeLoss
    if (packet.bytes > FLOOR) state.largeLoss = { count: count + 1, bytes: Math.min(bytes, packet.bytes) }
  }
}

const arrived = (state: State.State, frame: SentFrame, outputs: Array<Output>): void => {
  switch (frame._tag) {
    case "Stream":
      SendStream.onAcknowledged(frame.stream, frame.start, frame.end, frame.isFinal)
      FlowControl.settle(state.flow, frame.stream)
      State.schedule(state, frame.stream)
      State.reportRoom(state, frame.stream, outputs)
      return finish(state, frame.stream.id, outputs)
    case "Reset":
      if (frame.stream.reset !== undefined) frame.stream.reset.progress = "acknowledged"
      state.queue.resets.delete(frame.stream)
      return finish(state, frame.stream.id, outputs)
    case "Ack":
      return AckRanges.forget(state.acks, frame.largest)
    case "Stop":
    case "StreamLimit":
    case "DataLimit":
    case "StreamsLimit":
      return
  }
}

const finish = (state: State.State, id: number, outputs: Array<Output>): void => {
  const stream = state.table.streams.get(id)
  if (stream !== undefined) State.finish(state, stream, outputs)
}

/** Queues the contents of a packet again, as far as the peer still needs them. */
export const sendAgain = (state: State.State, { frames }: SentPacket): void => {
  const { queue } = state
  for (const frame of frames) {
    switch (frame._tag) {
      case "Stream":
        SendStream.onLost(frame.stream, frame.start, frame.end, frame.isFinal)
        State.schedule(state, frame.stream)
        break
      case "Reset":
        if (frame.stream.reset?.progress === "sent") {
          frame.stream.reset.progress = "unsent"
          queue.resets.add(frame.stream)
        }
        break
      case "Stop":
        if (!frame.stream.isDone) queue.stops.add(frame.stream)
        break
      case "StreamLimit":
        if (frame.limit === frame.stream.advertised && !frame.stream.isDone) queue.windows.add(frame.stream)
        break
      case "DataLimit":
        queue.dataLimit = true
        break
      case "StreamsLimit":
        queue.streamsLimit = true
        break
      case "Ack":
        break
    }
  }
}
