/**
 * Limits on what both ends send, per connection, and the memory that streams share.
 *
 * Each stream has a small window of its own. A stream that is read fast enlarges its window from a shared pool, and
 * returns that at its end. A part of the pool is for streams that surely have a reader. The connection's window is as large as all stream windows and the pool together, so between
 * honest ends it never limits anything: streams that are not read cannot stop the others. Source: RFC 9000, section 4.
 */
import type { Millis } from "../Machine.ts"
import * as Limits from "./Limits.ts"
import * as ReceiveStream from "./ReceiveStream.ts"
import * as SendStream from "./SendStream.ts"

export interface FlowControl {
  /** The sum of the highest offsets that arrived, over all streams there ever were. */
  received: number
  /** Bytes that were read or discarded, likewise. */
  consumed: number
  /** The limit of `received` that the peer has, or is about to be sent. */
  advertised: number
  /** What is left of `Limits.RECEIVE_POOL`. */
  receivePool: number
  /** The sum of the offsets that were sent. */
  sent: number
  /** The peer's limit of `sent`. */
  limit: number
  /** What is left of `Limits.SEND_POOL`. */
  sendPool: number
}

export const make = (): FlowControl => ({
  received: 0,
  consumed: 0,
  advertised: Limits.INITIAL_DATA,
  receivePool: Limits.RECEIVE_POOL,
  sent: 0,
  limit: Limits.INITIAL_DATA,
  sendPool: Limits.SEND_POOL
})

/** Bytes that the connection's limit still allows to send. */
export const credit = ({ limit, sent }: FlowControl): number => limit - sent

/** Whether the connection's limit admits so many bytes more from the peer. */
export const admits = ({ advertised, received }: FlowControl, growth: number): boolean =>
  received + growth <= advertised

/** Records consumed bytes. Returns whether MAX_DATA is due. */
export const consume = (flow: FlowControl, bytes: number): boolean => {
  flow.consumed += bytes
  const target = flow.consumed + Limits.DATA_WINDOW
  // The first limit lasts for a while, and most sessions read less.
  if (target - flow.advertised < Limits.DATA_STEP || flow.consumed < Limits.DATA_STEP) return false
  flow.advertised = target
  return true
}

/**
 * Records that the stream was read, and grows the window of a stream that is read fast. Returns whether MAX_STREAM_DATA
 * is due.
 */
export const advance = (flow: FlowControl, stream: ReceiveStream.ReceiveStream, rtt: Millis, now: Millis): boolean => {
  const consumed = ReceiveStream.consumed(stream)
  if (stream.finalSize !== undefined || consumed + stream.window * (3 / 4) < stream.advertised) return false
  const { window } = stream
  const isFast = now - stream.advertisedAt < Math.max(rtt, Limits.WINDOW_GROWTH)
  if (isFast && 2 * window <= Limits.STREAM_WINDOW_MAX && flow.receivePool - window >= kept(stream)) {
    flow.receivePool -= window
    stream.window = 2 * window
  }
  stream.advertised = consumed + stream.window
  stream.advertisedAt = now
  return true
}

/**
 * What a stream has to leave of the pool when its window doubles. Connections that are not read look like fast readers at first:
 * without this, a few of them would keep the pool for as long as they last, and each later stream its initial window.
 */
const kept = (stream: ReceiveStream.ReceiveStream): number => {
  if (ReceiveStream.consumed(stream) >= Limits.PROVEN) return 0
  return 2 * stream.window <= Limits.UNPROVEN_WINDOW ? Limits.PROVEN_POOL : Limits.RECEIVE_POOL - Limits.UNPROVEN_POOL
}

/** The receiving half of a stream is finished: returns its window to the pool. */
export const returnWindow = (flow: FlowControl, stream: ReceiveStream.ReceiveStream): void => {
  flow.receivePool += stream.window - Limits.INITIAL_STREAM_DATA
  stream.window = Limits.INITIAL_STREAM_DATA
}

/** Updates what the stream has taken from the pool. To be called after each change of what it buffers. */
export const settle = (flow: FlowControl, stream: SendStream.SendStream): void => {
  const pooled = Math.max(0, SendStream.buffered(stream) - Limits.SEND_BUFFER)
  flow.sendPool -= pooled - stream.pooled
  stream.pooled = pooled
}
