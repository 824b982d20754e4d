/**
 * Applies the requests of applications to streams.
 */
import type { Millis } from "../Machine.ts"
import * as ByteQueue from "./ByteQueue.ts"
import * as FlowControl from "./FlowControl.ts"
import * as ReceiveStream from "./ReceiveStream.ts"
import * as SendStream from "./SendStream.ts"
import * as State from "./State.ts"
import * as StreamKind from "./StreamKind.ts"
import type { ApplicationInput, Output } from "./Streams.ts"
import * as StreamTable from "./StreamTable.ts"

export const accept = (
  state: State.State,
  input: Exclude<ApplicationInput, { readonly _tag: "CloseAll" }>,
  now: Millis,
  outputs: Array<Output>
): void => {
  if (input._tag === "Open") return open(state, input, outputs)
  const stream = state.table.streams.get(input.stream)
  if (stream === undefined || !stream.isAnnounced) {
    if (input._tag === "Write") outputs.push({ _tag: "Written", stream: input.stream, bytes: 0 })
    return
  }
  const { receive, send } = stream
  switch (input._tag) {
    case "Write":
      outputs.push({ _tag: "Written", stream: stream.id, bytes: write(state, send, input.bytes) })
      return
    case "AwaitRoom":
      send.wantsRoom = send.fin === "none" && send.reset === undefined
      return State.reportRoom(state, send, outputs)
    case "Finish":
      if (send.fin !== "none" || send.reset !== undefined) return
      send.fin = "unsent"
      return State.schedule(state, send)
    case "ResetSending":
      return State.reset(state, send, codeOf(input.code))
    case "Read": {
      if (receive.isDone || receive.stopped !== undefined) return
      const bytes = State.consuming(state, receive, now, () =>
        ReceiveStream.read(receive, input.max >= 1 ? Math.floor(input.max) : 0)
      )
      outputs.push({ _tag: "Data", stream: stream.id, bytes, isEnd: receive.isDone })
      return State.finish(state, stream, outputs)
    }
    case "StopReading":
      if (!State.consuming(state, receive, now, () => ReceiveStream.stop(receive, codeOf(input.code)))) return
      if (!receive.isDone) state.queue.stops.add(receive)
      return State.finish(state, stream, outputs)
  }
}

const open = (
  state: State.State,
  { buffer, header, kind, urgency }: Extract<ApplicationInput, { readonly _tag: "Open" }>,
  outputs: Array<Output>
): void => {
  const bytes = StreamKind.encode({ kind, header })
  const stream =
    bytes === undefined || state.ended !== undefined ? undefined : StreamTable.open(state.table, urgency, buffer)
  if (bytes === undefined || stream === undefined) return void outputs.push({ _tag: "OpenRefused" })
  write(state, stream.send, bytes)
  outputs.push({ _tag: "Opened", stream: stream.id })
}

/** A code that a frame can carry. */
const codeOf = (code: number): number => (Number.isSafeInteger(code) && code >= 0 ? code : 0)

const write = (state: State.State, stream: SendStream.SendStream, bytes: Uint8Array): number => {
  const length = Math.min(bytes.length, SendStream.room(stream, state.flow.sendPool))
  ByteQueue.write(stream.queue, stream.queue.end, length === bytes.length ? bytes : bytes.subarray(0, length))
  FlowControl.settle(state.flow, stream)
  stream.wantsRoom = length < bytes.length && stream.fin === "none" && stream.reset === undefined
  State.schedule(state, stream)
  return length
}
