/**
 * What waits to be sent: limits, resets, and streams with data. Nothing is queued twice, so the number of streams
 * bounds the queue. Functions change the queue in place.
 */
import type { ReceiveStream } from "./ReceiveStream.ts"
import * as SendStream from "./SendStream.ts"
import { URGENCY_LAST } from "./StreamTable.ts"

export interface SendQueue {
  /** Streams that have something to send, by urgency, each in the order of their turns. A set is made when it is needed. */
  readonly streams: Array<Set<SendStream.SendStream> | undefined>
  /** Streams that only wait for the connection's limit. */
  readonly starved: Set<SendStream.SendStream>
  readonly resets: Set<SendStream.SendStream>
  readonly stops: Set<ReceiveStream>
  /** Streams whose limit has moved. */
  readonly windows: Set<ReceiveStream>
  /** Whether the connection's limit has moved. */
  dataLimit: boolean
  /** Whether the number of streams that the peer may open has grown. */
  streamsLimit: boolean
}

export const make = (): SendQueue => ({
  streams: Array.from({ length: URGENCY_LAST + 1 }),
  starved: new Set(),
  resets: new Set(),
  stops: new Set(),
  windows: new Set(),
  dataLimit: false,
  streamsLimit: false
})

/** Queues a stream by what it has to send. A stream that is queued with data keeps its turn. */
export const schedule = (queue: SendQueue, stream: SendStream.SendStream, credit: number): void => {
  if (SendStream.hasData(stream, credit)) {
    const ready = (queue.streams[stream.urgency] ??= new Set())
    ready.add(stream)
    queue.starved.delete(stream)
    return
  }
  queue.streams[stream.urgency]?.delete(stream)
  if (SendStream.hasData(stream, Infinity)) queue.starved.add(stream)
  else queue.starved.delete(stream)
}

/** The stream whose turn it is. */
export const next = ({ streams }: SendQueue): SendStream.SendStream | undefined => {
  for (const ready of streams) for (const stream of ready ?? []) return stream
  return undefined
}

/** The stream had its turn: it goes behind the others of its urgency. */
export const rotate = (queue: SendQueue, stream: SendStream.SendStream, credit: number): void => {
  queue.streams[stream.urgency]?.delete(stream)
  schedule(queue, stream, credit)
}

export const isEmpty = (queue: SendQueue): boolean =>
  !queue.dataLimit &&
  !queue.streamsLimit &&
  queue.resets.size + queue.stops.size + queue.windows.size === 0 &&
  queue.streams.every((ready) => (ready?.size ?? 0) === 0)

/** Whether nothing waits but streams of the last urgency. */
export const isBackground = (queue: SendQueue): boolean =>
  !queue.dataLimit &&
  !queue.streamsLimit &&
  queue.resets.size + queue.stops.size + queue.windows.size === 0 &&
  queue.streams.every((ready, urgency) => (ready?.size ?? 0) > 0 === (urgency === URGENCY_LAST))

export const clear = (queue: SendQueue): void => {
  for (const set of [...queue.streams, queue.starved, queue.resets, queue.stops, queue.windows]) set?.clear()
  queue.dataLimit = false
  queue.streamsLimit = false
}
