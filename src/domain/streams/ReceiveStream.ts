/**
 * The receiving half of a stream: what arrived, until the application has read it.
 *
 * The bytes from `queue.start` to `ready` can be read; those in `beyond` wait for a gap to be filled. The peer may send up
 * to `advertised`, so that memory is bounded by what we advertise. Functions change the stream in place. Source: RFC 9000,
 * section 3.2.
 */
import * as ByteQueue from "./ByteQueue.ts"
import * as Limits from "./Limits.ts"
import * as RangeSet from "./RangeSet.ts"
import type { Violation } from "./StreamError.ts"

export interface ReceiveStream {
  readonly id: number
  readonly queue: ByteQueue.ByteQueue
  readonly beyond: RangeSet.RangeSet
  /** The end of the received bytes before the first gap. */
  ready: number
  /** One more than the highest offset that arrived: it counts against the limits. */
  highest: number
  /** Where the stream ends, if that is known. */
  finalSize: number | undefined
  /** The limit that was sent, or is to be sent. */
  advertised: number
  /** How far the limit is ahead of what was read. */
  window: number
  /** When the limit was last moved. */
  advertisedAt: number
  /** The code of STOP_SENDING, once the application does not want to read any more. */
  stopped: number | undefined
  /** The code of RESET_STREAM, once it arrived. */
  reset: number | undefined
  /** Whether the application has read everything, or knows of the reset. */
  isDone: boolean
}

export const make = (id: number): ReceiveStream => ({
  id,
  queue: ByteQueue.make(),
  beyond: [],
  ready: 0,
  highest: 0,
  finalSize: undefined,
  advertised: Limits.INITIAL_STREAM_DATA,
  window: Limits.INITIAL_STREAM_DATA,
  advertisedAt: -Infinity,
  stopped: undefined,
  reset: undefined,
  isDone: false
})

/** What is wrong with a frame that covers offsets up to `end`; `undefined` if nothing is. */
export const check = (stream: ReceiveStream, end: number, isFinal: boolean): Violation | undefined => {
  const { advertised, finalSize, highest } = stream
  if (finalSize !== undefined && (end > finalSize || (isFinal && end !== finalSize))) return "final-size-changed"
  if (isFinal && end < highest) return "final-size-changed"
  return end > advertised ? "window-exceeded" : undefined
}

/** Whether taking these bytes would make more gaps than we keep. */
export const wouldFragment = ({ beyond, ready }: ReceiveStream, start: number): boolean =>
  start > ready && RangeSet.count(beyond) >= Limits.RECEIVE_GAPS && !RangeSet.contains(beyond, start - 1)

/** Adds bytes that `check` has admitted. Returns by how many bytes `highest` grew. */
export const receive = (stream: ReceiveStream, offset: number, data: Uint8Array, isFinal: boolean): number => {
  const end = offset + data.length
  if (isFinal) stream.finalSize = end
  const growth = Math.max(0, end - stream.highest)
  stream.highest += growth
  if (stream.reset === undefined && end > stream.ready) store(stream, offset, data)
  if (stream.stopped !== undefined) discard(stream)
  return growth
}

const store = (stream: ReceiveStream, offset: number, data: Uint8Array): void => {
  const { beyond, queue } = stream
  const end = offset + data.length
  const start = Math.max(offset, stream.ready)
  ByteQueue.write(queue, start, start === offset ? data : data.subarray(start - offset))
  if (start > stream.ready) return RangeSet.add(beyond, start, end)
  stream.ready = end
  if (beyond.length === 0) return
  let passed = 0
  for (; passed < beyond.length && (beyond[passed] as number) <= stream.ready; passed += 2)
    stream.ready = Math.max(stream.ready, beyond[passed + 1] as number)
  if (passed > 0) beyond.splice(0, passed)
}

/** Drops the received bytes that the application will not read. */
const discard = (stream: ReceiveStream): void => {
  ByteQueue.release(stream.queue, stream.ready)
  if (stream.ready === stream.finalSize) stream.isDone = true
}

/** Removes and returns at most `max` of the bytes that can be read. */
export const read = (stream: ReceiveStream, max: number): Uint8Array => {
  const { queue, ready } = stream
  const length = Math.max(0, Math.min(max, ready - queue.start))
  const bytes = new Uint8Array(length)
  ByteQueue.copy(queue, queue.start, length, bytes, 0)
  ByteQueue.release(queue, queue.start + length)
  if (queue.start === stream.finalSize) stream.isDone = true
  return bytes
}

/** Whether there is anything for the application to read: bytes, or the end. */
export const isReadable = ({ finalSize, isDone, queue, ready }: ReceiveStream): boolean =>
  !isDone && (ready > queue.start || finalSize === ready)

/**
 * The peer abandoned the stream at `finalSize`, which `check` has admitted. Returns by how many bytes `highest` grew.
 */
export const onReset = (stream: ReceiveStream, code: number, finalSize: number): number => {
  const growth = finalSize - stream.highest
  stream.finalSize = finalSize
  stream.highest = finalSize
  if (stream.isDone) return growth
  stream.reset = code
  stream.beyond.length = 0
  stream.ready = finalSize
  ByteQueue.release(stream.queue, Math.max(finalSize, stream.queue.end))
  stream.isDone = true
  return growth
}

/** The application stops reading. Returns whether that changed anything. */
export const stop = (stream: ReceiveStream, code: number): boolean => {
  if (stream.stopped !== undefined || stream.isDone) return false
  stream.stopped = code
  discard(stream)
  return true
}

/** Bytes consumed: those that were read, and those that were discarded. */
export const consumed = ({ queue }: ReceiveStream): number => queue.start
