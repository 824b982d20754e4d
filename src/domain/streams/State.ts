/**
 * The state of all streams of one end, and the rules that tie its parts together.
 *
 * `Streams.step` owns the state and changes it in place (see there).
 */
import type { Millis } from "../Machine.ts"
import type { Role } from "../ssp/Role.ts"
import * as AckRanges from "./recovery/AckRanges.ts"
import * as Background from "./Background.ts"
import type * as CongestionControl from "./recovery/CongestionControl.ts"
import * as FlowControl from "./FlowControl.ts"
import * as Limits from "./Limits.ts"
import * as LossRecovery from "./recovery/LossRecovery.ts"
import * as Pacer from "./recovery/Pacer.ts"
import * as ReceiveStream from "./ReceiveStream.ts"
import * as RoundTrip from "./recovery/RoundTrip.ts"
import * as SendQueue from "./SendQueue.ts"
import * as SendStream from "./SendStream.ts"
import * as StreamError from "./StreamError.ts"
import * as StreamTable from "./StreamTable.ts"
import type { Output } from "./Streams.ts"

export interface State {
  readonly table: StreamTable.StreamTable
  readonly flow: FlowControl.FlowControl
  readonly acks: AckRanges.AckRanges
  readonly recovery: LossRecovery.LossRecovery
  readonly pacer: Pacer.Pacer
  readonly queue: SendQueue.SendQueue
  readonly background: Background.Background
  readonly makeCongestion: CongestionControl.Make
  congestion: CongestionControl.CongestionControl
  /** Whether something waits for the window or the pace. */
  isLimited: boolean
  /** Large packets lost since one of their size last arrived: how many, and the size of the smallest. */
  largeLoss: { readonly count: number; readonly bytes: number }
  /** When a datagram of either kind last arrived. */
  heardAt: Millis
  ended: Ended | undefined
}

export interface Ended {
  readonly reason: StreamError.EndReason
  /** The code of our CLOSE; `undefined` if the peer closed. */
  readonly code: number | undefined
  /** Whether CLOSE is to be sent. */
  isDue: boolean
  /** Packets of the peer before CLOSE is sent again: twice as many each time. */
  countdown: number
  interval: number
}

export const make = (role: Role, makeCongestion: CongestionControl.Make, now: Millis): State => ({
  table: StreamTable.make(role),
  flow: FlowControl.make(),
  acks: AckRanges.make(),
  recovery: LossRecovery.make(),
  pacer: Pacer.make(now),
  queue: SendQueue.make(),
  background: Background.make(),
  makeCongestion,
  congestion: makeCongestion(now),
  isLimited: false,
  largeLoss: { count: 0, bytes: Infinity },
  heardAt: now,
  ended: undefined
})

/** Queues a stream by whether it has anything to send. */
export const schedule = (state: State, stream: SendStream.SendStream): void =>
  SendQueue.schedule(state.queue, stream, FlowControl.credit(state.flow))

/** Counts what `change` consumes of a receiving half, and queues the limits that follow. */
export const consuming = <A>(state: State, stream: ReceiveStream.ReceiveStream, now: Millis, change: () => A): A => {
  const before = ReceiveStream.consumed(stream)
  const result = change()
  const consumed = ReceiveStream.consumed(stream) - before
  if (consumed > 0 && FlowControl.consume(state.flow, consumed)) state.queue.dataLimit = true
  if (stream.isDone) FlowControl.returnWindow(state.flow, stream)
  else if (FlowControl.advance(state.flow, stream, RoundTrip.smoothed(state.recovery.rtt), now))
    state.queue.windows.add(stream)
  return result
}

/** Abandons the sending half. */
export const reset = (state: State, stream: SendStream.SendStream, code: number): void => {
  if (!SendStream.reset(stream, code)) return
  FlowControl.settle(state.flow, stream)
  state.queue.resets.add(stream)
  schedule(state, stream)
}

/** Removes a stream if both its halves are finished. */
export const finish = (state: State, stream: StreamTable.Stream, outputs: Array<Output>): void => {
  if (!StreamTable.isDone(stream)) return
  StreamTable.remove(state.table, stream)
  raiseStreamLimit(state)
  state.queue.windows.delete(stream.receive)
  if (stream.isAnnounced) outputs.push({ _tag: "Finished", stream: stream.id })
}

/** Sends MAX_STREAMS if it is due. */
export const raiseStreamLimit = (state: State): void => {
  if (StreamTable.raise(state.table)) state.queue.streamsLimit = true
}

/** Reports room to an application whose write was cut short. */
export const reportRoom = (state: State, stream: SendStream.SendStream, outputs: Array<Output>): void => {
  if (!stream.wantsRoom || SendStream.room(stream, state.flow.sendPool) < Limits.WRITABLE) return
  stream.wantsRoom = false
  outputs.push({ _tag: "Writable", stream: stream.id })
}

/** Ends all streams. */
export const end = (
  state: State,
  reason: StreamError.EndReason,
  code: number | undefined,
  outputs: Array<Output>
): void => {
  if (state.ended !== undefined) return
  state.ended = { reason, code, isDue: code !== undefined, countdown: 1, interval: 1 }
  state.table.streams.clear()
  SendQueue.clear(state.queue)
  LossRecovery.clear(state.recovery)
  outputs.push({ _tag: "Ended", reason })
}

export const violate = (state: State, violation: StreamError.Violation, outputs: Array<Output>): void =>
  end(state, { _tag: "PeerViolated", violation }, StreamError.codes[violation], outputs)

/** The peer still sends after our CLOSE, so it has not received it. */
export const answerWithClose = (ended: Ended): void => {
  if (ended.code === undefined || --ended.countdown > 0) return
  ended.isDue = true
  ended.interval *= 2
  ended.countdown = ended.interval
}
